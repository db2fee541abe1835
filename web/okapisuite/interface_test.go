package okapisuite

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cutroom/internal/install/stubmodule"
)

// What modules hear in each version of the tenant interface: enable, upgrade, disable, and purge.
func TestTenantInterfaces(t *testing.T) {
	for version, want := range map[string][]string{
		"1.0": {"POST /_/tenant module_to=a-1.0.0", "POST /_/tenant module_from=a-1.0.0 module_to=a-1.1.0", "POST /_/tenant module_to=a-1.0.0", "DELETE /_/tenant"},
		"1.1": {"POST /_/tenant module_to=a-1.0.0", "POST /_/tenant module_from=a-1.0.0 module_to=a-1.1.0", "POST /_/tenant/disable module_from=a-1.1.0", "POST /_/tenant module_to=a-1.0.0", "DELETE /_/tenant"},
		"1.2": {"POST /_/tenant module_to=a-1.0.0", "POST /_/tenant module_from=a-1.0.0 module_to=a-1.1.0", "POST /_/tenant/disable module_from=a-1.1.0", "POST /_/tenant module_to=a-1.0.0", "DELETE /_/tenant"},
		"2.0": {"POST /_/tenant module_to=a-1.0.0 purge=false", "POST /_/tenant module_from=a-1.0.0 module_to=a-1.1.0 purge=false", "POST /_/tenant module_from=a-1.1.0 purge=false",
			"POST /_/tenant module_to=a-1.0.0 purge=false", "POST /_/tenant module_from=a-1.0.0 purge=true"},
	} {
		t.Run(version, func(t *testing.T) {
			w := setup(t)
			before, after := w.simple("a-1.0.0", version), w.simple("a-1.1.0", version)
			w.install("", enable(before), http.StatusOK, "enable a-1.0.0")
			w.install("", enable(after), http.StatusOK, "enable a-1.1.0 from a-1.0.0")
			w.install("", disable(after), http.StatusOK, "disable a-1.1.0")
			w.install("", enable(before), http.StatusOK, "enable a-1.0.0")
			w.install("?purge=true", disable(before), http.StatusOK, "disable a-1.0.0")
			w.heard(want...)
			w.has()
		})
	}
}

func TestHeaders(t *testing.T) {
	w := setup(t)
	a := w.simple("a-1.0.0", "2.0")
	w.plan("a", plan{Async: true})
	doAs(t, token, "POST", w.path("/install"), enable(a), map[string]string{"X-Color": "red", "X-Okapi-Request-Id": "suite-1"}).want(http.StatusOK)
	calls := w.service.Calls()
	if len(calls) < 3 {
		t.Fatalf("%d calls, want POST, GET and DELETE", len(calls))
	}
	for _, c := range calls {
		if c.Header.Get("X-Okapi-Tenant") != w.tenant || c.Header.Get("X-Okapi-Url-To") != w.service.URL || c.Header.Get("X-Color") != "red" ||
			!strings.HasPrefix(c.Header.Get("X-Okapi-Url"), "http") || !strings.HasPrefix(c.Header.Get("X-Okapi-Request-Id"), "suite-1") {
			t.Errorf("%s %s: headers %v", c.Method, c.Path, c.Header)
		}
		if token != "" && c.Header.Get("X-Okapi-Token") == token {
			t.Errorf("%s %s: the caller's token went to the module", c.Method, c.Path)
		}
	}
}

// A module's job: its end, its error, and what modules do wrong.
func TestModuleJobs(t *testing.T) {
	location := func(d descriptor) descriptor { return d }
	for name, c := range map[string]struct {
		plan   plan
		change func(descriptor) descriptor
		want   string // the message after the module's name is put in; "" for success
	}{
		"at once":         {plan{Async: true}, nil, ""},
		"takes time":      {plan{Async: true, Work: 700 * time.Millisecond}, nil, ""},
		"no job":          {plan{}, nil, ""},
		"error":           {plan{Async: true, JobError: "foo"}, nil, "Tenant operation failed for module %: foo"},
		"error, messages": {plan{Async: true, JobError: "foo", Messages: []string{"m1", "m2"}}, nil, "Tenant operation failed for module %: foo\nm1\nm2"},
		"no id":           {plan{Async: true, NoID: true}, nil, "Missing id property in JSON response for module %: POST /_/tenant"},
		"empty body":      {plan{Status: 404}, nil, "POST request for % /_/tenant failed with 404: null"},
		"look fails":      {plan{Async: true, LookStatus: 400, LookBody: "bad"}, nil, "GET request for % /_/tenant/job-1 failed with 400: bad"},
		"purge fails":     {plan{Async: true, PurgeStatus: 500}, nil, ""},
		"location of 1.x": {plan{Location: "/_/tenant/1"}, func(d descriptor) descriptor { d.Tenant = "1.2"; return d }, "Unexpected Location header in response for module %: POST /_/tenant"},
		"no DELETE": {plan{Async: true}, func(d descriptor) descriptor {
			d.Handlers = []map[string]any{stubmodule.Handler("/_/tenant", "POST"), stubmodule.Handler("/_/tenant/{id}", "GET")}
			return d
		}, "Missing DELETE method for tenant interface version 2 for module %"},
		"of old": {plan{}, func(d descriptor) descriptor { d.Tenant, d.NoSystem = "1.0", true; return d }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := setup(t)
			if c.change == nil {
				c.change = location
			}
			a := w.deploy(c.change(descriptor{ID: "a-1.0.0", Tenant: "2.0"}))
			w.plan("a", c.plan)
			query := ""
			if name == "purge fails" {
				query = "&purge=true"
			}
			if c.want == "" {
				w.end(w.begin(query, enable(a)), "enable a-1.0.0 [done]")
				w.has("a-1.0.0")
				w.plan("a", plan{})
				return
			}
			w.end(w.begin(query, enable(a)), "enable a-1.0.0 [invoke] "+strings.ReplaceAll(c.want, "%", "a-1.0.0"))
			do(t, "POST", w.path("/install?"+query), enable(a)).want(http.StatusBadRequest)
			w.has()
		})
	}
}

// A module's job is looked at until it is complete, then removed, and the module is told once.
func TestModuleJobIsRemoved(t *testing.T) {
	w := setup(t)
	a := w.simple("a-1.0.0", "2.0")
	w.plan("a", plan{Async: true, Work: 500 * time.Millisecond})
	w.install("", enable(a), http.StatusOK, "enable a-1.0.0")
	calls := w.service.Calls()
	if first, last := calls[0], calls[len(calls)-1]; first.Method != "POST" || last.Method != "DELETE" || last.Path != "/_/tenant/job-1" {
		t.Errorf("first %s %s, last %s %s", first.Method, first.Path, last.Method, last.Path)
	}
	for _, c := range calls[1 : len(calls)-1] {
		if c.Method != "GET" || c.Path != "/_/tenant/job-1" {
			t.Errorf("%s %s between", c.Method, c.Path)
		}
	}
}

// A module that hangs up is called again.
func TestModuleHangsUp(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 4 s")
	}
	w := setup(t)
	a := w.simple("a-1.0.0", "2.0")
	w.plan("a", plan{HangUps: 1})
	w.install("", enable(a), http.StatusOK, "enable a-1.0.0")
	w.has("a-1.0.0")
}

// A module sends nobody elsewhere, and its answer may be of any size.
func TestModulesThatLie(t *testing.T) {
	w := setup(t)
	beyond(t, "Okapi reads answers of any size, and says in its own library's words what is no JSON")
	other := stubmodule.Start(t)
	a, b := w.simple("a-1.0.0", "2.0"), w.simple("b-1.0.0", "2.0")
	w.plan("a", plan{Async: true, Location: other.URL + "/_/tenant/job-1"})
	w.plan("b", plan{Endless: true})
	w.end(w.begin("&ignoreErrors=true", enable(a, b)), "enable a-1.0.0 [done]",
		"enable b-1.0.0 [invoke] POST request for b-1.0.0 /_/tenant failed with an answer that is longer than 1 MiB")
	if calls := other.Calls(); len(calls) != 0 {
		t.Errorf("another host was called: %v", calls)
	}
	w.plan("b", plan{Async: true, Body: "<html>"})
	w.end(w.begin("", enable(b)), "enable b-1.0.0 [invoke] Failed to decode:invalid character '<' looking for beginning of value")
}
