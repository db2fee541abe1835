package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cutroom/internal/install/stubmodule"
)

func TestOkapiModules(t *testing.T) {
	o := okapiSetup(t)
	const all = "/_/proxy/modules"
	users := `{"id":"users-1.0.0","name":"Users","x":{"kept":[1.50]},"provides":[{"id":"users","version":"1.1"}]}`
	got := o.want("POST", all, users, 201, users)
	if at := got.header.Get("Location"); at != all+"/users-1.0.0" {
		t.Errorf("Location %q", at)
	}
	o.want("GET", all+"/users-1.0.0", "", 200, users)
	o.want("POST", all, users, 201, users)
	o.want("POST", all, `{"name":"Users","id":"users-1.0.0","provides":[{"version":"1.1","id":"users"}],"x":{"kept":[1.50]}}`, 201, "")
	o.want("POST", all, `{"id":"users-1.0.0"}`, 400, "create: module users-1.0.0 already exists")
	o.want("POST", all+"?check=false", `{"id":"users-1.0.0"}`, 201, "")
	o.want("GET", all+"/users-1.0.0", "", 200, users)

	loans := `{"id":"loans-1.0.0","requires":[{"id":"users","version":"2.0"},{"id":"mail","version":"1.0"}]}`
	o.want("POST", all, loans, 400, "Incompatible version for module loans-1.0.0 interface users. Need 2.0. Have 1.1/users-1.0.0\nMissing dependency: loans-1.0.0 requires mail: 1.0")
	o.want("GET", all+"/loans-1.0.0", "", 404, "loans-1.0.0")
	o.want("POST", all+"?check=false", loans, 201, loans)
	o.want("POST", all, `{"id":"fine-1.0.0","requires":[{"id":"users","version":"1.0"}]}`, 201, "")
	o.want("DELETE", all+"/users-1.0.0", "", 400, "delete: module users-1.0.0: Missing dependency: fine-1.0.0 requires users: 1.0\nMissing dependency: loans-1.0.0 requires users: 2.0")
	o.want("DELETE", all+"/fine-1.0.0", "", 204, "")
	o.want("DELETE", all+"/fine-1.0.0", "", 404, "delete: module fine-1.0.0 does not exist")
	o.want("DELETE", all+"/loans-1.0.0", "", 204, "")
	o.want("DELETE", all+"/users-1.0.0", "", 204, "")
	o.want("GET", all, "", 200, `[]`)

	o.want("POST", all+"?preRelease=false", `{"id":"a-1.0.0","requires":[{"id":"x","version":"1.0"}]}`, 400, "Missing dependency: a-1.0.0 requires x: 1.0")
	o.want("POST", all, `{"id":"cutroom-core-99.0.0"}`, 400, "create: module cutroom-core-99.0.0: names that begin with cutroom- are those of built-in modules")
	o.want("POST", all, `{"name":"x"}`, 400, "No Id in module")
	for _, body := range []string{"", "{", "[]", "null", "5", `{"id":5}`, `{"id":"a"} x`, `{"id":"A B"}`, "{\"id\":\"a-1.0.0\",\"name\":\"\\u0000\"}", `{"id":"a-1.0.0","requires":"x"}`, `{"id":"a-1.0.0","provides":[{}]}`,
		`{"id":"folio_` + strings.Repeat("x", 300) + `-1.0.0"}`, `{"id":"` + strings.Repeat("a", 300) + `-1.0.0"}`, "{\"id\":\"a-1.0.0\",\"name\":\"\xff\"}"} {
		got := o.do("POST", all, body)
		if got.status != 400 {
			t.Errorf("%q: %d %s", body, got.status, got.body)
		}
	}
	for _, query := range []string{"check=x", "check=", "preRelease=x", "npmSnapshot=1", "%zz"} {
		o.want("POST", all+"?"+query, users, 400, "")
	}
}

func TestOkapiImportsModules(t *testing.T) {
	o := okapiSetup(t)
	const path = "/_/proxy/import/modules"
	o.want("POST", path, `[{"id":"b-1.0.0","requires":[{"id":"a","version":"1.0"}]},{"id":"a-1.0.0","provides":[{"id":"a","version":"1.0"}]},{"id":"a-1.0.0","provides":[{"id":"a","version":"1.0"}]}]`, 204, "")
	o.want("POST", path, `[{"id":"c-1.0.0"},{"id":"d-1.0.0","requires":[{"id":"none","version":"1.0"}]}]`, 400, "Missing dependency: d-1.0.0 requires none: 1.0")
	o.want("POST", path, `[{"id":"c-1.0.0"},{"id":"c-1.0.0","name":"C"}]`, 400, "create: module c-1.0.0 already exists")
	o.want("POST", path, `[]`, 204, "")
	for _, body := range []string{"", "null", "{}", "[1]", `[{"name":"x"}]`, "[null]"} {
		o.want("POST", path, body, 400, "")
	}
	o.want("GET", "/_/proxy/modules", "", 200, `[{"id":"a-1.0.0"},{"id":"b-1.0.0"}]`)
}

func TestOkapiListsModules(t *testing.T) {
	o := okapiSetup(t)
	const all = "/_/proxy/modules"
	for _, id := range []string{"a-1.0.0", "a-1.10.0", "a-1.9.0", "a-2.0.0-SNAPSHOT.3", "b-1.0.0", "b-1.0.1000"} {
		o.want("POST", all, `{"id":"`+id+`","name":"N","provides":[{"id":"i`+id[:1]+`","version":"1.0"}]}`, 201, "")
	}
	for query, want := range map[string]string{
		"":                                  "a-1.0.0 a-1.9.0 a-1.10.0 a-2.0.0-SNAPSHOT.3 b-1.0.0 b-1.0.1000",
		"filter=a":                          "a-1.0.0 a-1.9.0 a-1.10.0 a-2.0.0-SNAPSHOT.3",
		"filter=a-1":                        "a-1.0.0 a-1.9.0 a-1.10.0",
		"preRelease=false":                  "a-1.0.0 a-1.9.0 a-1.10.0 b-1.0.0 b-1.0.1000",
		"preRelease=only":                   "a-2.0.0-SNAPSHOT.3",
		"latest=1":                          "a-2.0.0-SNAPSHOT.3 b-1.0.1000",
		"latest=1&preRelease=false":         "a-1.10.0 b-1.0.1000",
		"orderBy=id&order=desc&filter=a-1":  "a-1.10.0 a-1.9.0 a-1.0.0",
		"provide=ib":                        "b-1.0.0 b-1.0.1000",
		"require=ib":                        "",
		"unknown=x&filter=b-1.0.0":          "b-1.0.0",
		"filter=" + url.QueryEscape("none"): "",
	} {
		var ids []string
		for _, part := range strings.Split(o.do("GET", all+"?"+query, "").body, `"id": "`)[1:] {
			ids = append(ids, part[:strings.IndexByte(part, '"')])
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	o.want("GET", all+"?filter=b-1.0.0", "", 200, `[{"id":"b-1.0.0","name":"N"}]`)
	o.want("GET", all+"?filter=b-1.0.0&full=true", "", 200, `[{"id":"b-1.0.0","name":"N","provides":[{"id":"ib","version":"1.0"}]}]`)
	for _, query := range []string{"full=x", "orderBy=name", "orderBy=id&order=up", "latest=x", "preRelease=x", "filter=A", "%zz"} {
		o.want("GET", all+"?"+query, "", 400, "")
		o.want("GET", demoTenant+"/modules?"+query, "", 400, "")
	}
}

func TestOkapiDiscovery(t *testing.T) {
	o := okapiSetup(t)
	const all = "/_/discovery/modules"
	o.want("POST", "/_/proxy/modules", `{"id":"a-1.0.0"}`, 201, "")
	o.want("GET", all, "", 200, `[]`)
	one := `{"srvcId":"a-1.0.0","instId":"one/1","url":"http://127.0.0.1:9/x/"}`
	got := o.want("POST", all, one, 201, one)
	if at := got.header.Get("Location"); at != all+"/a-1.0.0/one%2F1" {
		t.Errorf("Location %q", at)
	}
	o.want("GET", all+"/a-1.0.0/one%2F1", "", 200, one)
	o.want("POST", all, one, 400, "Duplicate instId one/1")
	got = o.want("POST", all, `{"srvcId":"a-1.0.0","url":"https://[::1]:8443"}`, 201, "")
	made := got.header.Get("Location")
	if len(made) != len(all+"/a-1.0.0/")+36 {
		t.Errorf("Location %q", made)
	}
	o.want("GET", made, "", 200, got.body)
	o.want("GET", all+"/a-1.0.0", "", 200, "["+one+","+got.body+"]")
	o.want("GET", all, "", 200, "["+one+","+got.body+"]")
	if at, there, err := o.Installs.URL(t.Context(), "a-1.0.0"); at != "http://127.0.0.1:9/x" || !there || err != nil {
		t.Errorf("URL: %q %v %v", at, there, err)
	}
	if at, there, err := o.Installs.URL(t.Context(), "b-1.0.0"); at != "" || there || err != nil {
		t.Errorf("URL: %q %v %v", at, there, err)
	}

	o.want("POST", all, `{"url":"http://a"}`, 400, "Needs srvcId")
	o.want("POST", all, `{"srvcId":"b-1.0.0","url":"http://a"}`, 404, "Module b-1.0.0 not found")
	o.want("POST", all, `{"srvcId":"a-1.0.0"}`, 400, "Needs url: modules are not launched here")
	for _, more := range []string{`,"nodeId":"localhost"`, `,"descriptor":{"exec":"rm -rf"}`, `,"nodeId":"x","url":"http://a"`} {
		o.want("POST", all, `{"srvcId":"a-1.0.0"`+more+`}`, 400, "Modules are not launched here: give url, without nodeId and descriptor")
	}
	for _, at := range []string{"ftp://a", "//a", "a", "/a", "http://", "http://:80", "http://u:p@a", "http://u@a", "http://a?x", "http://a?", "http://a#x", "http://a:x", "http://a:0", "http://a:65536", "http://a b", "javascript:alert(1)", `http://a\u0000`,
		"http://" + strings.Repeat("a", 3000)} {
		o.want("POST", all, `{"srvcId":"a-1.0.0","url":"`+at+`"}`, 400, "")
	}
	o.want("POST", all, `{"srvcId":"a-1.0.0","url":"http://a","instId":"`+strings.Repeat("x", 300)+`"}`, 400, "instId has more than 255 bytes")
	o.want("POST", all, `{"srvcId":"a-1.0.0","url":"http://a","instId":"\u0000"}`, 400, "")
	for _, body := range []string{"", "{", "[]", `{"srvcId":5}`, `{"srvcId":"a-1.0.0","url":"http://a","x":1}`} {
		o.want("POST", all, body, 400, "")
	}

	o.want("GET", all+"/b-1.0.0", "", 404, "b-1.0.0")
	o.want("GET", all+"/a-1.0.0/none", "", 404, "a-1.0.0/none")
	o.want("DELETE", all+"/a-1.0.0/none", "", 404, "a-1.0.0/none")
	o.want("DELETE", all+"/b-1.0.0", "", 404, "b-1.0.0")
	o.want("DELETE", all+"/a-1.0.0/one%2F1", "", 204, "")
	o.want("DELETE", all+"/a-1.0.0", "", 204, "")
	o.want("DELETE", all+"/a-1.0.0", "", 404, "a-1.0.0")
	o.want("DELETE", all, "", 204, "")
	o.want("POST", all, one, 201, one)
	o.want("DELETE", all, "", 204, "")
	o.want("GET", all, "", 200, `[]`)
}

// What is built in is there, and stays as it is.
func TestOkapiKeepsWhatIsBuiltIn(t *testing.T) {
	o := okapiSetup(t)
	if err := o.Installs.RegisterBuiltins(t.Context()); err != nil {
		t.Fatal(err)
	}
	var id string
	if err := o.DB.Pool.QueryRow(t.Context(), "select id from cutroom.module where built_in and product = 'cutroom-core'").Scan(&id); err != nil {
		t.Fatal(err)
	}
	o.want("DELETE", "/_/proxy/modules/"+id, "", 400, "delete: module "+id+": it is built in")
	o.want("POST", "/_/proxy/modules", `{"id":"`+id+`","name":"Evil"}`, 400, "create: module "+id+" already exists")
	o.want("POST", "/_/discovery/modules", `{"srvcId":"`+id+`","url":"http://a"}`, 400, "Module "+id+" is built in: it needs no url")
}

func TestOkapiKeepsModulesInUse(t *testing.T) {
	o := okapiSetup(t)
	o.module(stubmodule.Descriptor{ID: "a-1.0.0", Tenant: "2.0"})
	job := o.want("POST", demoTenant+"/install?async=true", `[{"id":"a-1.0.0"}]`, 201, "")
	o.want("DELETE", "/_/proxy/modules/a-1.0.0", "", 400, "delete: module a-1.0.0 is used by tenant demo")
	o.work()
	o.untilComplete(job.header.Get("Location"))
	o.want("DELETE", "/_/proxy/modules/a-1.0.0", "", 400, "delete: module a-1.0.0 is used by tenant demo")
	o.want("POST", demoTenant+"/install", `[{"id":"a-1.0.0","action":"disable"}]`, http.StatusOK, `[{"id":"a-1.0.0","action":"disable"}]`)
	o.want("DELETE", "/_/proxy/modules/a-1.0.0", "", 204, "")
	o.want("GET", "/_/discovery/modules/a-1.0.0", "", 404, "a-1.0.0")
	var actions string
	err := o.DB.Pool.QueryRow(t.Context(), "select string_agg(action || ' ' || subject, ', ' order by id) from cutroom_operators.audit_log where action like 'module.%'").Scan(&actions)
	if want := "module.add a-1.0.0, module.discover a-1.0.0 a-1.0.0-1, module.remove a-1.0.0"; err != nil || actions != want {
		t.Errorf("the audit log: %s %v", actions, err)
	}
}
