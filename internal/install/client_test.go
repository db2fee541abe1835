package install

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"cutroom/internal/install/stubmodule"
	"cutroom/internal/module"
)

// callOf is a call to a module of a stub service.
func callOf(service *stubmodule.Service, version string, change func(*Call)) Call {
	call := Call{Module: describe(version), URL: service.URL, Tenant: "north", Action: module.Enable, OkapiURL: "http://okapi.example"}
	if change != nil {
		change(&call)
	}
	return call
}

func describe(version string) module.Descriptor {
	i := module.Interface{ID: "_tenant", Version: version, Type: "system", Handlers: []module.Handler{
		{Methods: []string{"POST"}, PathPattern: "/_/tenant/disable"},
		{Methods: []string{"POST", "DELETE"}, PathPattern: "/_/tenant"},
	}}
	if version == "2.0" {
		i.Handlers = []module.Handler{
			{Methods: []string{"POST"}, PathPattern: "/_/tenant"},
			{Methods: []string{"GET", "DELETE"}, PathPattern: "/_/tenant/{id}"},
		}
	}
	return module.Descriptor{ID: "m-1.0.0", Provides: []module.Interface{i}}
}

// run does a call to its end.
func run(t *testing.T, c *Client, call Call) (Told, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	job, told, err := c.Start(ctx, call)
	if err != nil || job == "" {
		return told, err
	}
	return c.Await(ctx, call, job, nil)
}

var quick = &Client{Retry: time.Millisecond}

func TestCallsOfEachVersion(t *testing.T) {
	t.Parallel()
	upgrade := func(c *Call) { c.From = "m-0.9.0" }
	disable := func(c *Call) { c.Action = module.Disable }
	purge := func(c *Call) { c.Action, c.Purge = module.Disable, true }
	enablePurge := func(c *Call) { c.Purge, c.From = true, "m-0.9.0" }
	parameters := func(c *Call) { c.Parameters = ParseParameters("loadSample=true,loadReference") }
	type list = []string
	for name, c := range map[string]struct {
		version string
		change  func(*Call)
		want    list
	}{
		"1.0 enable":         {"1.0", nil, list{"POST /_/tenant module_to=m-1.0.0"}},
		"1.0 upgrade":        {"1.0", upgrade, list{"POST /_/tenant module_from=m-0.9.0 module_to=m-1.0.0"}},
		"1.0 disable":        {"1.0", disable, nil},
		"1.0 purge":          {"1.0", purge, list{"DELETE /_/tenant"}},
		"1.0 parameters":     {"1.0", parameters, list{"POST /_/tenant module_to=m-1.0.0"}},
		"1.1 enable":         {"1.1", nil, list{"POST /_/tenant module_to=m-1.0.0"}},
		"1.1 disable":        {"1.1", disable, list{"POST /_/tenant/disable module_from=m-1.0.0"}},
		"1.1 purge":          {"1.1", purge, list{"DELETE /_/tenant"}},
		"1.1 enable purge":   {"1.1", enablePurge, list{"DELETE /_/tenant", "POST /_/tenant module_to=m-1.0.0"}},
		"1.2 parameters":     {"1.2", parameters, list{"POST /_/tenant module_to=m-1.0.0 parameters=[{loadSample true} {loadReference }]"}},
		"1.2 disable":        {"1.2", disable, list{"POST /_/tenant/disable module_from=m-1.0.0"}},
		"2.0 enable":         {"2.0", nil, list{"POST /_/tenant module_to=m-1.0.0 purge=false"}},
		"2.0 upgrade":        {"2.0", upgrade, list{"POST /_/tenant module_from=m-0.9.0 module_to=m-1.0.0 purge=false"}},
		"2.0 disable":        {"2.0", disable, list{"POST /_/tenant module_from=m-1.0.0 purge=false"}},
		"2.0 purge":          {"2.0", purge, list{"POST /_/tenant module_from=m-1.0.0 purge=true"}},
		"2.0 parameters":     {"2.0", parameters, list{"POST /_/tenant module_to=m-1.0.0 parameters=[{loadSample true} {loadReference }] purge=false"}},
		"2.0 enable purge":   {"2.0", enablePurge, list{"POST /_/tenant module_from=m-1.0.0 purge=true", "POST /_/tenant module_to=m-1.0.0 purge=false"}},
		"no interface":       {"2.0", func(c *Call) { c.Module.Provides = nil }, nil},
		"1.0 of old":         {"1.0", func(c *Call) { c.Module.Provides[0].Type, c.Module.Provides[0].Handlers = "", nil }, list{"POST /_/tenant module_to=m-1.0.0"}},
		"1.1 without system": {"1.1", func(c *Call) { c.Module.Provides[0].Type = "" }, nil},
		"1.1 without disable": {"1.1", func(c *Call) {
			c.Action = module.Disable
			c.Module.Provides[0].Handlers = c.Module.Provides[0].Handlers[1:]
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := stubmodule.Start(t)
			if _, err := run(t, quick, callOf(service, c.version, c.change)); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, call := range service.Calls() {
				got = append(got, spellOut(call))
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("calls:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// spellOut is a call in one line.
func spellOut(c stubmodule.Call) string {
	line := c.Method + " " + c.Path
	for _, key := range []string{"module_from", "module_to", "parameters", "purge"} {
		switch v := c.Body[key].(type) {
		case nil:
		case string:
			line += " " + key + "=" + v
		case bool:
			line += map[bool]string{true: " purge=true", false: " purge=false"}[v]
		case []any:
			var pairs []string
			for _, item := range v {
				pair := item.(map[string]any)
				value, _ := pair["value"].(string)
				pairs = append(pairs, "{"+pair["key"].(string)+" "+value+"}")
			}
			line += " " + key + "=[" + strings.Join(pairs, " ") + "]"
		}
	}
	return line
}

func TestTextsOfFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		version string
		plan    stubmodule.Plan
		change  func(*Call)
		want    string // "" for success
	}{
		"refused":                  {"2.0", stubmodule.Plan{Status: 403, Body: "not for north"}, nil, "POST request for m-1.0.0 /_/tenant failed with 403: not for north"},
		"refused, no body":         {"1.0", stubmodule.Plan{Status: 404}, nil, "POST request for m-1.0.0 /_/tenant failed with 404: null"},
		"redirect":                 {"1.0", stubmodule.Plan{Status: 302, Location: "http://127.0.0.1:1/"}, nil, "POST request for m-1.0.0 /_/tenant failed with 302: null"},
		"job":                      {"2.0", stubmodule.Plan{Async: true}, nil, ""},
		"job takes time":           {"2.0", stubmodule.Plan{Async: true, Work: 400 * time.Millisecond}, nil, ""},
		"job fails":                {"2.0", stubmodule.Plan{Async: true, JobError: "no space", Messages: []string{"a", "b"}}, nil, "Tenant operation failed for module m-1.0.0: no space\na\nb"},
		"job says so":              {"2.0", stubmodule.Plan{Async: true, More: map[string]any{"status": "error", "errors": []any{map[string]any{"message": "why"}}}}, nil, "Tenant operation failed for module m-1.0.0: why"},
		"no id":                    {"2.0", stubmodule.Plan{Async: true, NoID: true}, nil, "Missing id property in JSON response for module m-1.0.0: POST /_/tenant"},
		"no JSON":                  {"2.0", stubmodule.Plan{Async: true, Body: "}"}, nil, "Failed to decode:invalid character '}' looking for beginning of value"},
		"job is no JSON":           {"2.0", stubmodule.Plan{Async: true, LookBody: "<html>"}, nil, "Failed to decode:invalid character '<' looking for beginning of value"},
		"job is a list":            {"2.0", stubmodule.Plan{Async: true, LookBody: `[true]`}, nil, "Failed to decode:array is not an object"},
		"job's name is a list":     {"2.0", stubmodule.Plan{Async: true, Body: `["j"]`}, nil, "Failed to decode:array is not an object"},
		"job lies":                 {"2.0", stubmodule.Plan{Async: true, LookBody: `{"complete":"yes"}`}, nil, "Failed to decode:complete is not a boolean"},
		"look fails":               {"2.0", stubmodule.Plan{Async: true, LookStatus: 500, LookBody: "oops"}, nil, "GET request for m-1.0.0 /_/tenant/job-1 failed with 500: oops"},
		"removal fails":            {"2.0", stubmodule.Plan{Async: true, RemoveStatus: 500, LookBody: `{"complete":true}`}, nil, `DELETE request for m-1.0.0 /_/tenant/job-1 failed with 500: {"complete":true}`},
		"removal's answer is lost": {"2.0", stubmodule.Plan{Async: true, RemoveHangUp: 1}, nil, ""},
		"begins, hangs up":         {"2.0", stubmodule.Plan{Async: true, HangUpAfter: 1}, nil, ""},
		"bad id":                   {"2.0", stubmodule.Plan{Async: true, Body: `{"id":".."}`}, nil, "Bad id property in JSON response for module m-1.0.0: POST /_/tenant"},
		"location of 1.x":          {"1.2", stubmodule.Plan{Location: "/_/tenant/job-1"}, nil, "Unexpected Location header in response for module m-1.0.0: POST /_/tenant"},
		"location to others":       {"2.0", stubmodule.Plan{Async: true, Location: "http://127.0.0.1:1/_/tenant/job-1"}, nil, ""},
		"streams for ever":         {"2.0", stubmodule.Plan{Endless: true}, nil, "POST request for m-1.0.0 /_/tenant failed with an answer that is longer than 1 MiB"},
		"hangs up, comes back":     {"2.0", stubmodule.Plan{HangUps: 3}, nil, ""},
		"hangs up":                 {"2.0", stubmodule.Plan{HangUps: 99}, nil, "POST request for m-1.0.0 /_/tenant failed with Connection was closed"},
		"no instance":              {"2.0", stubmodule.Plan{}, func(c *Call) { c.URL = "" }, "No running instances for module m-1.0.0. Can not invoke /_/tenant"},
		"file":                     {"2.0", stubmodule.Plan{}, func(c *Call) { c.URL = "file:///etc" }, "POST request for m-1.0.0 /_/tenant failed with an address that is not http or https"},
		"nobody there":             {"2.0", stubmodule.Plan{}, func(c *Call) { c.URL = "http://127.0.0.1:1" }, "POST request for m-1.0.0 /_/tenant failed with Connection refused: 127.0.0.1:1"},
		"unknown version":          {"3.0", stubmodule.Plan{}, nil, "Unsupported interface _tenant: 3.0"},
		"purge fails first":        {"2.0", stubmodule.Plan{PurgeStatus: 500}, func(c *Call) { c.Purge = true }, ""},
		"NUL":                      {"1.0", stubmodule.Plan{Status: 400, Body: "a\x00b\xff"}, nil, "POST request for m-1.0.0 /_/tenant failed with 400: ab�"},
		"no DELETE": {"2.0", stubmodule.Plan{}, func(c *Call) { c.Module.Provides[0].Handlers[1].Methods = []string{"GET"} },
			"Missing DELETE method for tenant interface version 2 for module m-1.0.0"},
		"POST alone": {"2.0", stubmodule.Plan{Async: true}, func(c *Call) { c.Module.Provides[0].Handlers = c.Module.Provides[0].Handlers[:1] },
			"Unexpected Location header in response for module m-1.0.0: POST /_/tenant"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := stubmodule.Start(t)
			service.Plan("m", c.plan)
			_, err := run(t, quick, callOf(service, c.version, c.change))
			if c.want == "" && err != nil || c.want != "" && (err == nil || err.Error() != c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestHeadersOfCalls(t *testing.T) {
	t.Parallel()
	service := stubmodule.Start(t)
	service.Plan("", stubmodule.Plan{Async: true})
	_, err := run(t, quick, callOf(service, "2.0", func(c *Call) {
		c.RequestID = "abc"
		c.Header = http.Header{"X-Okapi-Token": {"secret"}, "X-Okapi-Tenant": {"operators"}, "X-Color": {"red"}, "Cookie": {"a=b"}, "Authorization": {"Bearer secret"}}
	}))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(service.Calls()); n != 3 {
		t.Errorf("%d calls, want POST, GET, DELETE", n)
	}
	for _, call := range service.Calls() {
		for name, want := range map[string]string{"X-Okapi-Tenant": "north", "X-Okapi-Url": "http://okapi.example", "X-Okapi-Url-To": service.URL,
			"X-Color": "red", "X-Okapi-Token": "", "Cookie": "", "Authorization": ""} {
			if got := call.Header.Get(name); got != want {
				t.Errorf("%s %s: %s is %q, want %q", call.Method, call.Path, name, got, want)
			}
		}
		if got := call.Header.Get("X-Okapi-Request-Id"); !strings.HasPrefix(got, "abc;") || !strings.HasSuffix(got, "/tenant") {
			t.Errorf("request id %q", got)
		}
	}
}

func TestToldIsMerged(t *testing.T) {
	t.Parallel()
	service := stubmodule.Start(t)
	service.Plan("", stubmodule.Plan{Async: true, More: map[string]any{
		"warnings": []any{"plain", map[string]any{"message": "w", "type": "t", "code": 7, "parameters": []any{map[string]any{"key": "k", "value": 1}, 5}}, 3, nil, map[string]any{"type": "no message"}},
		"errors":   "not a list",
	}})
	told, err := run(t, quick, callOf(service, "2.0", nil))
	want := Told{Warnings: []Problem{{Message: "plain"}, {Message: "w", Type: "t", Code: "7", Parameters: []Parameter{{"k", "1"}}}, {Message: "3"}}}
	if err != nil || !reflect.DeepEqual(told, want) {
		t.Errorf("told %+v, %v; want %+v", told, err, want)
	}
}

func TestDeadlineEndsTheWait(t *testing.T) {
	t.Parallel()
	for name, plan := range map[string]stubmodule.Plan{"job": {Async: true, Never: true}, "call": {Hold: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := stubmodule.Start(t)
			service.Plan("", plan)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			call := callOf(service, "2.0", nil)
			job, _, err := quick.Start(ctx, call)
			if err == nil {
				_, err = quick.Await(ctx, call, job, nil)
			}
			if !errors.Is(err, context.DeadlineExceeded) || !strings.HasSuffix(err.Error(), "failed with no end within its deadline") {
				t.Errorf("error %v", err)
			}
		})
	}
}

// A module that dies and comes back is asked again, and is not told twice.
func TestJobOutlivesTheModule(t *testing.T) {
	t.Parallel()
	service := stubmodule.Start(t)
	service.Plan("", stubmodule.Plan{Async: true, Hold: true, Messages: []string{"halfway"}})
	call := callOf(service, "2.0", nil)
	job, _, err := quick.Start(t.Context(), call)
	if err != nil || job == "" {
		t.Fatal(job, err)
	}
	patient := &Client{Retry: 20 * time.Millisecond, Retries: 1000}
	type end struct {
		told Told
		err  error
	}
	ended, heard := make(chan end, 1), make(chan string, 10)
	go func() {
		told, err := patient.Await(t.Context(), call, job, func(note string) { heard <- note })
		ended <- end{told, err}
	}()
	if note := <-heard; note != "halfway" {
		t.Errorf("note %q", note)
	}
	service.Die()
	if err := service.ComeBack(); err != nil {
		t.Fatal(err)
	}
	service.Release("")
	if e := <-ended; e.err != nil {
		t.Error(e.err)
	}
	if n := service.Initialised("m-1.0.0"); n != 1 {
		t.Errorf("told %d times", n)
	}
}

func TestLostJob(t *testing.T) {
	t.Parallel()
	service := stubmodule.Start(t)
	service.Plan("", stubmodule.Plan{Async: true})
	call := callOf(service, "2.0", nil)
	job, _, err := quick.Start(t.Context(), call)
	if err != nil {
		t.Fatal(err)
	}
	service.Forget()
	_, err = quick.Await(t.Context(), call, job, nil)
	if want := "GET request for m-1.0.0 /_/tenant/job-1 failed with 404: job-1"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}

// Who died between the module's removal of the job and the commit goes on with the answer that was kept.
func TestGoingOnWithTheAnswer(t *testing.T) {
	t.Parallel()
	service := stubmodule.Start(t)
	service.Plan("", stubmodule.Plan{Async: true, JobError: "no"})
	var kept []byte
	call := callOf(service, "2.0", func(c *Call) {
		c.Answered = func(_ context.Context, answer []byte) error { kept = answer; return nil }
	})
	_, first := run(t, quick, call)
	call.Answer = kept
	_, second := quick.Await(t.Context(), call, "job-1", nil)
	if first == nil || second == nil || first.Error() != second.Error() {
		t.Errorf("first %v, then %v", first, second)
	}
	call.Answered, call.Answer = func(context.Context, []byte) error { return context.Canceled }, nil
	if _, err := run(t, quick, call); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// A job's id stays within the module's path, whatever it is.
func TestJobIDIsEscaped(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.Header().Set("Location", "x")
			_, _ = w.Write([]byte(`{"id":"../../admin?x=1#y"}`))
			return
		}
		asked <- r.RequestURI
		_, _ = w.Write([]byte(`{"complete":true}`))
	}))
	defer server.Close()
	call := callOf(&stubmodule.Service{URL: server.URL}, "2.0", nil)
	if _, err := run(t, quick, call); err != nil {
		t.Fatal(err)
	}
	if uri := <-asked; uri != "/_/tenant/..%2F..%2Fadmin%3Fx=1%23y" {
		t.Errorf("asked for %s", uri)
	}
}

// A module that hangs at a look is asked again.
func TestHangingLook(t *testing.T) {
	t.Parallel()
	looks := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			w.Header().Set("Location", "x")
			_, _ = w.Write([]byte(`{"id":"1"}`))
		case r.Method == http.MethodGet && len(looks) == 0:
			looks <- struct{}{}
			<-r.Context().Done()
		default:
			_, _ = w.Write([]byte(`{"complete":true}`))
		}
	}))
	defer server.Close()
	if _, err := run(t, &Client{Poll: 50 * time.Millisecond, Retry: time.Millisecond}, callOf(&stubmodule.Service{URL: server.URL}, "2.0", nil)); err != nil {
		t.Fatal(err)
	}
}

func FuzzHear(f *testing.F) {
	for _, seed := range []string{`{"complete":true,"error":"x","messages":["a",null,3]}`, `{"errors":[{"message":"m","parameters":[{"key":"k","value":{}}]}]}`, `[]`, `null`, `{"id":5}`, "{\"id\":\"\\u0000\"}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := hear(body)
		for _, p := range append(s.told.Errors, s.told.Warnings...) {
			if p.Message != clean(p.Message) || len(p.Parameters) > mostProblems {
				t.Errorf("problem %+q", p)
			}
		}
		if len(s.told.Errors) > mostProblems || s.broken != nil && (s.complete && s.failed) {
			t.Errorf("said %+v", s)
		}
		if err := s.refusal("m"); err != nil && strings.ContainsRune(err.Error(), 0) {
			t.Errorf("refusal %q", err)
		}
		id, err := jobID(body, "m", route{method: "POST", path: "/_/tenant"})
		if err != nil && id != "" || err == nil && (id == "" || len(id) > mostID) {
			t.Errorf("id %q, %v", id, err)
		}
		if err == nil {
			if path := (route{path: "/_/tenant/{id}"}).of(id).path; strings.Count(path, "/") != 3 || strings.ContainsAny(path, "?# ") {
				t.Errorf("path %s", path)
			}
		}
	})
}
