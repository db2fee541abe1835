package module

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// offer is a module with one interface that it provides or uses.
type offer struct {
	module Descriptor
	ref    Reference
}

// settle changes what the tenant will have, one module at a time, until all dependencies are met or nothing helps. It
// ends: each change either takes away a module that was not given, of which none is ever added, or adds a given one.
func (p *plan) settle() []string {
	for {
		errs, changed := p.check(true)
		if !changed {
			return errs
		}
	}
}

// check finds what is wrong with the modules the tenant will have. With fix the first thing that can be mended is, and
// the errors do not matter then.
func (p *plan) check(fix bool) (errs []string, changed bool) {
	modules := p.sorted()
	providers, required, used := map[string][]Descriptor{}, map[string][]offer{}, map[string][]offer{}
	for _, d := range modules {
		for _, i := range d.provided() {
			if had := providers[i.ID]; len(had) == 0 || had[len(had)-1].ID != d.ID {
				providers[i.ID] = append(had, d)
			}
		}
		for _, r := range d.required() {
			required[r.ID] = append(required[r.ID], offer{d, r})
		}
		for _, r := range d.uses() {
			used[r.ID] = append(used[r.ID], offer{d, r})
		}
	}
	steps := []func() ([]string, bool){
		func() ([]string, bool) { return p.checkSingle(providers, fix) },
		func() ([]string, bool) { return p.checkRequired(providers, required, fix) },
		func() ([]string, bool) { return p.checkCompatible(providers, used, fix) },
	}
	for _, step := range steps {
		more, changed := step()
		if changed {
			return nil, true
		}
		errs = append(errs, more...)
	}
	return errs, false
}

// sorted are the modules the tenant will have, in the order of their ids, so that chance decides nothing.
func (p *plan) sorted() []Descriptor {
	ids := slices.SortedFunc(maps.Keys(p.now), p.compare)
	out := make([]Descriptor, 0, len(ids))
	for _, id := range ids {
		out = append(out, p.now[id])
	}
	return out
}

// checkSingle: an interface is provided by one module; one that was not given makes way.
func (p *plan) checkSingle(providers map[string][]Descriptor, fix bool) (errs []string, changed bool) {
	for _, id := range slices.Sorted(maps.Keys(providers)) {
		modules := providers[id]
		if len(modules) < 2 {
			continue
		}
		if fix {
			for _, d := range modules {
				if !p.given[d.ID] {
					p.remove(d.ID, p.firstGiven(modules))
					return nil, true
				}
			}
		}
		var ids []string
		for _, d := range modules {
			ids = append(ids, d.ID)
		}
		errs = append(errs, fmt.Sprintf("Multiple modules %s provide interface %s", strings.Join(ids, ", "), id))
	}
	return errs, false
}

func (p *plan) firstGiven(modules []Descriptor) string {
	for _, d := range modules {
		if p.given[d.ID] {
			return d.ID
		}
	}
	return ""
}

// checkRequired: what is required is provided. For a given module the provider is brought in; another one is disabled.
func (p *plan) checkRequired(providers map[string][]Descriptor, required map[string][]offer, fix bool) (errs []string, changed bool) {
	for _, id := range slices.Sorted(maps.Keys(required)) {
		if len(providers[id]) > 0 {
			continue
		}
		for _, need := range required[id] {
			if fix {
				given := p.given[need.module.ID]
				found := p.choose(p.providers(id), func(d Descriptor) bool { return d.provides(need.ref) && !(given && p.listedAway(d)) })
				switch {
				case len(found) > 1:
					return append(errs, manyProducts(need, found)), false
				case len(found) == 1 && !given:
					p.remove(need.module.ID, "")
					return nil, true
				case len(found) == 1:
					if err := p.bring(found[0], ""); err != nil {
						return append(errs, err.Error()), false
					}
					return nil, true
				}
			}
			errs = append(errs, fmt.Sprintf("interface %s required by module %s not found", id, need.module.ID))
		}
	}
	return errs, false
}

// checkCompatible: what is used, required or not, is provided in a version that fits. A provider that was not given is
// replaced; a user that was not given is brought to the newest version that fits, or disabled.
func (p *plan) checkCompatible(providers map[string][]Descriptor, used map[string][]offer, fix bool) (errs []string, changed bool) {
	for _, id := range slices.Sorted(maps.Keys(used)) {
		if len(providers[id]) == 0 {
			continue
		}
		provider := providers[id][0]
		for _, need := range used[id] {
			if provider.provides(need.ref) {
				continue
			}
			if fix && !p.given[provider.ID] {
				found := p.choose(p.providers(id), func(d Descriptor) bool { return d.provides(need.ref) && !p.listedAway(d) })
				if len(found) > 1 {
					return append(errs, manyProducts(need, found)), false
				}
				if len(found) == 1 {
					if err := p.bring(found[0], provider.ID); err != nil {
						return append(errs, err.Error()), false
					}
					return nil, true
				}
			}
			if fix && !p.given[need.module.ID] {
				return p.refit(need, provider)
			}
			errs = append(errs, fmt.Sprintf("Incompatible version for module %s interface %s. Need %s. Have %s/%s",
				need.module.ID, id, need.ref.Version, provider.versionOf(id), provider.ID))
		}
	}
	return errs, false
}

// refit brings a module to the newest version of its product that can use the provider, or disables it.
func (p *plan) refit(need offer, provider Descriptor) (errs []string, changed bool) {
	found := p.choose(maps.Keys(p.known), func(d Descriptor) bool {
		return d.ID != need.module.ID && slices.ContainsFunc(d.uses(), func(r Reference) bool {
			return r.ID == need.ref.ID && provider.provides(r)
		})
	})
	for _, d := range found {
		if p.ids[d.ID].Product == p.ids[need.module.ID].Product {
			if err := p.bring(d, ""); err != nil {
				return []string{err.Error()}, false
			}
			return nil, true
		}
	}
	p.remove(need.module.ID, provider.ID)
	return nil, true
}

func (d Descriptor) versionOf(id string) string {
	for _, i := range d.provided() {
		if i.ID == id {
			return i.Version
		}
	}
	return ""
}

func manyProducts(need offer, found []Descriptor) string {
	var products []string
	for _, d := range found {
		products = append(products, d.product())
	}
	return fmt.Sprintf("interface %s required by module %s is provided by multiple products: %s",
		need.ref.ID, need.module.ID, strings.Join(products, ", "))
}
