package module

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestCheckAll(t *testing.T) {
	all := mods(t, `
a-1.0.0 +int=1.0
b-1.0.0 int=1.0 +inu=1.0
c-1.0.0 +int=2.0
d-1.0.0 int=2.0 +inu=1.0
e-1.0.0 +int=3.0
o-1.0.0 ?int=1.0
m-1.0.0 *many=1.0
n-1.0.0 many=1.0
u-1.0.0 _x=1.0
`)
	for _, c := range []struct{ modules, which, want string }{
		{modules: "a-1.0.0 b-1.0.0 c-1.0.0 d-1.0.0"},
		{modules: "b-1.0.0", want: "Missing dependency: b-1.0.0 requires int: 1.0"},
		{modules: "b-1.0.0 c-1.0.0 d-1.0.0", want: "Incompatible version for module b-1.0.0 interface int. Need 1.0. Have 2.0/c-1.0.0"},
		{modules: "b-1.0.0 c-1.0.0 d-1.0.0", which: "d-1.0.0"},
		{modules: "b-1.0.0 c-1.0.0 e-1.0.0", which: "b-1.0.0 c-1.0.0", want: "Incompatible version for module b-1.0.0 interface int. Need 1.0. Have 2.0/c-1.0.0 3.0/e-1.0.0"},
		{modules: "b-1.0.0 d-1.0.0", want: "Missing dependency: b-1.0.0 requires int: 1.0\nMissing dependency: d-1.0.0 requires int: 2.0"},
		{modules: "o-1.0.0"},
		{modules: "o-1.0.0 a-1.0.0 c-1.0.0"},
		{modules: "o-1.0.0 c-1.0.0", want: "Incompatible version for module o-1.0.0 interface int. Need 1.0. Have 2.0/c-1.0.0"},
		{modules: "m-1.0.0 n-1.0.0"},
		{modules: "u-1.0.0"},
	} {
		set := some(t, all, c.modules)
		got := CheckAll(set)
		if c.which != "" {
			got = Check(set, strings.Fields(c.which)...)
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%s, %s: got %q, want %q", c.modules, c.which, got, c.want)
		}
	}
}

func TestCheckEnabled(t *testing.T) {
	all := mods(t, registry)
	for _, c := range []struct{ enabled, want string }{
		{"a-1.0.0 e-1.0.0", ""},
		{"a-1.0.0 a-1.1.0 a-2.0.0", "Multiple modules a-1.0.0, a-1.1.0, a-2.0.0 provide interface int"},
		{"e-1.0.0 r-1.0.0", "interface int required by module e-1.0.0 not found. interface q required by module r-1.0.0 not found"},
		{"a-1.0.0 e-2.0.0", "Incompatible version for module e-2.0.0 interface int. Need 2.0. Have 1.0/a-1.0.0"},
	} {
		if got := strings.Join(CheckEnabled(some(t, all, c.enabled)), ". "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.enabled, got, c.want)
		}
	}
}

func TestWaits(t *testing.T) {
	all := mods(t, registry)
	for _, c := range []struct {
		order string
		want  [][]int
	}{
		{"p-1.0.0, q-1.0.0, x-1.0.0, s-1.0.0, r-1.0.0", [][]int{nil, {0}, nil, {0}, {1}}},
		{"-r-1.0.0, -q-1.0.0, -p-1.0.0, -x-1.0.0", [][]int{nil, {0}, {1}, nil}},
		{"b-1.0.0, -a-1.0.0, e-1.0.0, d-1.0.0", [][]int{nil, {0}, {0, 1}, {0, 1}}},
		{"=p-1.0.0, q-1.0.0", [][]int{nil, nil}},
		{"-y-1.0.0, y-1.1.1000123", [][]int{nil, {0}}},
	} {
		order := entries(c.order)
		for i := range order {
			if order[i].Action == "" {
				order[i].Action = Enable
			}
		}
		if got := Waits(order, all); !slices.EqualFunc(got, c.want, slices.Equal) {
			t.Errorf("%s: got %v, want %v", c.order, got, c.want)
		}
	}
	upgrade := []TenantModule{{ID: "st-1.0.1", From: "st-1.0.0", Action: Enable}, {ID: "ot-1.0.1", From: "ot-1.0.0", Action: Enable}}
	if got := Waits(upgrade, all); len(got[0]) != 0 || !slices.Equal(got[1], []int{0}) {
		t.Errorf("upgrade waits %v", got)
	}
}

func TestSelect(t *testing.T) {
	all := mods(t, registry+"w-1.0.0 +many=1.0 +wide=1.2\nv-1.0.0 ?wide=1.0")
	w := all["w-1.0.0"]
	w.Provides[0].Scope = []string{"big"}
	all["w-1.0.0"] = w
	var list []Descriptor
	for _, d := range all {
		list = append(list, d)
	}
	for query, want := range map[string]string{
		"filter=a":                          "a-1.0.0 a-1.1.0 a-2.0.0",
		"filter=a-1":                        "a-1.0.0 a-1.1.0",
		"filter=a&orderBy=id":               "a-2.0.0 a-1.1.0 a-1.0.0",
		"filter=a&orderBy=id&order=desc":    "a-2.0.0 a-1.1.0 a-1.0.0",
		"filter=a&orderBy=id&order=asc":     "a-1.0.0 a-1.1.0 a-2.0.0",
		"filter=a&order=desc":               "a-1.0.0 a-1.1.0 a-2.0.0",
		"filter=a&latest=1":                 "a-2.0.0",
		"filter=a&latest=2":                 "a-1.1.0 a-2.0.0",
		"provide=st,int=1.1&latest=1":       "a-1.1.0 c-1.0.0 st-1.0.1",
		"provide=int=2.0":                   "a-2.0.0",
		"require=int=1.1":                   "d-1.1.0 e-1.1.0",
		"require=wide":                      "v-1.0.0",
		"require=p=2.0":                     "s-1.0.0",
		"provide=many&scope=big":            "w-1.0.0",
		"provide=wide&scope=big":            "",
		"filter=y&preRelease=false":         "y-1.0.0 y-1.1.1000123",
		"filter=y&npmSnapshot=only":         "y-1.1.0-SNAPSHOT.4 y-1.1.1000123",
		"filter=none":                       "",
		"filter=st&latest=1&orderBy=id":     "st-1.0.1",
		"provide=q,p&orderBy=id&order=desc": "q-1.0.0 p-1.0.0",
	} {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		q, err := ParseQuery(v)
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
		var ids []string
		for _, d := range Select(list, q) {
			ids = append(ids, d.ID)
		}
		wanted := strings.Fields(want)
		if !strings.Contains(query, "orderBy") {
			slices.SortFunc(wanted, compareIDs)
		}
		if !slices.Equal(ids, wanted) {
			t.Errorf("%s: got %v, want %v", query, ids, wanted)
		}
	}
}

func TestSelectFull(t *testing.T) {
	d, err := Parse([]byte(wholeDescriptor))
	if err != nil {
		t.Fatal(err)
	}
	for _, full := range []bool{true, false} {
		got := Select([]Descriptor{d}, Query{Latest: -1, Full: full})
		if len(got) != 1 || (got[0].Raw != nil) != full || got[0].ID != d.ID {
			t.Errorf("full %v: got %+v", full, got)
		}
	}
}

func TestParseQueryRefuses(t *testing.T) {
	for query, want := range map[string]string{
		"filter=A":             "ModuleID 'A' must start with lowercase letter",
		"filter=":              "ModuleID must not be empty",
		"full=yes":             "Bad boolean for parameter full: yes",
		"full=":                "Bad boolean for parameter full: ",
		"orderBy=name":         "unknown orderBy field: name",
		"orderBy=id&order=up":  "invalid order value: up",
		"latest=x":             "Bad integer for parameter 'latest'",
		"latest=-1":            "Bad integer for parameter 'latest'",
		"preRelease=x":         `Expected "true", "false", "only" or undefined/null for parameter preRelease, but got: x`,
		"provide=int=1":        "Bad version number '1'",
		"require=a,int=1.0%20": "",
	} {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ParseQuery(v)
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%s: got %v, want %q", query, err, want)
		}
	}
}

func TestNeeds(t *testing.T) {
	all := mods(t, registry)
	for _, c := range []struct {
		what, order string
		want        [][]int
	}{
		{"what it requires", "p-1.0.0, q-1.0.0, x-1.0.0, r-1.0.0", [][]int{nil, {0}, nil, {1}}},
		{"not what it may use", "a-1.0.0, d-1.0.0, e-1.0.0", [][]int{nil, nil, {0}}},
		{"not an upgrade of what fits", "a-1.1.0<a-1.0.0, e-1.0.0", [][]int{nil, nil}},
		{"an upgrade to what fits", "st-1.0.1<st-1.0.0, ot-1.0.1<ot-1.0.0", [][]int{nil, {0}}},
		{"users gone", "-r-1.0.0, -q-1.0.0, -p-1.0.0, -x-1.0.0", [][]int{nil, {0}, {1}, nil}},
		{"not those gone that might use it", "-d-1.0.0, -a-1.0.0", [][]int{nil, nil}},
		{"what it makes way for", "b-1.0.0, -a-1.0.0", [][]int{nil, {0}}},
		{"users upgraded", "ot-1.0.1<ot-1.0.0, -st-1.0.0", [][]int{nil, {0}}},
		{"nothing gone to be enabled", "-a-1.0.0, b-1.0.0", [][]int{nil, nil}},
		{"the same product in order", "-y-1.0.0, y-1.1.1000123", [][]int{nil, {0}}},
		{"nothing of what is not done", "=p-1.0.0, q-1.0.0", [][]int{nil, nil}},
	} {
		order := entries(c.order)
		for i := range order {
			if order[i].Action == "" {
				order[i].Action = Enable
			}
			order[i].ID, order[i].From, _ = strings.Cut(order[i].ID, "<")
		}
		if got := Needs(order, all); !slices.EqualFunc(got, c.want, slices.Equal) {
			t.Errorf("%s: %s: got %v, want %v", c.what, c.order, got, c.want)
		}
		for i, needed := range Needs(order, all) {
			for _, j := range needed {
				if !slices.Contains(Waits(order, all)[i], j) {
					t.Errorf("%s: %s: %d needs %d and does not wait for it", c.what, c.order, i, j)
				}
			}
		}
	}
}
