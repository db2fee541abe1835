package okapisuite

import (
	"net/http"
	"testing"
)

// A tenant's admin may read its own jobs, and do nothing else; its other people may do nothing. This needs people whom the
// suite knows, which only the installation has that it starts itself.
func TestTenantsPeople(t *testing.T) {
	if ours == nil {
		t.Skip("OKAPI_URL names a server whose people are not known")
	}
	w := setup(t)
	admin, editor := tokenOf(t, "ada"), tokenOf(t, "ben")
	for _, path := range []string{"/_/proxy/tenants/demo/install", "/_/proxy/tenants/demo/upgrade"} {
		doAs(t, admin, "GET", path, nil, nil).want(http.StatusOK).list()
		doAs(t, editor, "GET", path, nil, nil).refused(http.StatusForbidden)
	}
	unknown := "/_/proxy/tenants/demo/install/00000000-0000-4000-8000-000000000000"
	doAs(t, admin, "GET", unknown, nil, nil).refused(http.StatusNotFound)
	doAs(t, admin, "DELETE", unknown, nil, nil).refused(http.StatusForbidden)
	doAs(t, admin, "POST", "/_/proxy/tenants/demo/install?simulate=true", enable("x-1.0.0"), nil).refused(http.StatusForbidden)
	doAs(t, admin, "POST", "/_/proxy/tenants/demo/upgrade?simulate=true", nil, nil).refused(http.StatusForbidden)
	for _, path := range []string{w.path(""), w.path("/install"), w.path("/modules"), "/_/proxy/tenants", "/_/proxy/modules", "/_/discovery/modules"} {
		if r := doAs(t, admin, "GET", path, nil, nil); r.status != http.StatusUnauthorized && r.status != http.StatusForbidden {
			t.Errorf("GET %s as an admin of another tenant: %d %s", path, r.status, r.body)
		}
	}
}

func tokenOf(t *testing.T, who string) string {
	t.Helper()
	token, err := ours.token("--tenant", "demo", "--user", who)
	if err != nil {
		t.Fatal(err)
	}
	return token
}
