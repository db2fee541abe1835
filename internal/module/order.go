package module

import (
	"errors"
	"slices"
	"strings"
)

// order sorts the entries into one in which they can be done: always the first that can be done now, given what the
// tenant has by then. The error names those that wait for each other.
func (p *plan) order(enabled map[string]Descriptor) ([]entry, error) {
	s := sorter{known: p.known, has: map[string]Descriptor{}, pending: slices.Clone(p.entries)}
	for id, d := range enabled {
		s.has[id] = d
	}
	for len(s.pending) > 0 {
		i := slices.IndexFunc(s.pending, func(e entry) bool { return s.possible(e) && s.smooth(e) })
		if i < 0 {
			i = slices.IndexFunc(s.pending, s.possible)
		}
		if i < 0 {
			return nil, s.stuck()
		}
		s.do(i)
	}
	return s.done, nil
}

type sorter struct {
	known   map[string]Descriptor
	has     map[string]Descriptor // what the tenant has at this point
	pending []entry
	done    []entry
}

func (s *sorter) do(i int) {
	e := s.pending[i]
	switch e.Action {
	case Enable:
		delete(s.has, e.From)
		s.has[e.ID] = s.known[e.ID]
	case Disable:
		delete(s.has, e.ID)
	case UpToDate, Suggest, Conflict:
	}
	s.done = append(s.done, e)
	s.pending = slices.Delete(s.pending, i, i+1)
}

// possible says whether an entry can be done now: one that enables needs all that it requires, one that disables must
// not be needed any more, nor come before the module that it makes way for.
func (s *sorter) possible(e entry) bool {
	switch e.Action {
	case Enable:
		return s.first(e) && s.met(s.known[e.ID])
	case Disable:
		return s.first(e) && !s.waitsFor(e.after) && !s.needed(s.known[e.ID], Descriptor.required)
	case UpToDate, Suggest, Conflict:
	}
	return true
}

// smooth says whether an entry that is possible had better not wait: for a provider that fits, where another version of
// it is there and the module uses it if it is there; for a user that goes away itself later on.
func (s *sorter) smooth(e entry) bool {
	d := s.known[e.ID]
	switch e.Action {
	case Enable:
		return !slices.ContainsFunc(d.uses(), func(r Reference) bool { return s.offered(r.ID, e.From) && !s.provided(r, e.From) })
	case Disable:
		return !s.needed(d, func(user Descriptor) []Reference {
			if s.leaves(user.ID) {
				return user.uses()
			}
			return nil
		})
	case UpToDate, Suggest, Conflict:
	}
	return true
}

func (s *sorter) leaves(id string) bool {
	return slices.ContainsFunc(s.pending, func(e entry) bool {
		return e.Action == Disable && e.ID == id || e.Action == Enable && e.From == id
	})
}

// first says whether no entry about the same module comes before.
func (s *sorter) first(e entry) bool {
	i := slices.IndexFunc(s.pending, func(o entry) bool { return o.ID == e.ID && (o.Action == Enable || o.Action == Disable) })
	return i < 0 || s.pending[i] == e
}

func (s *sorter) waitsFor(id string) bool {
	return id != "" && slices.ContainsFunc(s.pending, func(o entry) bool { return o.ID == id && o.Action == Enable })
}

// met says whether all that the module requires is there, provided by others or by itself.
func (s *sorter) met(d Descriptor) bool {
	return !slices.ContainsFunc(d.required(), func(r Reference) bool { return !d.provides(r) && !s.provided(r, "") })
}

// needed says whether a module uses something that only d provides.
func (s *sorter) needed(d Descriptor, refs func(Descriptor) []Reference) bool {
	for id, user := range s.has {
		if id != d.ID && slices.ContainsFunc(refs(user), func(r Reference) bool { return d.provides(r) && !s.provided(r, d.ID) }) {
			return true
		}
	}
	return false
}

// provided says whether a module other than the one with id except provides what the reference asks for.
func (s *sorter) provided(r Reference, except string) bool {
	for id, d := range s.has {
		if id != except && d.provides(r) {
			return true
		}
	}
	return false
}

// offered says whether a module other than the one with id except provides the interface in any version.
func (s *sorter) offered(id, except string) bool {
	for module, d := range s.has {
		if module != except && d.versionOf(id) != "" {
			return true
		}
	}
	return false
}

func (s *sorter) stuck() error {
	var ids []string
	for _, e := range s.pending {
		if !slices.Contains(ids, e.ID) {
			ids = append(ids, e.ID)
		}
	}
	return errors.New("Some modules cannot be topological sorted: " + strings.Join(ids, ", "))
}
