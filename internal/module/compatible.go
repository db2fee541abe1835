package module

import (
	"strconv"
	"strings"
)

// The types of an interface.
const (
	typeProxy    = "proxy"    // what Type "" means
	typeSystem   = "system"   // Okapi itself calls it
	typeMultiple = "multiple" // any number of modules may provide it
)

// kind is the interface's type: one whose id begins with an underscore is a system interface whatever it says.
func (i Interface) kind() string {
	switch {
	case strings.HasPrefix(i.ID, "_"):
		return typeSystem
	case i.Type == "":
		return typeProxy
	}
	return i.Type
}

// Regular says whether the interface takes part in dependencies: system and multiple ones do not.
func (i Interface) Regular() bool { return i.kind() == typeProxy }

// regular says whether the reference takes part: one to an id that begins with an underscore does not.
func (r Reference) regular() bool { return !strings.HasPrefix(r.ID, "_") }

// Satisfies says whether the interface is what the reference asks for: the same id, and for one of its versions the
// same major and at least that minor (and, with the same minor, at least that third part).
func (i Interface) Satisfies(r Reference) bool {
	if i.ID != r.ID {
		return false
	}
	have, ok := parseInterfaceVersion(i.Version)
	if !ok {
		return false
	}
	for v := range strings.FieldsSeq(r.Version) {
		if need, ok := parseInterfaceVersion(v); ok && have.covers(need) {
			return true
		}
	}
	return false
}

// interfaceVersion is major, minor and the third part, which is -1 where it is missing.
type interfaceVersion [3]int

func parseInterfaceVersion(s string) (interfaceVersion, bool) {
	parts := strings.Split(s, ".")
	v := interfaceVersion{-1, -1, -1}
	if len(parts) < 2 || len(parts) > len(v) {
		return v, false
	}
	for i, part := range parts {
		if leadingDigits(part) != len(part) {
			return v, false
		}
		n, err := strconv.ParseInt(part, 10, 32)
		if err != nil {
			return v, false
		}
		v[i] = int(n)
	}
	return v, true
}

func (v interfaceVersion) covers(need interfaceVersion) bool {
	return v[0] == need[0] && (v[1] > need[1] || v[1] == need[1] && v[2] >= need[2])
}

// uses are the references that count: what the module requires and what it uses if it is there.
func (d Descriptor) uses() []Reference {
	return append(d.required(), regularOnes(d.Optional)...)
}

func (d Descriptor) required() []Reference { return regularOnes(d.Requires) }

func regularOnes(refs []Reference) []Reference {
	var out []Reference
	for _, r := range refs {
		if r.regular() {
			out = append(out, r)
		}
	}
	return out
}

// provided are the interfaces that count.
func (d Descriptor) provided() []Interface {
	var out []Interface
	for _, p := range d.Provides {
		if p.Regular() {
			out = append(out, p)
		}
	}
	return out
}

// provides says whether the module provides what the reference asks for.
func (d Descriptor) provides(r Reference) bool {
	for _, p := range d.Provides {
		if p.Regular() && p.Satisfies(r) {
			return true
		}
	}
	return false
}

// product is the part of its id without the version.
func (d Descriptor) product() string { return parsed(d.ID).Product }
