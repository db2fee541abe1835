package module

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Query is what GET /_/proxy/modules is asked, with Okapi's names.
type Query struct {
	Prefix     ID       // filter: the product, and perhaps the beginning of its version; zero for all
	Versions   Filter   // preRelease, npmSnapshot
	Provide    []Wanted // provide: one of them; nil for all
	Require    []Wanted // require: one of them, required or used if it is there; nil for all
	Scope      string   // scope: that an interface of Provide or Require must have; "" for any
	Latest     int      // latest: so many versions of each product, the newest ones; -1 for all
	Descending bool     // orderBy=id with order=desc, which is what order means when it is missing
	Full       bool     // full: whole descriptors, not id and name alone
}

// Wanted is an interface, perhaps with a version that it must satisfy.
type Wanted struct{ ID, Version string }

// ParseQuery reads the parameters. The errors are Okapi's texts.
func ParseQuery(v url.Values) (Query, error) {
	q := Query{Latest: -1, Scope: v.Get("scope")}
	var errs [6]error
	if v.Has("filter") {
		q.Prefix, errs[0] = ParseID(v.Get("filter"))
	}
	q.Versions, errs[1] = ParseFilter(v.Get("preRelease"), v.Get("npmSnapshot"))
	q.Provide, errs[2] = parseWanted(v, "provide")
	if errs[2] == nil {
		q.Require, errs[2] = parseWanted(v, "require")
	}
	q.Full, errs[3] = parseBool(v, "full")
	q.Descending, errs[4] = parseOrder(v)
	if v.Has("latest") {
		if q.Latest, errs[5] = strconv.Atoi(v.Get("latest")); errs[5] != nil || q.Latest < 0 {
			errs[5] = errors.New("Bad integer for parameter 'latest'")
		}
	}
	for _, err := range errs {
		if err != nil {
			return Query{}, err
		}
	}
	return q, nil
}

func parseWanted(v url.Values, name string) ([]Wanted, error) {
	if !v.Has(name) {
		return nil, nil
	}
	var out []Wanted
	for part := range strings.SplitSeq(v.Get(name), ",") {
		id, version, _ := strings.Cut(part, "=")
		for one := range strings.FieldsSeq(version) {
			if _, ok := parseInterfaceVersion(one); !ok {
				return nil, fmt.Errorf("Bad version number '%s'", version)
			}
		}
		out = append(out, Wanted{ID: id, Version: version})
	}
	return out, nil
}

func parseBool(v url.Values, name string) (bool, error) {
	switch s := v.Get(name); {
	case s == "true":
		return true, nil
	case s == "false", !v.Has(name):
		return false, nil
	default:
		return false, fmt.Errorf("Bad boolean for parameter %s: %s", name, s)
	}
}

func parseOrder(v url.Values) (descending bool, err error) {
	if !v.Has("orderBy") {
		return false, nil
	}
	if by := v.Get("orderBy"); by != "id" {
		return false, fmt.Errorf("unknown orderBy field: %s", by)
	}
	switch order := v.Get("order"); {
	case !v.Has("order"), order == "desc":
		return true, nil
	case order == "asc":
		return false, nil
	default:
		return false, fmt.Errorf("invalid order value: %s", order)
	}
}

// Select lists the modules that a query is after, in its order: by product and version. Those given stay as they are.
func Select(all []Descriptor, q Query) []Descriptor {
	out := []Descriptor{}
	for _, d := range all {
		if q.match(d) {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b Descriptor) int { return compareIDs(b.ID, a.ID) })
	if q.Latest >= 0 {
		out = latest(out, q.Latest)
	}
	if !q.Descending {
		slices.Reverse(out)
	}
	if !q.Full {
		for i, d := range out {
			out[i] = d.Brief()
		}
	}
	return out
}

func (q Query) match(d Descriptor) bool {
	id := parsed(d.ID)
	if q.Prefix.Product != "" && !id.HasPrefix(q.Prefix) || !q.Versions.Match(id) {
		return false
	}
	var provided, used []offered
	for _, p := range d.Provides {
		provided = append(provided, offered{Interface{ID: p.ID, Version: p.Version}, p.Scope})
	}
	for _, r := range slices.Concat(d.Requires, d.Optional) {
		for v := range strings.FieldsSeq(r.Version) {
			used = append(used, offered{Interface{ID: r.ID, Version: v}, r.Scope})
		}
	}
	return q.among(q.Provide, provided) && q.among(q.Require, used)
}

type offered struct {
	Interface

	scope []string
}

func (q Query) among(wanted []Wanted, have []offered) bool {
	if wanted == nil {
		return true
	}
	return slices.ContainsFunc(have, func(i offered) bool {
		return (q.Scope == "" || slices.Contains(i.scope, q.Scope)) && slices.ContainsFunc(wanted, func(w Wanted) bool {
			return w.ID == i.ID && (w.Version == "" || i.Satisfies(Reference{ID: w.ID, Version: w.Version}))
		})
	})
}

// latest keeps the first n of each product of a list that is sorted the newest first.
func latest(sorted []Descriptor, n int) []Descriptor {
	out := sorted[:0]
	product, seen := "", 0
	for _, d := range sorted {
		if p := d.product(); p != product {
			product, seen = p, 0
		}
		if seen < max(n, 1) {
			out = append(out, d)
		}
		seen++
	}
	return out
}
