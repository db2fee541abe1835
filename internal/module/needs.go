package module

import "slices"

// Needs says for each entry of a resolved list which earlier ones must have been done well, or it cannot be done: it is the part
// of Waits that counts when one fails and the others go on. A module needs that which brings what it requires, but not what it
// only uses if it is there, and not an upgrade of what fitted before. One that is disabled needs those gone that require it, and
// that which it makes way for enabled. Two entries about one product need each other in their order.
func Needs(order []TenantModule, available map[string]Descriptor) [][]int {
	out := make([][]int, len(order))
	for i, m := range order {
		for j, earlier := range order[:i] {
			if needs(m, earlier, available) {
				out[i] = append(out[i], j)
			}
		}
	}
	return out
}

func needs(m, earlier TenantModule, available map[string]Descriptor) bool {
	if !m.acts() || !earlier.acts() {
		return false
	}
	if parsed(m.ID).Product == parsed(earlier.ID).Product {
		return true
	}
	d, other := available[m.ID], available[earlier.ID]
	before := available[earlier.From] // of an upgrade; empty otherwise
	switch {
	case m.Action == Enable && earlier.Action == Enable:
		return slices.ContainsFunc(d.required(), func(r Reference) bool { return other.provides(r) && !before.provides(r) })
	case m.Action == Enable:
		return false
	case earlier.Action == Disable:
		return slices.ContainsFunc(other.required(), d.provides)
	default:
		return slices.ContainsFunc(before.required(), d.provides) || slices.ContainsFunc(d.provided(), func(i Interface) bool { return other.versionOf(i.ID) != "" })
	}
}

// acts says whether anything is done for the entry.
func (m TenantModule) acts() bool { return m.Action == Enable || m.Action == Disable }
