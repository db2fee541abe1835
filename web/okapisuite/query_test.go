package okapisuite

import (
	"net/http"
	"testing"
)

// What an install and an upgrade refuse.
func TestBadQueries(t *testing.T) {
	w := setup(t)
	a := w.register(descriptor{ID: "a-1.0.0"})
	post := func(kind, query string) reply {
		if kind == "upgrade" {
			return do(t, "POST", w.path("/upgrade?"+query), nil)
		}
		return do(t, "POST", w.path("/install?"+query), enable(a))
	}
	for _, kind := range []string{"install", "upgrade"} {
		for _, more := range []string{"", "&async=true", "&simulate=true"} {
			post(kind, "parallel=0"+more).text(http.StatusBadRequest, "parallel must be 1 or higher")
			post(kind, "parallel=-1"+more).text(http.StatusBadRequest, "parallel must be 1 or higher")
			post(kind, "parallel=2&depCheck=false"+more).text(http.StatusBadRequest,
				"Install Option parallel can not be greater than 1 when Install Option depCheck is false")
		}
	}
	do(t, "POST", w.path("/upgrade"), "[]").refused(http.StatusBadRequest)
	if jobs := w.jobs("install"); len(jobs) != 0 {
		t.Errorf("jobs %v", jobs)
	}
	beyond(t, "Okapi answers some of these with 500, or with a job that fails")
	for _, kind := range []string{"install", "upgrade"} {
		for _, query := range []string{
			"async=yes", "async=", "async=1", "simulate=TRUE", "deploy=x", "purge=x", "reinstall=x", "ignoreErrors=x", "depCheck=x", "parallel=x", "parallel=1.5",
			"parallel=", "parallel=99999999999999999999", "preRelease=x", "npmSnapshot=yes", "invoke=" + escape("("), "invoke=" + escape("a{2,1}"),
		} {
			post(kind, query).refused(http.StatusBadRequest)
		}
	}
	w.has()
	if jobs := w.jobs("install"); len(jobs) != 0 {
		t.Errorf("jobs %v", jobs)
	}
}

func TestBadBodies(t *testing.T) {
	w := setup(t)
	a := w.register(descriptor{ID: "a-1.0.0"})
	for _, body := range []string{"{", "", `[{"id":"` + a + `","action":"fly"}]`, "[1]", `"x"`} {
		for _, query := range []string{"", "?async=true"} {
			do(t, "POST", w.path("/install"+query), body).refused(http.StatusBadRequest)
		}
	}
	beyond(t, "Okapi answers an entry without id with 500, and an object with a list of one")
	for _, body := range []string{`[{"action":"enable"}]`, `[{"id":"","action":"enable"}]`, `[{"id":null}]`, `{"id":"` + a + `"}`, `[null]`, "null"} {
		for _, query := range []string{"", "?async=true"} {
			do(t, "POST", w.path("/install"+query), body).refused(http.StatusBadRequest)
		}
	}
	w.has()
	if jobs := w.jobs("install"); len(jobs) != 0 {
		t.Errorf("jobs %v", jobs)
	}
}

func TestNothingToDo(t *testing.T) {
	w := setup(t)
	w.install("", []string{}, http.StatusOK)
	w.install("?simulate=true", []string{}, http.StatusOK)
	w.end(w.begin("", []string{}))
	w.sameModules("upgrade", do(t, "POST", w.path("/upgrade"), nil).want(http.StatusOK).list(), nil)
}

func TestInvoke(t *testing.T) {
	w := setup(t)
	a, b := w.simple("a-1.0.0", "2.0"), w.simple("b-1.0.0", "2.0")
	w.install("?invoke=false", enable(a), http.StatusOK, "enable a-1.0.0")
	w.heard()
	w.install("?invoke=false", disable(a), http.StatusOK, "disable a-1.0.0")
	w.install("?invoke="+escape(".*b-1.*"), enable(a, b), http.StatusOK, "enable a-1.0.0", "enable b-1.0.0")
	w.heard("POST /_/tenant module_to=b-1.0.0 purge=false")
	w.has("a-1.0.0", "b-1.0.0")
	w.install("?invoke=true", disable(a, b), http.StatusOK, "disable a-1.0.0", "disable b-1.0.0")
	w.heard("POST /_/tenant module_to=b-1.0.0 purge=false", "POST /_/tenant module_from=a-1.0.0 purge=false", "POST /_/tenant module_from=b-1.0.0 purge=false")
}

func TestPurgeAppliesToEveryModule(t *testing.T) {
	w := setup(t)
	a, b := w.simple("a-1.0.0", "2.0"), w.simple("b-1.0.0", "1.2")
	w.install("", enable(a, b), http.StatusOK, "enable a-1.0.0", "enable b-1.0.0")
	w.install("?purge=true", disable(a, b), http.StatusOK, "disable a-1.0.0", "disable b-1.0.0")
	w.heard("POST /_/tenant module_to=a-1.0.0 purge=false", "POST /_/tenant module_to=b-1.0.0",
		"POST /_/tenant module_from=a-1.0.0 purge=true", "DELETE /_/tenant")
	beyond(t, "Okapi forgets purge after the first module that it enables")
	w.install("?purge=true", enable(a, b), http.StatusOK, "enable a-1.0.0", "enable b-1.0.0")
	w.heard("POST /_/tenant module_to=a-1.0.0 purge=false", "POST /_/tenant module_to=b-1.0.0",
		"POST /_/tenant module_from=a-1.0.0 purge=true", "DELETE /_/tenant",
		"POST /_/tenant module_from=a-1.0.0 purge=true", "POST /_/tenant module_to=a-1.0.0 purge=false", "DELETE /_/tenant", "POST /_/tenant module_to=b-1.0.0")
}

// We launch nothing: deploy asks only whether the module is there.
func TestDeploy(t *testing.T) {
	w := setup(t)
	a, b := w.simple("a-1.0.0", "2.0"), w.register(descriptor{ID: "b-1.0.0"})
	w.install("?deploy=true", enable(a), http.StatusOK, "enable a-1.0.0")
	said := "Module " + b + " has no launchDescriptor"
	do(t, "POST", w.path("/install?deploy=true"), enable(b)).text(http.StatusBadRequest, said)
	w.end(w.begin("&deploy=true", enable(b)), "enable b-1.0.0 [deploy] Module b-1.0.0 has no launchDescriptor")
	w.has("a-1.0.0")
}

func TestTenantParameters(t *testing.T) {
	w := setup(t)
	a, b := w.simple("a-1.0.0", "2.0"), w.simple("b-1.0.0", "1.1")
	w.install("?tenantParameters="+escape("loadSample=true,loadReference=false"), enable(a, b), http.StatusOK, "enable a-1.0.0", "enable b-1.0.0")
	w.heard("POST /_/tenant module_to=a-1.0.0 parameters=[map[key:loadSample value:true] map[key:loadReference value:false]] purge=false",
		"POST /_/tenant module_to=b-1.0.0")
}
