package okapisuite

import (
	"net/http"
	"testing"
)

// A module that fails: sync 400, async a job with the message; nothing after it starts.
func TestFailure(t *testing.T) {
	w := setup(t)
	a, b, c := w.simple("a-1.0.0", "2.0"), w.simple("b-1.0.0", "2.0"), w.simple("c-1.0.0", "2.0")
	w.plan("b", plan{Status: 403, Body: "not for you"})
	said := "POST request for " + b + " /_/tenant failed with 403: not for you"
	w.end(w.begin("", enable(a, b, c)), "enable a-1.0.0 [done]", "enable b-1.0.0 [invoke] POST request for b-1.0.0 /_/tenant failed with 403: not for you", "enable c-1.0.0 [pending]")
	w.has("a-1.0.0")
	do(t, "POST", w.path("/install"), enable(b, c)).text(http.StatusBadRequest, said)
	w.has("a-1.0.0")
	w.plan("b", plan{})
	w.install("", enable(b, c), http.StatusOK, "enable b-1.0.0", "enable c-1.0.0")
	w.has("a-1.0.0", "b-1.0.0", "c-1.0.0")
}

func TestNoInstance(t *testing.T) {
	w := setup(t)
	a := w.register(descriptor{ID: "a-1.0.0", Tenant: "2.0"})
	said := "No running instances for module " + a + ". Can not invoke /_/tenant"
	do(t, "POST", w.path("/install"), enable(a)).text(http.StatusBadRequest, said)
	w.end(w.begin("", enable(a)), "enable a-1.0.0 [invoke] No running instances for module a-1.0.0. Can not invoke /_/tenant")
	w.install("?invoke=false", enable(a), http.StatusOK, "enable a-1.0.0")
}

func TestIgnoreErrors(t *testing.T) {
	w := setup(t)
	w.deploy(descriptor{ID: "a-1.0.0", Tenant: "2.0", Provides: faces{w.face("a", "1.0")}})
	b, c := w.deploy(descriptor{ID: "b-1.0.0", Tenant: "2.0", Requires: faces{w.face("a", "1.0")}}), w.simple("c-1.0.0", "2.0")
	w.plan("c", plan{Status: 500, Body: "oops"})
	w.end(w.begin("&ignoreErrors=true", enable(c, b)), "enable c-1.0.0 [invoke] POST request for c-1.0.0 /_/tenant failed with 500: oops",
		"enable a-1.0.0 [done]", "enable b-1.0.0 [done]")
	w.has("a-1.0.0", "b-1.0.0")
	w.install("", disable(w.id("a-1.0.0")), http.StatusOK, "disable b-1.0.0", "disable a-1.0.0")

	beyond(t, "the dependants of a failed module wait for ever in Okapi")
	w.plan("a", plan{Status: 500, Body: "oops"})
	w.plan("c", plan{})
	job := w.wait(w.begin("&ignoreErrors=true", enable(b, c))) // in the order c, a, b
	modules := objects(job["modules"])
	if len(modules) != 3 || modules[0]["message"] != nil || modules[1]["message"] == nil || modules[2]["message"] == nil {
		t.Errorf("modules %v", modules)
	}
	w.has("c-1.0.0")
}

func TestNothingStartsAfterAFailure(t *testing.T) {
	w := setup(t)
	beyond(t, "Okapi completes a job while its other modules still run")
	a, b, c, d := w.simple("a-1.0.0", "2.0"), w.simple("b-1.0.0", "2.0"), w.simple("c-1.0.0", "2.0"), w.simple("d-1.0.0", "2.0")
	w.plan("a", plan{Async: true, Hold: true})
	w.plan("b", plan{Status: 500})
	location := w.begin("&parallel=2", enable(a, b, c, d))
	w.until(location, "b failed", func(job map[string]any) bool { return objects(job["modules"])[1]["message"] != nil })
	if job := do(t, "GET", location, nil).object(); job["complete"] != false {
		t.Errorf("complete while a runs: %v", job)
	}
	w.service.Release(w.id("a"))
	w.end(location, "enable a-1.0.0 [done]", "enable b-1.0.0 [invoke] POST request for b-1.0.0 /_/tenant failed with 500: null", "enable c-1.0.0 [pending]", "enable d-1.0.0 [pending]")
	if w.service.Initialised(c)+w.service.Initialised(d) != 0 {
		t.Errorf("told %v", w.told())
	}
}

// With full=true a job tells more.
func TestFull(t *testing.T) {
	w := setup(t)
	beyond(t, "Okapi has no full=true")
	a, b := w.simple("a-1.0.0", "2.0"), w.simple("b-1.0.0", "2.0")
	warning := map[string]any{"message": "slow", "type": "t", "code": "7", "parameters": []any{map[string]any{"key": "k", "value": "v"}}}
	w.plan("a", plan{Async: true, More: map[string]any{"warnings": []any{warning}}})
	w.plan("b", plan{Async: true, JobError: "no space", Messages: []string{"line"}, More: map[string]any{"errors": []any{map[string]any{"message": "disk"}}}})
	location := w.begin("", enable(a, b))
	w.wait(location)
	job := do(t, "GET", location+"?full=true", nil).want(http.StatusOK).object()
	for key, want := range map[string]any{"status": "error", "kind": "install", "tenant": w.tenant, "complete": true, "id": idOf(location)} {
		if job[key] != want {
			t.Errorf("%s is %v, want %v", key, job[key], want)
		}
	}
	if by, _ := job["startedBy"].(string); by == "" {
		t.Errorf("startedBy is %v", job["startedBy"])
	}
	modules := objects(job["modules"])
	if modules[0]["status"] != "done" || modules[1]["status"] != "error" || modules[0]["startDate"] == nil || modules[1]["endDate"] == nil {
		t.Errorf("modules %v", modules)
	}
	same(t, "warnings of a", modules[0]["warnings"], []any{warning})
	if merged := objects(job["warnings"]); len(merged) != 1 || merged[0]["message"] != "slow" || !about(merged[0], a) {
		t.Errorf("merged warnings %v", job["warnings"])
	}
	found := false
	for _, e := range objects(job["errors"]) {
		found = found || e["message"] == "disk" && about(e, b)
	}
	if !found {
		t.Errorf("merged errors %v", job["errors"])
	}
	if list := do(t, "GET", w.path("/install?full=true"), nil).want(http.StatusOK).list(); len(list) != 1 || list[0]["status"] != "error" {
		t.Errorf("list %v", list)
	}
}

// about says whether an error has a module as a parameter.
func about(problem map[string]any, module string) bool {
	for _, p := range objects(problem["parameters"]) {
		if p["value"] == module {
			return true
		}
	}
	return false
}
