package module

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

const wholeDescriptor = `{ "id" : "mod-x-1.0.0", "name": "X", "tags": ["t"], "replaces": ["mod-old"],
  "requires": [{"id": "users", "version": "15.0 16.1"}],
  "optional": [{"id": "email", "version": "1.0"}],
  "provides": [
    {"id": "x", "version": "1.2", "handlers": [{"methods": ["GET"], "pathPattern": "/x", "permissionsRequired": [], "modulePermissions": ["p"]}]},
    {"id": "_tenant", "version": "2.0", "interfaceType": "system", "handlers": [
      {"methods": ["POST"], "pathPattern": "/_/tenant"}, {"methods": ["GET", "DELETE"], "pathPattern": "/_/tenant/{id}"}]},
    {"id": "many", "version": "1.0", "interfaceType": "multiple", "handlers": [{"methods": ["GET"], "path": "/many", "permissionsRequired": []}]}
  ],
  "launchDescriptor": {"dockerImage": "x", "env": [{"name": "A", "value": "1"}]}, "other": {"z": 1, "a": 12345678901234567890} }`

func TestParse(t *testing.T) {
	d, err := Parse([]byte(wholeDescriptor))
	if err != nil {
		t.Fatal(err)
	}
	if d.ID != "mod-x-1.0.0" || d.Name != "X" || len(d.Provides) != 3 || d.Requires[0].Version != "15.0 16.1" || d.Replaces[0] != "mod-old" {
		t.Errorf("got %+v", d)
	}
	if string(d.Raw) != wholeDescriptor {
		t.Error("the descriptor is not kept as it came")
	}
	out, err := json.Marshal(d)
	var compact bytes.Buffer
	if err == nil {
		err = json.Compact(&compact, []byte(wholeDescriptor))
	}
	if err != nil || string(out) != compact.String() {
		t.Errorf("given out as %s, %v", out, err)
	}
	version, handlers, ok := d.TenantInterface()
	if version != "2.0" || len(handlers) != 2 || handlers[1].PathPattern != "/_/tenant/{id}" || !ok {
		t.Errorf("tenant interface %s %+v %v", version, handlers, ok)
	}
	brief, err := json.Marshal(d.Brief())
	if want := `{"id":"mod-x-1.0.0","name":"X"}`; err != nil || string(brief) != want {
		t.Errorf("brief is %s, %v, want %s", brief, err, want)
	}
}

func TestTenantInterfaceMustBeSystem(t *testing.T) {
	for _, raw := range []string{`{"id":"a-1"}`, `{"id":"a-1","provides":[{"id":"_tenant","version":"1.0"}]}`} {
		d, err := Parse([]byte(raw))
		if _, _, ok := d.TenantInterface(); ok || err != nil {
			t.Errorf("%s has a tenant interface, %v", raw, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for raw, want := range map[string]string{
		`{`:            "Failed to decode:",
		`[]`:           "Failed to decode:the module descriptor cannot be a JSON array",
		`{"id":7}`:     "Failed to decode:id cannot be a JSON number",
		`{"id":"a"}{}`: "Failed to decode:",
		`null`:         "No Id in module",
		`{}`:           "No Id in module",
		`{"id":"A-1"}`: "ModuleID 'A-1' must start with lowercase letter",
		`{"id":"a-1","provides":[{"version":"1.0"}]}`:                                                     "id is missing for module a-1",
		`{"id":"a-1","provides":[{"id":"i"}]}`:                                                            "version is missing for module a-1",
		`{"id":"a-1","provides":[{"id":"i","version":"1"}]}`:                                              "Bad version number '1'",
		`{"id":"a-1","provides":[{"id":"i","version":"1.0 2.0"}]}`:                                        "Bad version number '1.0 2.0'",
		`{"id":"a-1","provides":[{"id":"i","version":"1.0","interfaceType":"x"}]}`:                        "Bad interface type 'x' for module a-1",
		`{"id":"a-1","provides":[{"id":"i","version":"1.0","handlers":[{"path":"/p"}]}]}`:                 "Module 'a-1' handler /p: Missing field permissionsRequired",
		`{"id":"a-1","provides":[{"id":"i","version":"1.0","handlers":[{}]}]}`:                            "Bad routing entry, needs a pathPattern or at least a path",
		`{"id":"a-1","requires":[{"version":"1.0"}]}`:                                                     "id is missing for module a-1",
		`{"id":"a-1","requires":[{"id":"i"}]}`:                                                            "version is missing for module a-1",
		`{"id":"a-1","requires":[{"id":"i","version":" "}]}`:                                              "Bad version number ' '",
		`{"id":"a-1","requires":[{"id":"i","version":"1.0 x"}]}`:                                          "Bad version number '1.0 x'",
		`{"id":"a-1","optional":[{"id":"i","version":"1.2.3.4"}]}`:                                        "Bad version number '1.2.3.4'",
		`{"id":"a-1","requires":[{"id":"i","version":"1.0","handlers":[{"path":"/p"}]}]}`:                 "No handlers allowed in 'requires' section for module a-1",
		`{"id":"a-1","provides":[{"id":"i","version":"1.0","handlers":[{"path":"/p","methods":"GET"}]}]}`: "Failed to decode:",
	} {
		d, err := Parse([]byte(raw))
		if err == nil || !strings.HasPrefix(err.Error(), want) || d.ID != "" {
			t.Errorf("%s: got %+v, %v, want %q", raw, d, err, want)
		}
	}
}

func TestSatisfies(t *testing.T) {
	for _, c := range []struct {
		provided, required string
		want               bool
	}{
		{"1.0", "1.0", true},
		{"1.1", "1.0", true},
		{"1.0", "1.1", false},
		{"1.10", "1.9", true},
		{"2.0", "1.0", false},
		{"1.0", "2.0", false},
		{"2.0", "1.0 2.0", true},
		{"1.3", "1.2  2.0", true},
		{"3.0", "1.0 2.0", false},
		{"1.2.3", "1.2", true},
		{"1.2", "1.2.3", false},
		{"1.2.3", "1.2.3", true},
		{"1.2.2", "1.2.3", false},
		{"1.3", "1.2.3", true},
		{"1.3.0", "1.2.3", true},
		{"01.2", "1.2", true},
	} {
		if got := (Interface{ID: "i", Version: c.provided}).Satisfies(Reference{ID: "i", Version: c.required}); got != c.want {
			t.Errorf("%s for %s: got %v", c.provided, c.required, got)
		}
	}
	if (Interface{ID: "i", Version: "1.0"}).Satisfies(Reference{ID: "j", Version: "1.0"}) {
		t.Error("another interface satisfies")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(wholeDescriptor))
	for _, s := range []string{`{}`, `{"id":"a-1"}`, `{"id":"a-1","provides":[{"id":"i","version":"1.0"}],"requires":[{"id":"i","version":"1.0 2.0"}]}`, `{"ID":"a-1","id":"b-1"}`, "null", `{"id":"a-1","provides":null}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := Parse(raw)
		if err != nil {
			return
		}
		if !bytes.Equal(d.Raw, raw) {
			t.Errorf("%q is not kept as it came", raw)
		}
		out, err := json.Marshal(d)
		if err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		again, err := Parse(out)
		if err != nil || again.ID != d.ID || len(again.Provides) != len(d.Provides) || len(again.Requires) != len(d.Requires) {
			t.Errorf("%q is given out as %q, which is %+v, %v", raw, out, again, err)
		}
		all := map[string]Descriptor{d.ID: d}
		list, err := Resolve(all, nil, []TenantModule{{ID: d.ID}}, Options{DepCheck: true})
		if err == nil && (len(list) != 1 || list[0].ID != d.ID) {
			t.Errorf("%q alone comes to %+v", raw, list)
		}
	})
}
