package handlers

import (
	"testing"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

func TestWhatIsSwitchedOffIsNotServed(t *testing.T) {
	t.Parallel()
	const both, editor, never = "core and editor", "editor", "never"
	for path, off := range map[string]string{
		"/": both, "/events": both, "/events/e1": both, "/events/e1/watch": both, "/series/s1": both, "/runs/r1": both, "/jobs": both, "/media/a/b": both,
		"/api/v1/events": both, "/api/v1/events/e1": both, "/api/v1/events/e1/acl": both, "/api/v1/uploads/u": both, "/api/v1/search": both,
		"/events/e1/edit": editor, "/events/e1/publish": editor, "/api/v1/events/e1/edit/ops": editor, "/api/v1/events/e1/live": editor,
		"/api/v1/events/e1/editors": editor, "/api/v1/events/e1/runs": editor, "/events/edit": both,
		"/sign-in": never, "/sign-out": never, "/settings": never, "/tenants": never, "/installs/i": never, "/nodes": never, "/_/proxy/tenants": never,
		"/api/v1/me": never, "/api/v1/nodes": never, "/api/v1/audit": never, "/api/openapi.json": never, "/metrics": never,
	} {
		for _, c := range []struct {
			off     []string
			refused bool
		}{
			{nil, false}, {[]string{"cutroom-editor"}, off == editor}, {[]string{"cutroom-core"}, off != never}, {[]string{"other"}, false},
		} {
			err := served(tenant.Tenant{Off: c.off}, path)
			if (err != nil) != c.refused || err != nil && fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s without %v: %v", path, c.off, err)
			}
		}
	}
}
