package module

import "slices"

// Waits says for each entry of a resolved list which earlier ones must be done before it may begin, when several run at a time:
// those that share an interface with it which one of the two provides. Two that only use the same interface do not wait
// for each other. Entries that nothing is done for wait for nothing and let nothing wait.
func Waits(order []TenantModule, available map[string]Descriptor) [][]int {
	touched := make([]touch, len(order))
	out := make([][]int, len(order))
	for i, m := range order {
		touched[i] = touches(m, available)
		for j := range i {
			if touched[i].meets(touched[j]) {
				out[i] = append(out[i], j)
			}
		}
	}
	return out
}

// touch is what an entry has to do with: names of interfaces, and products.
type touch struct {
	products       []string
	provides, uses []string
}

func touches(m TenantModule, available map[string]Descriptor) touch {
	var t touch
	if !m.acts() {
		return t
	}
	for _, id := range []string{m.ID, m.From} {
		if id == "" {
			continue
		}
		d := available[id]
		t.products = append(t.products, parsed(id).Product)
		for _, i := range d.provided() {
			t.provides = append(t.provides, i.ID)
		}
		for _, r := range d.uses() {
			t.uses = append(t.uses, r.ID)
		}
	}
	return t
}

func (t touch) meets(o touch) bool {
	return overlap(t.products, o.products) || overlap(t.provides, o.provides) ||
		overlap(t.provides, o.uses) || overlap(t.uses, o.provides)
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
