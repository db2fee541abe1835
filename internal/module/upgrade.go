package module

import (
	"maps"
	"slices"
)

// Upgrades lists what an upgrade of all that a tenant has asks for: each product of which there is a newer version, at
// its newest, in the order of the ids. Give it to Resolve to learn what it comes to.
func Upgrades(available, enabled map[string]Descriptor, o Options) []TenantModule {
	p := newPlan(available, enabled, o)
	out := []TenantModule{}
	for _, id := range slices.SortedFunc(maps.Keys(enabled), p.compare) {
		if best := p.newest(p.ids[id].Product, p.known, id); p.compare(best, id) > 0 {
			out = append(out, TenantModule{ID: best, From: id, Action: Enable})
		}
	}
	return out
}
