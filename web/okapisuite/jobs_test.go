package okapisuite

import (
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"cutroom/internal/install/stubmodule"
)

type plan = stubmodule.Plan

// plan says how a module of this world behaves.
func (w *world) plan(name string, p plan) { w.service.Plan(w.id(name), p) }

func TestAsynchronousInstall(t *testing.T) {
	w := setup(t)
	w.deploy(descriptor{ID: "a-1.0.0", Tenant: "2.0", Provides: faces{w.face("a", "1.0")}})
	b := w.deploy(descriptor{ID: "b-1.0.0", Tenant: "1.1", Requires: faces{w.face("a", "1.0")}})
	w.plan("a", plan{Async: true, Hold: true})
	r := w.install("?async=true", enable(b), http.StatusCreated, "enable a-1.0.0", "enable b-1.0.0")
	location := w.located(r)
	w.service.WaitTold(t, w.id("a-1.0.0"))
	job := do(t, "GET", location, nil).want(http.StatusOK).object()
	same(t, "keys of a running job", slices.Sorted(maps.Keys(job)), []string{"complete", "id", "modules", "startDate"})
	w.sameModules("a running job", objects(job["modules"]), []string{"enable a-1.0.0 [invoke]", "enable b-1.0.0 [pending]"})
	if job["id"] != idOf(location) || job["complete"] != false {
		t.Errorf("job %v", job)
	}
	do(t, "DELETE", location+"?abort=false", nil).text(http.StatusBadRequest, "Cannot delete non-completed job "+idOf(location))
	do(t, "DELETE", w.path("/install"), nil).want(http.StatusNoContent)
	same(t, "jobs", w.jobs("install"), []string{idOf(location)})
	w.has()
	w.service.Release(w.id("a"))

	job = w.end(location, "enable a-1.0.0 [done]", "enable b-1.0.0 [done]")
	same(t, "keys of a complete job", slices.Sorted(maps.Keys(job)), []string{"complete", "endDate", "id", "modules", "startDate"})
	began, ended := date(t, job["startDate"]), date(t, job["endDate"])
	if ended.Before(began) || time.Since(began) > time.Hour || time.Since(began) < -time.Hour {
		t.Errorf("began %s, ended %s", began, ended)
	}
	w.has("a-1.0.0", "b-1.0.0")
	if r := do(t, "DELETE", location, nil).want(http.StatusNoContent); r.body != "" {
		t.Errorf("DELETE answered %q", r.body)
	}
	gone := w.tenant + "/" + idOf(location)
	do(t, "GET", location, nil).text(http.StatusNotFound, gone)
	do(t, "DELETE", location, nil).text(http.StatusNotFound, gone)
	do(t, "GET", w.path("/install/not-a-uuid"), nil).text(http.StatusNotFound, w.tenant+"/not-a-uuid")
}

func objects(v any) []map[string]any {
	var list []map[string]any
	items, _ := v.([]any)
	for _, item := range items {
		m, _ := item.(map[string]any)
		list = append(list, m)
	}
	return list
}

func date(t *testing.T, v any) time.Time {
	t.Helper()
	text, _ := v.(string)
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Errorf("date %v: %v", v, err)
	}
	return at
}

// Simulating makes no job, with async too.
func TestSimulateMakesNoJob(t *testing.T) {
	w := setup(t)
	a := w.simple("a-1.0.0", "2.0")
	w.simulate(enable(a), "enable a-1.0.0")
	r := do(t, "POST", w.path("/install?simulate=true&async=true"), enable(a))
	if r.status != http.StatusOK && !strict {
		t.Errorf("%d %s", r.status, r.body)
	}
	w.sameModules(r.what, r.list(), []string{"enable a-1.0.0"})
	w.has()
	w.heard()
	if jobs := w.jobs("install"); len(jobs) != 0 {
		t.Errorf("jobs %v", jobs)
	}
}

// Synchronous installs are jobs too; the oldest is first.
func TestJobsAreListed(t *testing.T) {
	w := setup(t)
	a, b, c := w.simple("a-1.0.0", ""), w.simple("b-1.0.0", ""), w.simple("c-1.0.0", "2.0")
	w.install("", enable(a), http.StatusOK, "enable a-1.0.0")
	first := w.begin("", enable(b))
	w.wait(first)
	w.plan("c", plan{Status: 500, Body: "no"})
	do(t, "POST", w.path("/install"), enable(c)).text(http.StatusBadRequest, "POST request for "+c+" /_/tenant failed with 500: no")
	list := do(t, "GET", w.path("/install"), nil).want(http.StatusOK).list()
	var got []string
	for _, job := range list {
		if job["complete"] != true {
			t.Errorf("job %v", job)
		}
		for _, m := range objects(job["modules"]) {
			got = append(got, w.spell(m))
		}
	}
	same(t, "the jobs' modules", got, []string{"enable a-1.0.0 [done]", "enable b-1.0.0 [done]", "enable c-1.0.0 [invoke] POST request for c-1.0.0 /_/tenant failed with 500: no"})
	if len(list) != 3 || list[1]["id"] != idOf(first) || list[0]["startDate"].(string) > list[1]["startDate"].(string) {
		t.Errorf("jobs %v", list)
	}
	do(t, "DELETE", w.path("/install"), nil).want(http.StatusNoContent)
	same(t, "jobs", w.jobs("install"), []string{})
}

func TestUpgrade(t *testing.T) {
	w := setup(t)
	w.deploy(descriptor{ID: "a-1.0.0", Tenant: "2.0", Provides: faces{w.face("a", "1.0")}})
	w.deploy(descriptor{ID: "b-1.0.0", Tenant: "2.0", Requires: faces{w.face("a", "1.0")}})
	c := w.simple("c-1.0.0", "2.0")
	w.install("", enable(w.id("b-1.0.0"), c), http.StatusOK, "enable c-1.0.0", "enable a-1.0.0", "enable b-1.0.0")
	w.deploy(descriptor{ID: "a-1.1.0", Tenant: "2.0", Provides: faces{w.face("a", "1.1")}})
	want := []string{"enable a-1.1.0 from a-1.0.0"}
	w.sameModules("simulated upgrade", do(t, "POST", w.path("/upgrade?simulate=true"), nil).want(http.StatusOK).list(), want)
	location := w.located(do(t, "POST", w.path("/upgrade?async=true"), nil).want(http.StatusCreated))
	w.end(location, "enable a-1.1.0 from a-1.0.0 [done]")
	w.has("a-1.1.0", "b-1.0.0", "c-1.0.0")
	if told := w.told(); told[len(told)-1] != "POST /_/tenant module_from=a-1.0.0 module_to=a-1.1.0 purge=false" {
		t.Errorf("told %v", told)
	}
	w.sameModules("upgrade of nothing", do(t, "POST", w.path("/upgrade"), nil).want(http.StatusOK).list(), nil)
	beyond(t, "Okapi has no list of upgrades alone")
	installs, upgrades := w.jobs("install"), w.jobs("upgrade")
	if len(installs) != 3 || len(upgrades) != 2 || upgrades[0] != idOf(location) {
		t.Errorf("installs %v, upgrades %v", installs, upgrades)
	}
	do(t, "DELETE", w.path("/upgrade"), nil).want(http.StatusNoContent)
	if installs, upgrades := w.jobs("install"), w.jobs("upgrade"); len(installs) != 1 || len(upgrades) != 0 {
		t.Errorf("installs %v, upgrades %v after the upgrades were forgotten", installs, upgrades)
	}
}

func TestAbort(t *testing.T) {
	w := setup(t)
	beyond(t, "Okapi cannot abort")
	a, b, c := w.simple("a-1.0.0", "2.0"), w.simple("b-1.0.0", "2.0"), w.simple("c-1.0.0", "2.0")
	w.plan("a", plan{Async: true, Hold: true})
	location := w.begin("", enable(a, b, c))
	w.service.WaitTold(t, a)
	do(t, "DELETE", location, nil).want(http.StatusAccepted)
	if job := do(t, "GET", location, nil).want(http.StatusOK).object(); job["complete"] != false {
		t.Errorf("complete before the module is: %v", job)
	}
	w.service.Release(w.id("a"))
	w.end(location, "enable a-1.0.0 [done]", "enable b-1.0.0 [pending] aborted", "enable c-1.0.0 [pending] aborted")
	if full := do(t, "GET", location+"?full=true", nil).object(); full["status"] != "aborted" {
		t.Errorf("status %v", full["status"])
	}
	w.has("a-1.0.0")
	do(t, "DELETE", location, nil).want(http.StatusNoContent)
	do(t, "GET", location, nil).want(http.StatusNotFound)

	w.plan("b", plan{Async: true, Hold: true})
	location = w.begin("", enable(b, c))
	w.service.WaitTold(t, b)
	do(t, "DELETE", w.path("/install?abort=true"), nil).want(http.StatusNoContent, http.StatusAccepted)
	w.service.Release(w.id("b"))
	w.end(location, "enable b-1.0.0 [done]", "enable c-1.0.0 [pending] aborted")
}

// One install of a tenant runs at a time; other tenants do not wait.
func TestTheNextWaits(t *testing.T) {
	w := setup(t)
	beyond(t, "Okapi runs several installs of a tenant at once")
	a, b := w.simple("a-1.0.0", "2.0"), w.simple("b-1.0.0", "2.0")
	w.plan("a", plan{Async: true, Hold: true})
	first := w.begin("", enable(a))
	w.service.WaitTold(t, a)
	second := w.begin("", enable(b))
	if status := do(t, "GET", second+"?full=true", nil).object()["status"]; status != "queued" {
		t.Errorf("status of the second: %v", status)
	}
	other := w.newTenant()
	do(t, "POST", "/_/proxy/tenants/"+other+"/install", enable(b)).want(http.StatusOK)
	if n := w.service.Initialised(b); n != 1 {
		t.Errorf("%d calls for b, want that of the other tenant", n)
	}
	w.service.Release(w.id("a"))
	w.end(first, "enable a-1.0.0 [done]")
	w.end(second, "enable b-1.0.0 [done]")
	do(t, "POST", "/_/proxy/tenants/"+other+"/install", disable(b)).want(http.StatusOK)
}

func TestParallel(t *testing.T) {
	w := setup(t)
	w.deploy(descriptor{ID: "a-1.0.0", Tenant: "2.0", Provides: faces{w.face("a", "1.0")}})
	b := w.deploy(descriptor{ID: "b-1.0.0", Tenant: "2.0", Requires: faces{w.face("a", "1.0")}})
	c, d := w.simple("c-1.0.0", "2.0"), w.simple("d-1.0.0", "2.0")
	for _, name := range []string{"a", "c", "d"} {
		w.plan(name, plan{Async: true, Hold: true})
	}
	location := w.begin("&parallel=3", enable(b, c, d))
	for _, id := range []string{w.id("a-1.0.0"), c, d} {
		w.service.WaitTold(t, id)
	}
	if n := w.service.Initialised(b); n != 0 {
		t.Error("b began before its provider was done")
	}
	w.service.Release(w.id("a"))
	w.service.WaitTold(t, b)
	w.service.ReleaseAll()
	w.wait(location)
	w.has("a-1.0.0", "b-1.0.0", "c-1.0.0", "d-1.0.0")
}
