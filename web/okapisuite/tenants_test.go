package okapisuite

import (
	"net/http"
	"slices"
	"testing"
)

func TestTenants(t *testing.T) {
	t.Parallel()
	id := "t" + letters(12)
	about := map[string]any{"id": id, "name": "North", "description": "For the suite"}
	r := do(t, "POST", "/_/proxy/tenants", about).want(http.StatusCreated)
	t.Cleanup(func() { do(t, "DELETE", "/_/proxy/tenants/"+id, nil).want(http.StatusNoContent, http.StatusNotFound) })
	same(t, "the new tenant", r.object(), about)
	if location := r.header.Get("Location"); location != "/_/proxy/tenants/"+id {
		t.Errorf("Location %q", location)
	}
	same(t, "the tenant", do(t, "GET", "/_/proxy/tenants/"+id, nil).want(http.StatusOK).object(), about)
	if got := do(t, "GET", "/_/proxy/tenants/"+id+"/modules", nil).want(http.StatusOK).list(); len(got) != 0 {
		t.Errorf("a new tenant has %v", got)
	}

	do(t, "POST", "/_/proxy/tenants", about).text(http.StatusBadRequest, "Duplicate tenant id "+id)
	about["name"] = "South"
	same(t, "the changed tenant", do(t, "PUT", "/_/proxy/tenants/"+id, about).want(http.StatusOK).object(), about)
	same(t, "the tenant", do(t, "GET", "/_/proxy/tenants/"+id, nil).want(http.StatusOK).object(), about)
	do(t, "PUT", "/_/proxy/tenants/"+id, map[string]any{"id": "other", "name": "x"}).text(http.StatusBadRequest, "Tenant.id=other id="+id)
	listed := do(t, "GET", "/_/proxy/tenants", nil).want(http.StatusOK).list()
	if !slices.ContainsFunc(listed, func(m map[string]any) bool { return m["id"] == id && m["name"] == "South" }) {
		t.Errorf("the list has no %s: %v", id, listed)
	}

	if r := do(t, "DELETE", "/_/proxy/tenants/"+id, nil).want(http.StatusNoContent); r.body != "" {
		t.Errorf("DELETE answered %q", r.body)
	}
	do(t, "GET", "/_/proxy/tenants/"+id, nil).text(http.StatusNotFound, id)
	do(t, "DELETE", "/_/proxy/tenants/"+id, nil).text(http.StatusNotFound, id)
}

func TestTenantIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"North", "1north", "no-rth", "no_rth", "n" + letters(31), "nörd", "a b"} {
		do(t, "POST", "/_/proxy/tenants", map[string]string{"id": id, "name": "x"}).
			text(http.StatusBadRequest, "Tenant id "+id+" invalid. Must match ^[a-z][a-z0-9]{0,30}$")
	}
	do(t, "POST", "/_/proxy/tenants", "{").refused(http.StatusBadRequest)
}

// Every address of a tenant that is not there answers 404 with its id.
func TestUnknownTenant(t *testing.T) {
	t.Parallel()
	id := "t" + letters(12)
	at := "/_/proxy/tenants/" + id
	do(t, "GET", at, nil).text(http.StatusNotFound, id)
	do(t, "DELETE", at, nil).text(http.StatusNotFound, id)
	do(t, "GET", at+"/modules", nil).text(http.StatusNotFound, id)
	do(t, "GET", at+"/install", nil).text(http.StatusNotFound, id)
	do(t, "DELETE", at+"/install", nil).text(http.StatusNotFound, id)
	do(t, "GET", at+"/install/00000000-0000-4000-8000-000000000000", nil).text(http.StatusNotFound, id)
	do(t, "DELETE", at+"/install/00000000-0000-4000-8000-000000000000", nil).text(http.StatusNotFound, id)
	for _, query := range []string{"", "?async=true", "?simulate=true"} {
		do(t, "POST", at+"/install"+query, enable()).want(http.StatusNotFound, http.StatusBadRequest)
		do(t, "POST", at+"/install"+query, enable("nothing-1.0.0")).want(http.StatusNotFound)
		do(t, "POST", at+"/upgrade"+query, nil).text(http.StatusNotFound, id)
	}
}

// A tenant's jobs go with it.
func TestTenantTakesItsJobsAlong(t *testing.T) {
	w := setup(t)
	beyond(t, "Okapi keeps the jobs of a deleted tenant for the next one of that name")
	w.install("", enable(w.simple("a-1.0.0", "")), http.StatusOK, "enable a-1.0.0")
	if len(w.jobs("install")) != 1 {
		t.Errorf("jobs %v", w.jobs("install"))
	}
	do(t, "DELETE", w.path(""), nil).want(http.StatusNoContent)
	again := func() bool {
		return do(t, "POST", "/_/proxy/tenants", map[string]string{"id": w.tenant, "name": "again"}).status == http.StatusCreated
	}
	eventually(t, "the name is free again", again)
	if jobs := w.jobs("install"); len(jobs) != 0 {
		t.Errorf("jobs of the tenant before: %v", jobs)
	}
	w.has()
}
