package handlers

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cutroom/internal/dbtest"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

func TestOkapiTenants(t *testing.T) {
	o := okapiSetup(t)
	o.work()
	const all, north = "/_/proxy/tenants", "/_/proxy/tenants/north"
	about := `{"id":"north","name":"North","description":"Up there"}`
	got := o.want("POST", all+"?x=y", about, 201, about)
	if at := got.header.Get("Location"); at != north {
		t.Errorf("Location %q", at)
	}
	o.want("GET", north, "", 200, about)
	o.want("GET", north+"/", "", 200, about)
	o.want("GET", all, "", 200, `[{"id":"demo","name":"Demo"},`+about+`]`)
	o.want("POST", all, about, 400, "Duplicate tenant id north")
	o.want("PUT", north, `{"id":"north"}`, 200, `{"id":"north"}`)
	o.want("GET", north, "", 200, `{"id":"north"}`)
	o.want("PUT", north, `{"id":"south"}`, 400, "Tenant.id=south id=north")
	o.want("PUT", north, `{"name":"x"}`, 400, "Tenant.id=null id=north")
	o.want("PUT", all+"/south", `{"id":"south","name":"S"}`, 200, `{"id":"south","name":"S"}`)
	o.want("GET", all+"/south", "", 200, `{"id":"south","name":"S"}`)
	o.want("POST", all, `{"name":"x"}`, 400, "Tenant id required")
	o.want("POST", all, `{"id":""}`, 400, "Tenant id required")
	for _, id := range []string{"North", "1a", "a-b", "_operators", "a" + strings.Repeat("b", 31), "é"} {
		o.want("POST", all, `{"id":"`+id+`"}`, 400, "Tenant id "+id+" invalid. Must match ^[a-z][a-z0-9]{0,30}$")
		o.want("PUT", all+"/"+id, `{"id":"`+id+`"}`, 400, "Tenant id "+id+" invalid. Must match ^[a-z][a-z0-9]{0,30}$")
		o.want("GET", all+"/"+id, "", 404, id)
		o.want("DELETE", all+"/"+id, "", 404, id)
	}
	for _, body := range []string{"", "{", "[]", "null", `{"id":5}`, `{"id":"a","x":1}`, `{"id":"a"} x`, `{"id":"a","name":"` + strings.Repeat("n", 5000) + `"}`, "{\"id\":\"a\",\"name\":\"\x00\"}",
		`{"id":"a","name":"\u0000"}`, `{"id":"a","description":"\u0000"}`, `{"id":"a","name":"` + strings.Repeat("n", 5<<20) + `"}`} {
		o.want("POST", all, body, 400, "")
		o.want("PUT", all+"/a", body, 400, "")
	}
	o.want("DELETE", north, "", 204, "")
	o.want("GET", north, "", 404, "north")
	o.want("DELETE", north, "", 404, "north")
	o.want("GET", all, "", 200, `[{"id":"demo","name":"Demo"},{"id":"south","name":"S"}]`)
	o.want("POST", all, `{"id":"north"}`, 201, "")
}

// Of many who put the same new tenant one makes it, and the others find it there.
func TestOkapiPutsAtOnce(t *testing.T) {
	o := okapiSetup(t)
	const all = "/_/proxy/tenants/same"
	var ended sync.WaitGroup
	for range 4 {
		ended.Go(func() { o.want("PUT", all, `{"id":"same","name":"S"}`, 200, `{"id":"same","name":"S"}`) })
	}
	ended.Wait()
	o.want("GET", all, "", 200, `{"id":"same","name":"S"}`)
}

// A deletion that takes long is not waited for without end.
func TestOkapiWaitsForADeletion(t *testing.T) {
	o := okapiSetup(t)
	if err := o.DB.StartDelete(t.Context(), dbtest.Tenant, "olga"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := o.untilDeleted(ctx, dbtest.Tenant); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting: %v", err)
	}
	o.work()
	if err := o.untilDeleted(t.Context(), dbtest.Tenant); err != nil {
		t.Error(err)
	}
}

func TestOkapiAsksWhoCalls(t *testing.T) {
	o := okapiSetup(t)
	if err := o.DB.Create(t.Context(), "north", "North", "", nil); err != nil {
		t.Fatal(err)
	}
	token := strings.TrimPrefix(o.olga, "Authorization: Bearer ")
	reader := o.bearer(t, tenant.Operators, user.NewPerson{Name: "olga"}, "read")
	ada, vera := "Authorization: Bearer "+o.token(t, "ada"), "Authorization: Bearer "+o.token(t, "vera")
	nora := o.bearer(t, "north", user.NewPerson{Name: "nora", Role: "admin"})
	jobs, demo := demoTenant+"/install", "X-Okapi-Tenant: demo"
	for _, c := range []struct {
		name, method, path string
		status             int
		headers            []string
	}{
		{"nobody", "GET", "/_/proxy/tenants", 401, nil},
		{"nobody", "GET", jobs, 401, nil},
		{"nobody", "GET", "/_/proxy/tenants/none", 401, nil},
		{"nobody", "POST", "/_/proxy/tenants", 401, nil},
		{"a wrong token", "GET", demoTenant, 401, []string{"X-Okapi-Token: wrong"}},
		{"a wrong token", "GET", "/_/proxy/tenants/none", 401, []string{"Authorization: Bearer wrong"}},
		{"an operator", "GET", demoTenant, 200, []string{o.olga}},
		{"Okapi's header", "GET", demoTenant, 200, []string{"X-Okapi-Token: " + token}},
		{"Okapi's headers", "GET", demoTenant, 200, []string{"X-Okapi-Token: " + token, "X-Okapi-Tenant: supertenant"}},
		{"both the same", "GET", demoTenant, 200, []string{"X-Okapi-Token: " + token, o.olga}},
		{"two", "GET", demoTenant, 400, []string{"X-Okapi-Token: " + token, "Authorization: Bearer x"}},
		{"any host", "GET", demoTenant, 200, []string{o.olga, "Host: none.example"}},
		{"a reader", "GET", "/_/proxy/modules", 200, []string{reader}},
		{"a reader", "POST", "/_/proxy/modules", 403, []string{reader}},
		{"a reader", "DELETE", jobs, 403, []string{reader}},
		{"an admin", "GET", jobs, 200, []string{ada}},
		{"an admin", "GET", demoTenant + "/upgrade", 200, []string{ada}},
		{"an admin", "GET", jobs + "/00000000-0000-4000-8000-000000000000", 404, []string{ada}},
		{"an admin", "GET", demoTenant, 403, []string{ada}},
		{"an admin", "GET", demoTenant + "/modules", 403, []string{ada}},
		{"an admin", "POST", jobs, 403, []string{ada}},
		{"an admin", "DELETE", jobs, 403, []string{ada}},
		{"an admin", "GET", "/_/proxy/tenants", 403, []string{ada, demo}},
		{"a viewer", "GET", jobs, 403, []string{vera}},
		{"another's admin", "GET", jobs, 401, []string{nora}},
		{"another's admin", "GET", jobs, 401, []string{nora, "X-Okapi-Tenant: north"}},
		{"another's admin", "POST", "/_/proxy/modules", 403, []string{nora, "X-Okapi-Tenant: north"}},
		{"nobody", "GET", "/_/version", 200, nil},
		{"nobody", "GET", "/_/proxy/health", 200, nil},
		{"nobody", "GET", "/_/nothing", 404, nil},
		{"nobody", "PATCH", "/_/proxy/tenants", 405, nil},
		{"nobody", "POST", "/_/version", 405, nil},
	} {
		got := o.call(t, nil, c.method, c.path, "", c.headers...)
		want := ""
		if c.status == 200 {
			want = got.body
		}
		if c.path == "/_/version" && c.status == 200 {
			if got.status != 200 || got.body != "dev" || !strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") {
				t.Errorf("version: %+v", got)
			}
			continue
		}
		o.check(c.name+": "+c.method+" "+c.path, got, c.status, want)
	}
	if got := o.call(t, nil, "PATCH", "/_/proxy/tenants/demo", ""); got.header.Get("Allow") != "GET, PUT, DELETE" {
		t.Errorf("Allow: %q", got.header.Get("Allow"))
	}
}

func TestOkapiBySession(t *testing.T) {
	o := okapiSetup(t)
	secret, _, err := o.sessions.sessions.Begin(t.Context(), user.Who{Tenant: tenant.Operators, User: "operator:olga", Role: user.OperatorRole}, user.Begin{How: "test"})
	if err != nil {
		t.Fatal(err)
	}
	cookie := "Cookie: sid=" + secret
	o.check("reading", o.call(t, nil, "GET", demoTenant, "", cookie), 200, `{"id":"demo","name":"Demo"}`)
	o.check("writing", o.call(t, nil, "PUT", demoTenant, `{"id":"demo","name":"D"}`, cookie), 200, `{"id":"demo","name":"D"}`)
	o.check("from elsewhere", o.call(t, nil, "PUT", demoTenant, `{"id":"demo","name":"E"}`, cookie, "Origin: https://evil.example"), 403, "This request came from another site.")
	o.check("with a token", o.call(t, nil, "PUT", demoTenant, `{"id":"demo","name":"E"}`, o.olga, "Origin: https://evil.example"), 200, "")
}

func TestOkapiOnceForAKey(t *testing.T) {
	o := okapiSetup(t)
	body := `{"id":"north","name":"North"}`
	for range 2 {
		o.check("the same twice", o.do("POST", "/_/proxy/tenants", body, "Idempotency-Key: k"), 201, body)
	}
	got := o.do("POST", "/_/proxy/tenants", `{"id":"south"}`, "Idempotency-Key: k")
	o.check("another", got, 400, "")
	o.want("GET", "/_/proxy/tenants/south", "", 404, "south")
}

func TestOkapiRefusesBodiesThatAreTooLarge(t *testing.T) {
	o := okapiSetup(t)
	for path, size := range map[string]int{demoTenant + "/install": maxBody, "/_/discovery/modules": maxBody, "/_/proxy/import/modules": maxImport} {
		got := o.do("POST", path, strings.Repeat(" ", size+1))
		if got.status != http.StatusBadRequest || !strings.HasPrefix(got.body, "The body has more than ") {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}
