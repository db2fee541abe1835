package handlers

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fleet"
	"cutroom/internal/install"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// operatorSite is a site with the operator olga, in which module x has two versions and tenant north has the older.
type operatorSite struct {
	*site
	olga, ada, nora string // headers with tokens
}

func operatorSetup(t *testing.T) *operatorSite {
	t.Helper()
	s := pageSetup(t)
	installs, err := install.New(s.DB, live.Discard{})
	if err != nil {
		t.Fatal(err)
	}
	s.Installs, s.Fleet = installs, &fleet.Store{DB: s.DB, Installs: installs}
	s.north(t)
	s.system(t, `insert into module (id, product, descriptor) values ('x-1.0.0', 'x', '{"id":"x-1.0.0"}'), ('x-1.1.0', 'x', '{"id":"x-1.1.0"}'),
		('y-2.0.0', 'y', '{"id":"y-2.0.0","requires":[{"id":"ix","version":"1.0"}]}'), ('z-1.0.0', 'z', '{"id":"z-1.0.0","requires":[{"id":"nowhere","version":"1.0"}]}')`)
	s.system(t, `update module set descriptor = '{"id":"x-1.1.0","provides":[{"id":"ix","version":"1.0"}]}' where id = 'x-1.1.0'`)
	s.system(t, "insert into tenant_module (tenant_id, product, module_id) values ('north', 'x', 'x-1.0.0')")
	return &operatorSite{s, s.bearer(t, tenant.Operators, user.NewPerson{Name: "olga", DisplayName: "Olga Olsen"}),
		s.bearer(t, "demo", user.NewPerson{Name: "ada"}), s.bearer(t, north, user.NewPerson{Name: "nora", Role: "admin"})}
}

func (s *site) system(t *testing.T, sql string, args ...any) {
	t.Helper()
	err := s.DB.System(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// do is a request of an operator above the tenants, in English.
func (o *operatorSite) do(t *testing.T, method, path, form string) result {
	t.Helper()
	return o.call(t, nil, method, path, form, bareHost, o.olga, "Accept-Language: en")
}

func wants(t *testing.T, got result, status int, parts ...string) {
	t.Helper()
	if got.status != status {
		t.Errorf("status %d, want %d: %.600s", got.status, status, got.body)
	}
	for _, part := range parts {
		if !strings.Contains(got.body, part) {
			t.Errorf("without %q: %.3000s", part, got.body)
		}
	}
}

func TestOnlyOperatorsSeeTheTenants(t *testing.T) {
	t.Parallel()
	o := operatorSetup(t)
	for _, path := range []string{"/tenants", "/tenants/_list", "/tenants/north", "/tenants/north/jobs", "/tenants/north/modules", "/tenants/north/delete", "/upgrades/new"} {
		wants(t, o.do(t, "GET", path, ""), 200)
		if got := o.call(t, nil, "GET", path, "", northHost, o.nora); got.status != 403 {
			t.Errorf("%s to an admin: %d", path, got.status)
		}
		if got := o.call(t, nil, "GET", path, "", northHost); got.status != 303 {
			t.Errorf("%s to nobody: %d", path, got.status)
		}
	}
	wants(t, o.do(t, "GET", "/tenants?q=nor", ""), 200, "North", "1 module can be upgraded")
	wants(t, o.do(t, "GET", "/tenants?q=hamster", ""), 200, "Nothing found for “hamster”.")
	wants(t, o.do(t, "GET", "/tenants/none", ""), 404)
	wants(t, o.do(t, "GET", "/tenants/_operators", ""), 404)
}

func TestATenantIsMadeChangedAndDeleted(t *testing.T) {
	t.Parallel()
	o := operatorSetup(t)
	form := url.Values{"id": {"HS Nord"}, "name": {"Hochschule Nord"}, "hosts": {"a b_c"}}
	wants(t, o.do(t, "POST", "/tenants", form.Encode()), 422, "data-open", "Use lower-case letters and digits", `value="HS Nord"`, "a b_c</textarea>", "b_c: A host name has")
	form.Set("id", "north")
	form.Set("hosts", "")
	wants(t, o.do(t, "POST", "/tenants", form.Encode()), 409, "data-open", "Hochschule Nord")
	form.Set("id", "hsnord")
	form.Set("hosts", "Cutroom.HS-Nord.example\r\nvideo.hs-nord.example")
	made := o.do(t, "POST", "/tenants", form.Encode())
	wants(t, made, 303)
	wants(t, o.do(t, "GET", made.header.Get("Location"), ""), 200, "Hochschule Nord is there.", "cutroom.hs-nord.example", "cutroom-core", "cutroom-editor", "hsnord.localhost", "0 recordings")

	wants(t, o.do(t, "POST", "/tenants/hsnord", "name=+&description=d&hosts=x.example"), 422, "Use 1 to 200 signs", "x.example")
	wants(t, o.do(t, "POST", "/tenants/hsnord", "name=Nord&description=New&hosts=x.example"), 303)
	wants(t, o.do(t, "GET", "/tenants/hsnord?saved=1", ""), 200, "<h1>Nord</h1>", "x.example", "Saved")

	wants(t, o.do(t, "GET", "/tenants/hsnord/delete", ""), 200, "Delete Nord?", "0 recordings", "x.example")
	wants(t, o.do(t, "POST", "/tenants/hsnord/delete", "name=nord"), 422, "This is not its name. Nothing was deleted.", `value="nord"`)
	gone := o.do(t, "POST", "/tenants/hsnord/delete", "name=Nord")
	wants(t, gone, 303)
	wants(t, o.do(t, "GET", gone.header.Get("Location"), ""), 200, "Nord is being deleted.", "Being deleted")
	wants(t, o.do(t, "GET", "/tenants/hsnord", ""), 404)
}

var installLink = regexp.MustCompile(`/installs/([0-9a-f-]{36})`)

func TestModulesAreInstalledFromAPage(t *testing.T) {
	t.Parallel()
	o := operatorSetup(t)
	wants(t, o.do(t, "GET", "/tenants/north", ""), 200, "1.1.0 is there", "has 1.0.0", "Upgrade all")
	wants(t, o.do(t, "GET", "/tenants/north?do=preview&module=y", ""), 200, "This would happen", "Upgrade x from 1.0.0 to 1.1.0, which goes along with it", "Enable y 2.0.0", `value="y" checked`)
	wants(t, o.do(t, "GET", "/tenants/north?do=upgrade", ""), 200, "Upgrade all modules?", "Upgrade x from 1.0.0 to 1.1.0")
	wants(t, o.do(t, "GET", "/tenants/north?do=disable&module=x-1.0.0", ""), 200, "Disable x 1.0.0?", "Disable x 1.0.0")
	wants(t, o.do(t, "GET", "/tenants/north?do=preview&other=nothing-1.0.0", ""), 200, "nothing-1.0.0", `role="alert"`)
	wants(t, o.do(t, "POST", "/tenants/north/install", "do=install&module=z&stopAtFailure=yes&parameters=a%3Db"), 422, "interface nowhere required by module z-1.0.0 not found", `value="a=b"`, `value="z" checked`)
	wants(t, o.do(t, "POST", "/tenants/north/install", "do=install&module=y&parallel=80"), 422, "Use a whole number from 1 to 50.", `value="80"`)
	wants(t, o.do(t, "POST", "/tenants/north/install", "do=install"), 422, "Choose at least one module.")

	wants(t, o.do(t, "POST", "/tenants/north/install", "do=install&module=y&purge=yes"), 303)
	page := o.do(t, "GET", "/tenants/north", "")
	wants(t, page, 200, "Installing 2 modules", "y 2.0.0", "Abort", "data-live", "Waits in the job above")
	found := installLink.FindStringSubmatch(page.body)
	if found == nil {
		t.Fatal("no install stands on the tenant's page: ", o.log)
	}
	id := found[1]
	wants(t, o.do(t, "GET", "/tenants/north/jobs", ""), 200, "Installing 2 modules")
	wants(t, o.do(t, "GET", "/installs/"+id, ""), 200, "Olga Olsen", "goes on after a failure", "clears old data first", "0 of 2 modules")

	// The tenant's admin may look, and no more; another tenant's finds nothing.
	own := o.call(t, nil, "GET", "/installs/"+id, "", northHost, o.nora, "Accept-Language: en")
	wants(t, own, 200, "0 of 2 modules")
	if strings.Contains(own.body, "/abort") {
		t.Error("a tenant's admin is offered Abort")
	}
	wants(t, o.call(t, nil, "GET", "/installs/"+id+"/progress", "", northHost, o.nora), 200)
	wants(t, o.call(t, nil, "POST", "/installs/"+id+"/abort", "x=1", northHost, o.nora), 403)
	wants(t, o.call(t, nil, "GET", "/installs/"+id, "", demoHost, o.ada), 404)
	wants(t, o.do(t, "GET", "/installs/nothing", ""), 404)

	wants(t, o.do(t, "POST", "/installs/"+id+"/abort", "x=1"), 303)
	o.system(t, `update install set state = 'error', lease_until = null, end_date = clock_timestamp() where end_date is null`)
	o.system(t, `update install_module set status = 'error', stage = 'invoke', message = 'POST request for x-1.1.0 /_/tenant failed with 403: <no>', errors = '[{"message":"more","code":"E17"}]' where module_id = 'x-1.1.0'`)
	wants(t, o.do(t, "GET", "/installs/"+id, ""), 200, "failed with 403: &lt;no&gt;", "code: E17", "Retry")
	again := o.do(t, "POST", "/installs/"+id+"/retry", "x=1")
	wants(t, again, 303)
	wants(t, o.do(t, "GET", again.header.Get("Location"), ""), 200, "0 of 2 modules", "clears old data first")
	wants(t, o.do(t, "GET", "/tenants/north/modules", ""), 200, "Aborted · Olga Olsen")
}

func TestManyTenantsAreUpgradedFromAPage(t *testing.T) {
	t.Parallel()
	o := operatorSetup(t)
	o.system(t, "insert into tenant_module (tenant_id, product, module_id) values ('demo', 'x', 'x-1.0.0')")
	wants(t, o.do(t, "GET", "/upgrades/new?tenant=north&tenant=none", ""), 200, "Upgrade 1 tenant?", "1.0.0 to 1.1.0", `value="4"`)
	wants(t, o.do(t, "GET", "/upgrades/new", ""), 200, "Nothing to upgrade")
	wants(t, o.do(t, "POST", "/upgrades", "all=yes&most=many"), 422, "Use a whole number from 1 to 50.", `value="many"`, "Upgrade 2 tenants?")
	started := o.do(t, "POST", "/upgrades", "all=yes&most=1")
	wants(t, started, 303)
	at := started.header.Get("Location")
	wants(t, o.do(t, "GET", at, ""), 200, "Upgrade of 2 tenants", "0 of 2 tenants", "1 at a time.", "0 of 1 module", "Waits")
	wants(t, o.do(t, "GET", "/tenants", ""), 200, "Upgrade of 2 tenants", "Being upgraded")
	wants(t, o.do(t, "GET", at+"/progress", ""), 200, "data-live")
	wants(t, o.do(t, "POST", at+"/abort", "x=1"), 303)
	o.system(t, "update install set state = 'aborted', lease_until = null, end_date = clock_timestamp() where end_date is null")
	if _, err := o.Fleet.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	wants(t, o.do(t, "GET", at, ""), 200, "2 of 2 tenants", "Aborted", "Retry the rest")
	wants(t, o.do(t, "POST", at+"/retry", "x=1"), 303)
	wants(t, o.do(t, "GET", "/upgrades/nothing", ""), 404)
}
