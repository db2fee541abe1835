package module

import "fmt"

// Filter says which versions count: each of the two is "true" (they do, as does ""), "false" (they do not) or "only"
// (releases do not; whether the other sort does is for its own parameter to say, as with Okapi). They narrow what an install may choose from; what a tenant has stays what it has.
type Filter struct{ PreRelease, NpmSnapshot string }

// ParseFilter checks the two query parameters. The error is Okapi's text.
func ParseFilter(preRelease, npmSnapshot string) (Filter, error) {
	for _, p := range [][2]string{{"npmSnapshot", npmSnapshot}, {"preRelease", preRelease}} {
		switch p[1] {
		case "", "true", "false", "only":
		default:
			return Filter{}, fmt.Errorf("Expected \"true\", \"false\", \"only\" or undefined/null for parameter %s, but got: %s", p[0], p[1])
		}
	}
	return Filter{PreRelease: preRelease, NpmSnapshot: npmSnapshot}, nil
}

// Match says whether the module counts. A pre-release that looks like an npm snapshot is a pre-release.
func (f Filter) Match(id ID) bool {
	switch {
	case id.Version.PreRelease():
		return f.PreRelease != "false"
	case id.Version.NpmSnapshot():
		return f.NpmSnapshot != "false"
	}
	return f.PreRelease != "only" && f.NpmSnapshot != "only"
}
