package okapisuite

import (
	"net/http"
	"slices"
	"testing"

	"cutroom/internal/install/stubmodule"
)

func TestModules(t *testing.T) {
	w := setup(t)
	d := stubmodule.Descriptor{ID: w.id("a-1.0.0"), Tenant: "2.0", Provides: []stubmodule.Interface{w.face("a", "1.0")}}
	w.made = append(w.made, d.ID)
	at := "/_/proxy/modules/" + d.ID
	r := do(t, "POST", "/_/proxy/modules", string(d.JSON())).want(http.StatusCreated)
	if location := r.header.Get("Location"); location != at {
		t.Errorf("Location %q, want %s", location, at)
	}
	if id := r.object()["id"]; id != d.ID {
		t.Errorf("the new module is %v", id)
	}
	got := do(t, "GET", at, nil).want(http.StatusOK).object()
	if got["id"] != d.ID || len(got["provides"].([]any)) != 2 {
		t.Errorf("the module is %v", got)
	}
	listed := do(t, "GET", "/_/proxy/modules?filter="+w.id("a"), nil).want(http.StatusOK).list()
	if !slices.ContainsFunc(listed, func(m map[string]any) bool { return m["id"] == d.ID }) {
		t.Errorf("the list has no %s: %v", d.ID, listed)
	}
	do(t, "POST", "/_/proxy/modules", string(d.JSON())).want(http.StatusCreated) // the same again
	d.Tenant = ""
	do(t, "POST", "/_/proxy/modules", string(d.JSON())).text(http.StatusBadRequest, "create: module "+d.ID+" already exists")

	needs := stubmodule.Descriptor{ID: w.id("b-1.0.0"), Requires: []stubmodule.Interface{w.face("missing", "1.0")}}
	do(t, "POST", "/_/proxy/modules", string(needs.JSON())).refused(http.StatusBadRequest)
	do(t, "POST", "/_/proxy/modules", "{").refused(http.StatusBadRequest)

	w.install("?invoke=false", enable(d.ID), http.StatusOK, "enable a-1.0.0")
	do(t, "DELETE", at, nil).text(http.StatusBadRequest, "delete: module "+d.ID+" is used by tenant "+w.tenant)
	w.install("?invoke=false", disable(d.ID), http.StatusOK, "disable a-1.0.0")
	do(t, "DELETE", at, nil).want(http.StatusNoContent)
	do(t, "GET", at, nil).refused(http.StatusNotFound)
	do(t, "DELETE", at, nil).refused(http.StatusNotFound)
}

func TestDiscovery(t *testing.T) {
	w := setup(t)
	id := w.register(stubmodule.Descriptor{ID: "a-1.0.0", Tenant: "2.0"})
	at := "/_/discovery/modules/" + id
	about := map[string]any{"srvcId": id, "instId": "i-" + id, "url": w.service.URL}
	r := do(t, "POST", "/_/discovery/modules", about).want(http.StatusCreated)
	if location := r.header.Get("Location"); location != at+"/i-"+id {
		t.Errorf("Location %q, want %s", location, at+"/i-"+id)
	}
	same(t, "the new instance", r.object(), about)
	same(t, "the instance", do(t, "GET", at+"/i-"+id, nil).want(http.StatusOK).object(), about)
	same(t, "the module's instances", do(t, "GET", at, nil).want(http.StatusOK).list(), []map[string]any{about})
	do(t, "POST", "/_/discovery/modules", map[string]any{"instId": "x", "url": w.service.URL}).refused(http.StatusBadRequest)
	do(t, "DELETE", at+"/i-"+id, nil).want(http.StatusNoContent)
	do(t, "GET", at+"/i-"+id, nil).refused(http.StatusNotFound)
	do(t, "DELETE", at+"/i-"+id, nil).refused(http.StatusNotFound)
	do(t, "GET", at, nil).refused(http.StatusNotFound)
}

func TestListIsSorted(t *testing.T) {
	w := setup(t)
	var ids []string
	for _, name := range []string{"c-1.0.0", "a-2.0.0", "b-1.0.0"} {
		ids = append(ids, w.simple(name, ""))
	}
	w.install("", enable(ids...), http.StatusOK, "enable c-1.0.0", "enable a-2.0.0", "enable b-1.0.0")
	w.has("a-2.0.0", "b-1.0.0", "c-1.0.0")
	for _, m := range do(t, "GET", w.path("/modules"), nil).list() {
		if len(m) != 1 {
			t.Errorf("a module of the list has more than its id: %v", m)
		}
	}
	do(t, "GET", w.path("/modules/"+ids[0]), nil).want(http.StatusOK)
}
