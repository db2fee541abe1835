package install

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// notPassed are the caller's X-* headers that modules get from us, or not at all: the token is a key to our own doors.
var notPassed = regexp.MustCompile(`^X-(Okapi-(Token|Tenant|Url|Url-To)|Forwarded(-.*)?|Real-Ip|Request-Id)$`)

// Passed is what of a caller's headers goes on to modules, and may be kept: those that begin with X-, as Okapi does, but for
// what is told to us alone. The result is a copy.
func Passed(h http.Header) http.Header {
	passed := http.Header{}
	for name, values := range h {
		if name = http.CanonicalHeaderKey(name); strings.HasPrefix(name, "X-") && !notPassed.MatchString(name) && !namedByConnection(h, name) {
			passed[name] = slices.Clone(values)
		}
	}
	return passed
}

// namedByConnection says whether a header was meant for the next hop alone (RFC 9110, 7.6.1).
func namedByConnection(h http.Header, name string) bool {
	for _, value := range h.Values("Connection") {
		for option := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(option), name) {
				return true
			}
		}
	}
	return false
}
