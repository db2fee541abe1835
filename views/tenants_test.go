package views

import (
	"strings"
	"testing"

	"github.com/a-h/templ"
)

// TestOperatorsPages draws the pages of tenants, installs and upgrades of many, and looks for what an operator came for.
func TestOperatorsPages(t *testing.T) {
	// Of these a part is enough: the rest is long, or changes with the clock.
	parts := map[string]string{"dialog[data-open]": "Use lower-case letters and digits, a letter first.", "a.upgrade-line": "45 of 100 tenants"}
	for _, check := range []struct {
		name  string
		page  templ.Component
		query string
		texts []string
	}{
		{"the running job is told in the list", Tenants(sampleTenants()), "a.tenant-install", []string{"Being upgraded2 of 4 modules50 %"}},
		{"only what can be upgraded can be chosen", Tenants(sampleTenants()), "input[name=tenant]", []string{""}},
		{"who is being deleted leads nowhere", Tenants(sampleTenants()), "tr.tenant-gone", []string{"Alte Musikschule altcutroom.alt.example 4Being deleted"}},
		{"an upgrade of many is told on the list", Tenants(sampleTenantsMany()), "a.upgrade-line", nil},
		{"a refused tenant keeps what was typed", Tenants(sampleTenantsRefused()), "textarea[id=new-hosts]", []string{"cutroom.hs-nord.example"}},
		{"and is told why", Tenants(sampleTenantsRefused()), "dialog[data-open]", nil},
		{"a newer version is there", Tenant(sampleTenant()), "span.tag-changed", []string{"1.4.0 is there", "1.0.0 is there"}},
		{"what would happen, in order", Tenant(sampleTenant()), "ol.install-would", []string{"Upgrade cutroom-opencast from 0.9.2 to 1.0.0, which goes along with itEnable opencast-events 2.1.0"}},
		{"disabling asks first", Tenant(sampleTenantDisable()), "h2[id=install-heading]", []string{"Disable cutroom-search 1.3.2?"}},
		{"nothing is lost by a wrong number", Tenant(sampleTenantNew()), "input[id=install-parallel]", []string{""}},
		{"its name was not typed", TenantDelete(sampleTenantDelete()), "p.field-error", []string{"This is not its name. Nothing was deleted."}},
		{"a module's error stands in full", Install(sampleInstallPage()), "pre.install-error", []string{"POST request for transcriber-3.2.1 /_/tenant failed with 403: { \"errors\": [ { \"message\": \"not allowed for hsnord\", \"code\": \"E17\" } ] }"}},
		{"who may only read has no buttons", Install(sampleInstallRead()), "form[action=/installs/0d9b2c5e-7a55-4a6e-9d0b-5b0f5c1f2a01/abort]", nil},
		{"a limit that is none is refused in its place", NewUpgrade(sampleNewUpgrade()), "p.field-error", []string{"Use a whole number from 1 to 50."}},
		{"those that run come first", Upgrade(sampleUpgrade()), "progress", []string{"45 %", "50 %", "0 %"}},
	} {
		t.Run(check.name, func(t *testing.T) {
			var got []string
			for _, n := range find(t, draw(t, check.page), check.query) {
				got = append(got, text(n))
			}
			if part, long := parts[check.query]; long {
				if len(got) != 1 || !strings.Contains(got[0], part) {
					t.Errorf("%s shows %q, without %q", check.query, got, part)
				}
				return
			}
			if strings.Join(got, "|") != strings.Join(check.texts, "|") {
				t.Errorf("%s shows %q, want %q", check.query, got, check.texts)
			}
		})
	}
}
