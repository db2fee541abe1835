package module

import (
	"iter"
	"maps"
	"slices"
)

// listedAway says whether the list disables the module's product.
func (p *plan) listedAway(d Descriptor) bool { return p.gone[p.ids[d.ID].Product] }

// providers are the known modules that provide the interface in any version. They are looked up once for all: a registry
// may know thousands of modules, and bring in one after the other.
func (p *plan) providers(id string) iter.Seq[string] {
	if p.byInterface == nil {
		p.byInterface = map[string][]string{}
		for module, d := range p.known {
			for _, i := range d.Provides {
				p.byInterface[i.ID] = append(p.byInterface[i.ID], module)
			}
		}
	}
	return slices.Values(p.byInterface[id])
}

// choose finds the newest fitting module of each product, in the order of the products, without those products that one
// of the fitting modules replaces.
func (p *plan) choose(among iter.Seq[string], fits func(Descriptor) bool) []Descriptor {
	best, replaced := map[string]string{}, map[string]bool{}
	for id := range among {
		d := p.known[id]
		if !fits(d) {
			continue
		}
		for _, product := range d.Replaces {
			replaced[product] = true
		}
		product := p.ids[id].Product
		if had, ok := best[product]; !ok || p.compare(id, had) > 0 {
			best[product] = id
		}
	}
	var out []Descriptor
	for _, product := range slices.Sorted(maps.Keys(best)) {
		if !replaced[product] {
			out = append(out, p.known[best[product]])
		}
	}
	return out
}

// bring enables a module that was not listed, as an upgrade if another version of its product is enabled. The module it
// is instead of ("" for none) is disabled after it. The error is that a given one would have to go.
func (p *plan) bring(d Descriptor, instead string) error {
	product := p.ids[d.ID].Product
	from := p.version(product)
	if from != "" && p.given[from] {
		return cannotRemove(from)
	}
	p.given[d.ID] = true
	p.now[d.ID] = d
	if from == "" {
		from = p.takeBack(product)
	}
	if from != d.ID {
		delete(p.now, from)
		p.entries = append(p.entries, entry{TenantModule: TenantModule{ID: d.ID, From: from, Action: Enable}})
	}
	if instead != "" && instead != from {
		p.remove(instead, d.ID)
	}
	return nil
}

// takeBack finds the version of a product whose disabling came up before without being asked for, and drops that; ""
// when there is none.
func (p *plan) takeBack(product string) string {
	for i, e := range p.entries {
		if !e.listed && e.Action == Disable && p.ids[e.ID].Product == product {
			p.entries = slices.Delete(p.entries, i, i+1)
			return e.ID
		}
	}
	return ""
}

// remove disables a module that was not given, once the module with id after ("" for none) is enabled.
func (p *plan) remove(id, after string) {
	delete(p.now, id)
	p.entries = append(p.entries, entry{TenantModule: TenantModule{ID: id, Action: Disable}, after: after})
}
