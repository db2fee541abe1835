package handlers

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cutroom/internal/install/stubmodule"
)

// untilComplete looks at a job until nothing of it runs any more, and gives it in full.
func (o *okapiSite) untilComplete(path string) map[string]any {
	o.t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; <-look.C {
		var job map[string]any
		got := o.do("GET", path+"?full=true", "")
		if err := json.Unmarshal([]byte(got.body), &job); err != nil || got.status != http.StatusOK {
			o.t.Fatalf("%s: %d %s %v", path, got.status, got.body, err)
		}
		if job["complete"] == true {
			return job
		}
		if time.Now().After(deadline) {
			o.t.Fatalf("not complete: %s", got.body)
		}
	}
}

// keys are those of an object, sorted.
func keys(v any) string {
	m, _ := v.(map[string]any)
	return strings.Join(slices.Sorted(maps.Keys(m)), " ")
}

func first(job map[string]any, n int) map[string]any {
	list, _ := job["modules"].([]any)
	if n >= len(list) {
		return nil
	}
	m, _ := list[n].(map[string]any)
	return m
}

func TestOkapiInstalls(t *testing.T) {
	o := okapiSetup(t)
	o.work()
	o.module(stubmodule.Descriptor{ID: "a-1.0.0", Tenant: "2.0", Provides: []stubmodule.Interface{{ID: "a", Version: "1.0"}}})
	o.module(stubmodule.Descriptor{ID: "b-1.0.0", Tenant: "2.0", Requires: []stubmodule.Interface{{ID: "a", Version: "1.0"}}})
	both := `[{"id":"a-1.0.0","action":"enable"},{"id":"b-1.0.0","action":"enable"}]`
	path := demoTenant + "/install"
	for _, query := range []string{"?simulate=true", "?simulate=true&async=true"} {
		got := o.want("POST", path+query, `[{"id":"b"}]`, 200, both)
		if got.header.Get("Location") != "" {
			t.Errorf("a simulation's Location %q", got.header.Get("Location"))
		}
	}
	o.want("GET", path, "", 200, `[]`)

	got := o.want("POST", path+"?async=true&x=y", `[{"id":"b-1.0.0","action":"enable","stage":"done","message":"m","from":"x-1.0.0"}]`, 201, both)
	at := got.header.Get("Location")
	if !regexp.MustCompile(`^` + path + `/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(at) {
		t.Fatalf("Location %q", at)
	}
	job := o.untilComplete(at)
	if want := "complete endDate errors id kind modules startDate startedBy status tenant warnings"; keys(job) != want {
		t.Errorf("in full: %s", keys(job))
	}
	if want := "action endDate errors id stage startDate status warnings"; keys(first(job, 0)) != want {
		t.Errorf("a module in full: %s", keys(first(job, 0)))
	}
	if job["status"] != "done" || job["kind"] != "install" || job["tenant"] != "demo" || job["startedBy"] != "olga" {
		t.Errorf("the job: %v", job)
	}
	var short map[string]any
	if err := json.Unmarshal([]byte(o.want("GET", at, "", 200, "").body), &short); err != nil || keys(short) != "complete endDate id modules startDate" || keys(first(short, 0)) != "action id stage" {
		t.Errorf("the job: %v %v", short, err)
	}
	if _, err := time.Parse(time.RFC3339Nano, short["startDate"].(string)); err != nil || !strings.HasSuffix(short["endDate"].(string), "Z") {
		t.Errorf("its dates: %v", short)
	}
	o.want("GET", path+"?full=false", "", 200, "["+o.do("GET", at, "").body+"]")
	o.want("GET", path+strings.ToUpper(at[len(path):]), "", 200, "")
	o.want("GET", demoTenant+"/modules", "", 200, `[{"id":"a-1.0.0"},{"id":"b-1.0.0"}]`)
	o.want("GET", demoTenant+"/modules?filter=b", "", 200, `[{"id":"b-1.0.0"}]`)
	o.want("GET", demoTenant+"/modules/a-1.0.0", "", 200, `{"id":"a-1.0.0"}`)
	o.want("GET", demoTenant+"/modules/c-1.0.0", "", 404, "c-1.0.0")
	o.want("POST", path, `[{"id":"a-1.0.0"}]`, 200, `[{"id":"a-1.0.0","action":"uptodate"}]`)

	o.want("GET", demoTenant+"/upgrade", "", 200, `[]`)
	o.want("POST", demoTenant+"/upgrade", "", 200, `[]`)
	o.module(stubmodule.Descriptor{ID: "a-1.1.0", Tenant: "2.0", Provides: []stubmodule.Interface{{ID: "a", Version: "1.1"}}})
	newer := `[{"id":"a-1.1.0","from":"a-1.0.0","action":"enable"}]`
	o.want("POST", demoTenant+"/upgrade?simulate=true", "", 200, newer)
	o.want("POST", demoTenant+"/upgrade", "[]", 400, "Upgrade request must not have a body")
	got = o.want("POST", demoTenant+"/upgrade?async=true", "", 201, newer)
	if !strings.HasPrefix(got.header.Get("Location"), path+"/") {
		t.Errorf("an upgrade's Location %q", got.header.Get("Location"))
	}
	if job := o.untilComplete(got.header.Get("Location")); job["kind"] != "upgrade" || first(job, 0)["from"] != "a-1.0.0" {
		t.Errorf("an upgrade: %v", job)
	}
	o.want("DELETE", demoTenant+"/upgrade", "", 204, "")
	o.want("GET", demoTenant+"/upgrade", "", 200, `[]`)
	o.want("GET", at, "", 200, "")
	o.want("DELETE", at+"?abort=false", "", 204, "")
	o.want("GET", at, "", 404, strings.Replace(strings.TrimPrefix(at, "/_/proxy/tenants/"), "/install/", "/", 1))
	o.want("DELETE", path, "", 204, "")
	o.want("GET", path, "", 200, `[]`)
	o.want("GET", path+"/nothing", "", 404, "demo/nothing")
	o.want("DELETE", path+"/nothing", "", 404, "demo/nothing")
}

func TestOkapiTellsFailures(t *testing.T) {
	o := okapiSetup(t)
	o.work()
	o.module(stubmodule.Descriptor{ID: "a-1.0.0", Tenant: "2.0", Requires: []stubmodule.Interface{{ID: "i", Version: "1.0"}}, Provides: []stubmodule.Interface{{ID: "i", Version: "1.0"}}})
	o.module(stubmodule.Descriptor{ID: "c-1.0.0", Tenant: "2.0"})
	o.want("POST", "/_/proxy/modules?check=false", `{"id":"d-1.0.0","requires":[{"id":"none","version":"1.0"}]}`, 201, "")
	path := demoTenant + "/install"
	for _, query := range []string{"", "?async=true", "?simulate=true"} {
		o.want("POST", path+query, `[{"id":"d-1.0.0"}]`, 400, "interface none required by module d-1.0.0 not found")
	}
	o.want("GET", path, "", 200, `[]`)
	o.service.Plan("c", stubmodule.Plan{Status: 403, Body: "no\nway"})
	said := "POST request for c-1.0.0 /_/tenant failed with 403: no\nway"
	o.want("POST", path, `[{"id":"c-1.0.0"}]`, 400, said)
	got := o.want("POST", path+"?ignoreErrors=true", `[{"id":"c-1.0.0"}]`, 200, "")
	if !strings.Contains(got.body, `"message": "POST request for c-1.0.0 `) || strings.Contains(got.body, "stage") {
		t.Errorf("ignored: %s", got.body)
	}
	o.want("POST", "/_/proxy/modules", `{"id":"e-1.0.0"}`, 201, "")
	for _, query := range []string{"?deploy=true", "?deploy=true&ignoreErrors=true"} {
		o.want("POST", path+query, `[{"id":"e-1.0.0"}]`, 400, "Module e-1.0.0 has no launchDescriptor")
	}
	job := o.untilComplete(o.want("POST", path+"?async=true", `[{"id":"c-1.0.0"}]`, 201, `[{"id":"c-1.0.0","action":"enable"}]`).header.Get("Location"))
	if job["status"] != "error" || first(job, 0)["message"] != said || first(job, 0)["status"] != "error" || len(job["errors"].([]any)) != 1 || !strings.Contains(keys(job["errors"].([]any)[0]), "parameters") {
		t.Errorf("a job that failed: %v", job)
	}
}

func TestOkapiAborts(t *testing.T) {
	o := okapiSetup(t)
	o.work()
	o.module(stubmodule.Descriptor{ID: "a-1.0.0", Tenant: "2.0"})
	o.module(stubmodule.Descriptor{ID: "b-1.0.0", Tenant: "2.0"})
	o.service.Plan("a", stubmodule.Plan{Hold: true})
	o.service.Plan("b", stubmodule.Plan{Hold: true})
	path := demoTenant + "/install"
	at := o.want("POST", path+"?async=true", `[{"id":"a-1.0.0"},{"id":"b-1.0.0"}]`, 201, "").header.Get("Location")
	o.service.WaitTold(t, "a-1.0.0")
	id := at[strings.LastIndexByte(at, '/')+1:]
	o.want("DELETE", at+"?abort=false", "", 400, "Cannot delete non-completed job "+id)
	o.want("DELETE", at+"?abort=x", "", 400, "Bad boolean for parameter abort: x")
	o.want("DELETE", path, "", 204, "")
	o.want("GET", at, "", 200, "")
	o.want("DELETE", at, "", 202, "")
	o.want("DELETE", at, "", 202, "")
	o.service.Release("a")
	job := o.untilComplete(at)
	if job["status"] != "aborted" || first(job, 1)["message"] != "aborted" {
		t.Errorf("aborted: %v", job)
	}
	o.want("DELETE", at, "", 204, "")
	o.want("DELETE", at, "", 404, "demo/"+id)
	o.want("DELETE", path+"?abort=true", "", 204, "")
}

func TestOkapiRefusesBadInstalls(t *testing.T) {
	o := okapiSetup(t)
	o.want("POST", "/_/proxy/modules", `{"id":"a-1.0.0"}`, 201, "")
	for _, more := range []string{"", "&async=true"} {
		for query, text := range map[string]string{
			"async=maybe": "Bad boolean for parameter async: maybe", "simulate=": "Bad boolean for parameter simulate: ", "deploy=TRUE": "Bad boolean for parameter deploy: TRUE",
			"purge=1": "Bad boolean for parameter purge: 1", "reinstall=no": "Bad boolean for parameter reinstall: no", "ignoreErrors=x": "Bad boolean for parameter ignoreErrors: x",
			"depCheck=x": "Bad boolean for parameter depCheck: x", "parallel=x": "Bad integer for parameter 'parallel'", "parallel=99999999999": "Bad integer for parameter 'parallel'",
			"parallel=0": "parallel must be 1 or higher", "parallel=-1": "parallel must be 1 or higher",
			"parallel=2&depCheck=false": "Install Option parallel can not be greater than 1 when Install Option depCheck is false",
			"invoke=%28":                "Bad regular expression for parameter invoke: (",
			"preRelease=x":              `Expected "true", "false", "only" or undefined/null for parameter preRelease, but got: x`,
			"npmSnapshot=":              `Expected "true", "false", "only" or undefined/null for parameter npmSnapshot, but got: `,
			"%zz":                       `Bad query: invalid URL escape "%zz"`,
		} {
			o.want("POST", demoTenant+"/install?"+query+more, `[{"id":"a-1.0.0"}]`, 400, text)
			o.want("POST", demoTenant+"/upgrade?"+query+more, "", 400, text)
		}
		for _, body := range []string{"", " ", "{", "[", "{}", "null", "5", `"a"`, "[5]", "[null]", "[{}]", `[{"id":""}]`, `[{"id":null}]`, `[{"id":5}]`, `[{"action":"enable"}]`, `[{"id":"a-1.0.0","action":"explode"}]`,
			`[{"id":"a-1.0.0","action":5}]`, `[{"id":"a-1.0.0","x":1}]`, `[{"id":"a-1.0.0"}] x`, `[{"id":"a-1.0.0"}][]`, "[{\"id\":\"a\xff\"}]", `[{"id":"a\u0000"}]`, `[{"id":"none-1.0.0"}]`, `[{"id":"A"}]`, strings.Repeat("[", 20000)} {
			got := o.do("POST", demoTenant+"/install?"+strings.TrimPrefix(more, "&"), body)
			if got.status != 400 && (got.status != 404 || !strings.Contains(body, "none")) {
				t.Errorf("%q: %d %s", body, got.status, got.body)
			}
		}
	}
	o.want("POST", demoTenant+"/install?tenantParameters=%00", `[{"id":"a-1.0.0"}]`, 400, "")
	for _, call := range []string{"GET /modules", "GET /modules/a-1.0.0", "POST /modules {\"id\":\"a-1.0.0\"}", "POST /modules/a-1.0.0 {\"id\":\"a-1.0.0\"}", "DELETE /modules", "DELETE /modules/a-1.0.0", "GET /interfaces", "GET /interfaces/i",
		"POST /install [{\"id\":\"a-1.0.0\"}]", "POST /install?async=true [{\"id\":\"a-1.0.0\"}]", "POST /install?simulate=true [{\"id\":\"a-1.0.0\"}]", "POST /upgrade", "POST /upgrade?async=true", "GET /install", "DELETE /install", "GET /upgrade", "DELETE /upgrade",
		"GET /install/00000000-0000-4000-8000-000000000000", "DELETE /install/00000000-0000-4000-8000-000000000000", "GET /install/x"} {
		method, rest, _ := strings.Cut(call, " ")
		path, body, _ := strings.Cut(rest, " ")
		o.want(method, "/_/proxy/tenants/none"+path, body, 404, "none")
		o.want(method, "/_/proxy/tenants/NONE"+path, body, 404, "NONE")
	}
	o.want("GET", demoTenant+"/install", "", 200, `[]`)
}

// The older calls change one module and nothing else.
func TestOkapiOlderCalls(t *testing.T) {
	o := okapiSetup(t)
	o.work()
	o.module(stubmodule.Descriptor{ID: "a-1.0.0", Tenant: "2.0", Provides: []stubmodule.Interface{{ID: "a", Version: "1.0"}}})
	o.module(stubmodule.Descriptor{ID: "a-1.1.0", Provides: []stubmodule.Interface{{ID: "a", Version: "1.0"}}})
	o.module(stubmodule.Descriptor{ID: "b-1.0.0", Requires: []stubmodule.Interface{{ID: "a", Version: "1.0"}}})
	path := demoTenant + "/modules"
	o.want("POST", path, `{"id":"b-1.0.0"}`, 400, "interface a required by module b-1.0.0 not found")
	got := o.want("POST", path, `{"id":"a-1.0.0"}`, 201, `{"id":"a-1.0.0"}`)
	if at := got.header.Get("Location"); at != path+"/a-1.0.0" {
		t.Errorf("Location %q", at)
	}
	o.want("POST", path, `{"id":"a-1.0.0"}`, 400, "Module a-1.0.0 already provided")
	o.want("POST", path, `{"id":"b"}`, 201, `{"id":"b-1.0.0"}`)
	o.want("DELETE", path+"/a-1.0.0", "", 400, "interface a required by module b-1.0.0 not found")
	got = o.want("POST", path+"/a-1.0.0", `{"id":"a-1.1.0"}`, 201, `{"id":"a-1.1.0"}`)
	if at := got.header.Get("Location"); at != path+"/a-1.1.0" {
		t.Errorf("Location %q", at)
	}
	o.want("POST", path+"/a-1.0.0", `{"id":"a-1.1.0"}`, 404, "a-1.0.0")
	o.want("POST", path, `{"id":"none"}`, 404, "none")
	o.want("GET", demoTenant+"/interfaces", "", 200, `[{"id":"a","version":"1.0"}]`)
	o.want("GET", demoTenant+"/interfaces?full=true&type=system", "", 200, `[]`)
	for _, id := range []string{"m-1.0.0", "n-1.0.0"} {
		o.want("POST", "/_/proxy/modules", `{"id":"`+id+`","provides":[{"id":"many","version":"1.0","interfaceType":"multiple"},{"id":"many","version":"1.1","interfaceType":"multiple"}]}`, 201, "")
		o.want("POST", path, `{"id":"`+id+`"}`, 201, "")
	}
	o.want("GET", demoTenant+"/interfaces?type=multiple", "", 200, `[{"id":"many","version":"1.0"},{"id":"many","version":"1.1"}]`)
	o.want("DELETE", path+"/m-1.0.0", "", 204, "")
	o.want("DELETE", path+"/n-1.0.0", "", 204, "")
	o.want("GET", demoTenant+"/interfaces/a", "", 200, `[{"id":"a-1.1.0"}]`)
	o.want("GET", demoTenant+"/interfaces/x", "", 200, `[]`)
	for _, body := range []string{"", "{", "[]", "null", `{"id":5}`, `{}`, `{"id":"a-1.0.0"}x`} {
		o.want("POST", path, body, 400, "")
		o.want("POST", path+"/a-1.1.0", body, 400, "")
	}
	o.want("DELETE", path+"/none", "", 404, "none")
	o.want("DELETE", path+"/b-1.0.0", "", 204, "")
	o.want("GET", path, "", 200, `[{"id":"a-1.1.0"}]`)
	o.want("DELETE", path, "", 204, "")
	o.want("GET", path, "", 200, `[]`)
	o.want("DELETE", path, "", 204, "")
}

// Modules hear the caller's X-* headers, but neither its token nor what was meant for the way there.
func TestOkapiPassesHeadersOn(t *testing.T) {
	o := okapiSetup(t)
	o.work()
	o.module(stubmodule.Descriptor{ID: "a-1.0.0", Tenant: "2.0"})
	token := strings.TrimPrefix(o.olga, "Authorization: Bearer ")
	got := o.call(t, nil, "POST", demoTenant+"/install", `[{"id":"a-1.0.0"}]`, "X-Okapi-Token: "+token, "X-Mine: 1", "X-Hop: 2", "Connection: x-hop", "X-Okapi-Tenant: other", "X-Okapi-Url: http://evil", "X-Forwarded-Host: evil",
		"X-Forwarded-For: 6.6.6.6", "Cookie: sid=x", "Accept: x/y")
	if got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	h := o.service.Told()[0].Header
	if h.Get("X-Mine") != "1" || h.Get("X-Okapi-Tenant") != "demo" || h.Get("X-Okapi-Url") == "http://evil" {
		t.Errorf("headers: %v", h)
	}
	for _, name := range []string{"X-Hop", "X-Forwarded-Host", "X-Forwarded-For", "Cookie", "Authorization", "X-Okapi-Token"} {
		if h.Get(name) != "" {
			t.Errorf("%s was passed on: %s", name, h.Get(name))
		}
	}
}
