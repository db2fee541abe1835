package institution

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestClaimsAreFoundByPath(t *testing.T) {
	t.Parallel()
	var says claims
	if err := json.Unmarshal([]byte(`{"groups":["a",7,"b"],"one":"a b","realm_access":{"roles":["x"]},"https://x.example/groups":["y"],"null":null,"given_name":" Amara ","family_name":"Osei"}`), &says); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"groups": "a b", "one": "a b", "realm_access.roles": "x", "https://x.example/groups": "y", "null": "", "null.x": "", "none": "", "groups.x": "", "realm_access": "", "": ""} {
		if got := strings.Join(says.texts(path), " "); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if says.display() != "Amara Osei" {
		t.Error(says.display())
	}
}

func TestUserNamesAreMadeOfClaims(t *testing.T) {
	t.Parallel()
	for claim, want := range map[string]string{"amara": "amara", "amara@nord.example": "amara@nord.example", "Jörg Müller": "Jorg-Muller", "名前": "", "": "", "a/b\\c": "a-b-c", strings.Repeat("x", 200): strings.Repeat("x", 128), " é ": "e"} {
		if got := userName(claim); got != want {
			t.Errorf("%q: %q, want %q", claim, got, want)
		}
	}
}

func TestTheHighestRankCounts(t *testing.T) {
	t.Parallel()
	p := Provider{GroupRoles: map[string][]string{"a": {"editor", "ROLE_A"}, "b": {"admin"}, "c": {"viewer", "ROLE_A", "ROLE_C"}}}
	for groups, want := range map[string]string{"": "/", "a": "editor/ROLE_A", "a b": "admin/ROLE_A", "b a": "admin/ROLE_A", "c a": "editor/ROLE_A,ROLE_C", "d": "/"} {
		roles, rank := p.given(strings.Fields(groups))
		if got := rank + "/" + strings.Join(roles, ","); got != want {
			t.Errorf("%q: %q, want %q", groups, got, want)
		}
	}
}

func FuzzClaims(f *testing.F) {
	f.Add(`{"a":{"b":["c"]}}`, "a.b")
	f.Add(`{"a.b":1}`, "a.b")
	f.Fuzz(func(t *testing.T, text, path string) {
		var says claims
		if json.Unmarshal([]byte(text), &says) != nil {
			return
		}
		_ = says.texts(path)
		if name := userName(says.text(path)); len(name) > 128 || strings.ContainsAny(name, " /\x00") {
			t.Errorf("%q", name)
		}
	})
}
