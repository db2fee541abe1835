package module

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Version is a semantic version as Okapi reads it: any number of numeric parts ("1", "1.2.3.4"), then perhaps a
// pre-release after a hyphen and metadata after a plus sign. The zero value is no version at all.
type Version struct {
	numbers  []string // at least one, each of 1 to 18 digits; kept as written, since "01" and "1" only compare equal
	pre      []string // of the pre-release, split at dots
	metadata string
	hasMeta  bool // "1.0.0+" differs from "1.0.0"
}

// maxDigits is how long a numeric part may be: what fits into 63 bits whatever the digits are.
const maxDigits = 18

// ParseVersion reads one. The errors are Okapi's texts.
func ParseVersion(s string) (Version, error) {
	var v Version
	rest := s
	for {
		n := leadingDigits(rest)
		if n > maxDigits {
			return Version{}, errors.New("at most 18 digits for numeric component")
		}
		if n == 0 && len(v.numbers) == 0 {
			return Version{}, fmt.Errorf("missing major version: %s", s)
		}
		if n == 0 {
			return Version{}, errors.New("missing version component")
		}
		v.numbers = append(v.numbers, rest[:n])
		rest = rest[n:]
		if !strings.HasPrefix(rest, ".") {
			break
		}
		rest = rest[1:]
	}
	rest, v.metadata, v.hasMeta = strings.Cut(rest, "+")
	if rest == "" {
		return v, nil
	}
	if rest[0] != '-' {
		return Version{}, fmt.Errorf("invalid semver: %s", s)
	}
	v.pre = strings.Split(rest[1:], ".")
	if slices.Contains(v.pre, "") {
		return Version{}, errors.New("missing pre-release version component")
	}
	return v, nil
}

// IsZero says whether there is no version.
func (v Version) IsZero() bool { return len(v.numbers) == 0 }

// PreRelease says whether it is one: "1.2.0-SNAPSHOT.7" is.
func (v Version) PreRelease() bool { return len(v.pre) > 0 }

// NpmSnapshot says whether it looks like one of FOLIO's npm snapshots, whose third of three parts has the build
// number behind the patch: "2.3.1000456" is one, any third part of five digits or more.
func (v Version) NpmSnapshot() bool { return len(v.numbers) == 3 && len(v.numbers[2]) >= 5 }

// String gives it as it was written.
func (v Version) String() string {
	s := strings.Join(v.numbers, ".")
	if len(v.pre) > 0 {
		s += "-" + strings.Join(v.pre, ".")
	}
	if v.hasMeta {
		s += "+" + v.metadata
	}
	return s
}

// Compare orders versions: the numbers first, of which the longer list is the newer; a pre-release is older than
// what it is the pre-release of; metadata counts last. No version is the oldest.
func (v Version) Compare(w Version) int {
	if c := compareParts(v.numbers, w.numbers); c != 0 {
		return c
	}
	if v.PreRelease() != w.PreRelease() {
		if v.PreRelease() {
			return -1
		}
		return 1
	}
	if c := compareParts(v.pre, w.pre); c != 0 {
		return c
	}
	if v.hasMeta != w.hasMeta {
		if v.hasMeta {
			return 1
		}
		return -1
	}
	return strings.Compare(v.metadata, w.metadata)
}

// HasPrefix says whether p is the beginning of it, part for part: "1.2" is one of "1.2.3" and of "1.2-rc".
func (v Version) HasPrefix(p Version) bool {
	switch {
	case !startsWith(v.numbers, p.numbers):
		return false
	case len(v.numbers) > len(p.numbers):
		return true
	case !startsWith(v.pre, p.pre):
		return false
	case len(v.pre) > len(p.pre) || !p.hasMeta:
		return true
	}
	return v.hasMeta && v.metadata == p.metadata
}

func startsWith(parts, prefix []string) bool {
	return len(parts) >= len(prefix) && compareParts(parts[:len(prefix)], prefix) == 0
}

func compareParts(a, b []string) int { return slices.CompareFunc(a, b, comparePart) }

// comparePart compares numbers by value, texts by their bytes; a text is newer than a number.
func comparePart(a, b string) int {
	aNumber, bNumber := leadingDigits(a) == len(a), leadingDigits(b) == len(b)
	switch {
	case aNumber && bNumber:
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	case aNumber:
		return -1
	case bNumber:
		return 1
	}
	return strings.Compare(a, b)
}

func leadingDigits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
