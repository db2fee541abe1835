package module

import (
	"slices"
	"testing"
)

func TestParseVersion(t *testing.T) {
	for _, c := range []struct {
		in, err    string
		pre, snaps bool
	}{
		{in: "1"},
		{in: "1.2"},
		{in: "1.2.3"},
		{in: "1.2.3.4"},
		{in: "1.2.3-SNAPSHOT", pre: true},
		{in: "1.2.3-alpha.1", pre: true},
		{in: "1.2.3-SNAPSHOT.17+abc.def", pre: true},
		{in: "1-a-b", pre: true},
		{in: "1.2.3+build-5"},
		{in: "1+"},
		{in: "1.2.12345", snaps: true},
		{in: "1.2.1000456", snaps: true},
		{in: "1.2.1234"},
		{in: "1.12345"},
		{in: "1.2.3.12345"},
		{in: "1.2.12345-x", pre: true, snaps: true},
		{in: "123456789012345678"},
		{in: "", err: "missing major version: "},
		{in: "x", err: "missing major version: x"},
		{in: "-1", err: "missing major version: -1"},
		{in: "1.", err: "missing version component"},
		{in: "1..2", err: "missing version component"},
		{in: "1.x", err: "missing version component"},
		{in: "1-", err: "missing pre-release version component"},
		{in: "1-+x", err: "missing pre-release version component"},
		{in: "1-a.", err: "missing pre-release version component"},
		{in: "1-a..b", err: "missing pre-release version component"},
		{in: "1x", err: "invalid semver: 1x"},
		{in: "1.2 3", err: "invalid semver: 1.2 3"},
		{in: "1234567890123456789", err: "at most 18 digits for numeric component"},
	} {
		v, err := ParseVersion(c.in)
		if c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%q: got error %v, want %q", c.in, err, c.err)
			}
			continue
		}
		if err != nil || v.String() != c.in || v.PreRelease() != c.pre || v.NpmSnapshot() != c.snaps {
			t.Errorf("%q: got %q, pre-release %v, npm snapshot %v, error %v", c.in, v, v.PreRelease(), v.NpmSnapshot(), err)
		}
	}
}

func TestVersionsInOrder(t *testing.T) {
	ordered := []string{
		"0.9", "1", "1.0-1", "1.0-2", "1.0-10", "1.0-a", "1.0-a.1", "1.0-a.b", "1.0-b", "1.0", "1.0+", "1.0+a", "1.0+b", "1.0.0-rc.1", "1.0.0",
		"1.0.1", "1.0.1.0", "1.1", "1.2", "1.10", "1.10.1000001", "2.0-SNAPSHOT", "2.0", "10.0", "999999999999999999",
	}
	for i, a := range ordered {
		for j, b := range ordered {
			if got, want := version(t, a).Compare(version(t, b)), compareInts(i, j); got != want {
				t.Errorf("%s and %s compare %d, want %d", a, b, got, want)
			}
		}
	}
	if version(t, "1.01").Compare(version(t, "1.1")) != 0 {
		t.Error("a leading zero makes another version")
	}
	if (Version{}).Compare(version(t, "0-a")) != -1 {
		t.Error("no version is not the oldest")
	}
}

func compareInts(a, b int) int {
	return slices.Compare([]int{a}, []int{b})
}

func version(t testing.TB, s string) Version {
	t.Helper()
	v, err := ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVersionPrefix(t *testing.T) {
	for _, c := range []struct {
		version, prefix string
		want            bool
	}{
		{"1.2.3", "1", true},
		{"1.2.3", "1.2", true},
		{"1.2.3", "1.2.3", true},
		{"1.2.3", "1.2.3.4", false},
		{"1.2.3", "1.3", false},
		{"1.23", "1.2", false},
		{"1.2-rc.1", "1.2", true},
		{"1.2-rc.1", "1.2-rc", true},
		{"1.2-rc.1", "1.2-rc.2", false},
		{"1.2", "1.2-rc", false},
		{"1.2.3", "1.2-rc", true},
		{"1.2+a", "1.2", true},
		{"1.2+a", "1.2+a", true},
		{"1.2+a", "1.2+b", false},
		{"1.2", "1.2+a", false},
	} {
		if got := version(t, c.version).HasPrefix(version(t, c.prefix)); got != c.want {
			t.Errorf("%s begins with %s: got %v", c.version, c.prefix, got)
		}
	}
}

func TestFilter(t *testing.T) {
	for _, c := range []struct {
		preRelease, npmSnapshot           string
		release, preReleased, npmSnapshop bool
	}{
		{"", "", true, true, true},
		{"true", "true", true, true, true},
		{"false", "", true, false, true},
		{"", "false", true, true, false},
		{"false", "false", true, false, false},
		{"only", "", false, true, true},
		{"", "only", false, true, true},
		{"only", "false", false, true, false},
		{"false", "only", false, false, true},
		{"only", "only", false, true, true},
	} {
		f, err := ParseFilter(c.preRelease, c.npmSnapshot)
		if err != nil {
			t.Fatal(err)
		}
		got := [3]bool{f.Match(parsed("m-1.0.0")), f.Match(parsed("m-1.0.0-rc")), f.Match(parsed("m-1.0.1000001"))}
		if want := [3]bool{c.release, c.preReleased, c.npmSnapshop}; got != want {
			t.Errorf("preRelease=%s npmSnapshot=%s: got %v, want %v", c.preRelease, c.npmSnapshot, got, want)
		}
	}
	for _, c := range [][3]string{{"maybe", "", "preRelease"}, {"", "TRUE", "npmSnapshot"}} {
		bad := c[0] + c[1]
		want := `Expected "true", "false", "only" or undefined/null for parameter ` + c[2] + `, but got: ` + bad
		if _, err := ParseFilter(c[0], c[1]); err == nil || err.Error() != want {
			t.Errorf("%v: got %v, want %q", c, err, want)
		}
	}
}
