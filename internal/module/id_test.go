package module

import (
	"strings"
	"testing"
)

func TestParseID(t *testing.T) {
	for _, c := range []struct{ in, product, version, err string }{
		{in: "foo-1.0.0", product: "foo", version: "1.0.0"},
		{in: "foo-bar-2.0.0-SNAPSHOT.5+x", product: "foo-bar", version: "2.0.0-SNAPSHOT.5+x"},
		{in: "foo1-bar2-3", product: "foo1-bar2", version: "3"},
		{in: "zoe", product: "zoe"},
		{in: "user-a", product: "user-a"},
		{in: "folio_email-shipping-1.0.0", product: "folio_email-shipping", version: "1.0.0"},
		{in: "folio_" + strings.Repeat("a", 40) + "-1", product: "folio_" + strings.Repeat("a", 40), version: "1"},
		{in: strings.Repeat("a", 31) + "-1", product: strings.Repeat("a", 31), version: "1"},
		{in: "", err: "ModuleID must not be empty"},
		{in: "1", err: "ModuleID '1' must start with lowercase letter"},
		{in: "FOO-1", err: "ModuleID 'FOO-1' must start with lowercase letter"},
		{in: "ä-1", err: "ModuleID 'ä-1' must start with lowercase letter"},
		{in: "mod_x-1", err: "ModuleID 'mod_x-1' has non-allowed character at offset 3"},
		{in: "a b", err: "ModuleID 'a b' has non-allowed character at offset 1"},
		{in: "a/b", err: "ModuleID 'a/b' has non-allowed character at offset 1"},
		{in: "a-", err: "ModuleID 'a-' has non-allowed character at offset 2"},
		{in: "a--1", err: "ModuleID 'a--1' has non-allowed character at offset 2"},
		{in: "a-B", err: "ModuleID 'a-B' has non-allowed character at offset 2"},
		{in: "a-1x", err: "invalid semver: 1x"},
		{in: strings.Repeat("a", 32) + "-1", err: "ModuleID '" + strings.Repeat("a", 32) + "' exceeding 31 characters"},
		{in: "user-1.0", err: "ModuleID 'user' is a reserved name"},
		{in: "timestamp", err: "ModuleID 'timestamp' is a reserved name"},
	} {
		id, err := ParseID(c.in)
		if c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%q: got error %v, want %q", c.in, err, c.err)
			}
			continue
		}
		if err != nil || id.Product != c.product || id.Version.String() != c.version || id.String() != c.in || id.HasVersion() != (c.version != "") {
			t.Errorf("%q: got %+v, %v", c.in, id, err)
		}
	}
}

func TestIDsInOrder(t *testing.T) {
	ordered := []string{"a", "a-1", "a-1.0-rc", "a-1.0", "a-2", "a-b-1", "b"}
	for i, a := range ordered {
		for j, b := range ordered {
			if got := compareIDs(a, b); got != compareInts(i, j) {
				t.Errorf("%s and %s compare %d", a, b, got)
			}
		}
	}
	if compareIDs("a-01", "a-1") == 0 {
		t.Error("two ways of writing one version are one id")
	}
}

func TestIDPrefix(t *testing.T) {
	for _, c := range []struct {
		id, prefix string
		want       bool
	}{
		{"a-1.2", "a", true},
		{"a-1.2", "a-1", true},
		{"a-1.2", "a-2", false},
		{"a-b-1.2", "a", false},
		{"a", "a", false},
	} {
		if got := parsed(c.id).HasPrefix(parsed(c.prefix)); got != c.want {
			t.Errorf("%s begins with %s: got %v", c.id, c.prefix, got)
		}
	}
}

func FuzzParseID(f *testing.F) {
	for _, s := range []string{"", "foo-1.0.0", "foo-bar-2.0.0-SNAPSHOT.5+x", "folio_a-1", "a--1", "a-1..2", "a-1-", "user", "ä", "a-99999999999999999999", "a-1+", "a-1-+"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseID(s)
		if err != nil {
			if id.Product != "" || id.HasVersion() {
				t.Errorf("%q: an error and %+v", s, id)
			}
			return
		}
		if id.String() != s {
			t.Errorf("%q is written %q", s, id)
		}
		if id.Compare(id) != 0 || id.HasVersion() && !id.HasPrefix(id) {
			t.Errorf("%q is not itself", s)
		}
	})
}
