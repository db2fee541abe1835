package module

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// world is a registry with what a tenant has of it.
type world struct{ available, enabled map[string]Descriptor }

const products = 7

// worlds draws registries of up to 7 products in up to 3 versions. Each product mostly provides the interface of its own
// number and uses some of any number, its own included, so that circles, gaps and rivals all come up.
func worlds(t *rapid.T) world {
	w := world{available: map[string]Descriptor{}, enabled: map[string]Descriptor{}}
	for n := range rapid.IntRange(1, products).Draw(t, "products") {
		for v := range rapid.IntRange(1, 3).Draw(t, "versions") {
			d := drawModule(t, n, v)
			w.available[d.ID] = d
		}
	}
	if rapid.Bool().Draw(t, "enabled before") {
		for range rapid.IntRange(0, 3).Draw(t, "installs before") {
			if list, err := Resolve(w.available, w.enabled, drawWanted(t, w.available), Options{DepCheck: true}); err == nil {
				w.enabled = replay(list, w)
			}
		}
	}
	return w
}

func drawModule(t *rapid.T, n, v int) Descriptor {
	d := Descriptor{ID: fmt.Sprintf("m%d-%d.0.0", n, v)}
	if rapid.IntRange(0, 9).Draw(t, "provides its own") > 0 {
		d.Provides = append(d.Provides, Interface{ID: iface(n), Version: drawVersion(t)})
	}
	for range rapid.SampledFrom([]int{0, 0, 0, 0, 1}).Draw(t, "provides more") {
		d.Provides = append(d.Provides, Interface{ID: iface(rapid.IntRange(0, products).Draw(t, "another")), Version: drawVersion(t)})
	}
	for range rapid.SampledFrom([]int{0, 0, 1, 1, 2}).Draw(t, "requires") {
		d.Requires = append(d.Requires, Reference{ID: iface(drawUsed(t, n)), Version: drawVersion(t)})
	}
	for range rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "optional") {
		d.Optional = append(d.Optional, Reference{ID: iface(rapid.IntRange(0, products).Draw(t, "used")), Version: drawVersion(t) + " 3.0"})
	}
	if rapid.IntRange(0, 9).Draw(t, "replaces") == 0 {
		d.Replaces = append(d.Replaces, fmt.Sprintf("m%d", rapid.IntRange(0, products-1).Draw(t, "replaced")))
	}
	return d
}

// drawUsed prefers interfaces of lower numbers, so that most registries have no circle.
func drawUsed(t *rapid.T, n int) int {
	if n > 0 && rapid.IntRange(0, 9).Draw(t, "downwards") > 0 {
		return rapid.IntRange(0, n-1).Draw(t, "lower")
	}
	return rapid.IntRange(0, products).Draw(t, "any")
}

func iface(n int) string { return fmt.Sprintf("i%d", n) }

func drawVersion(t *rapid.T) string {
	return rapid.SampledFrom([]string{"1.0", "1.0", "1.0", "1.1", "2.0"}).Draw(t, "version")
}

// drawWanted lists some modules, of each product one at most, by id or by product.
func drawWanted(t *rapid.T, available map[string]Descriptor) []TenantModule {
	var out []TenantModule
	seen := map[string]bool{}
	ids := slices.SortedFunc(maps.Keys(available), compareIDs)
	for _, id := range rapid.SliceOfN(rapid.SampledFrom(ids), 0, 5).Draw(t, "wanted") {
		product := parsed(id).Product
		if seen[product] {
			continue
		}
		seen[product] = true
		m := TenantModule{ID: id, Action: rapid.SampledFrom([]Action{Enable, Enable, Enable, "", Disable}).Draw(t, "action")}
		if m.Action == Disable || rapid.IntRange(0, 3).Draw(t, "by product") == 0 {
			m.ID = product
		}
		out = append(out, m)
	}
	return out
}

// replay does a list and gives what the tenant has then.
func replay(list []TenantModule, w world) map[string]Descriptor {
	has := maps.Clone(w.enabled)
	for _, m := range list {
		do(has, m, w.available)
	}
	return has
}

func do(has map[string]Descriptor, m TenantModule, available map[string]Descriptor) {
	switch m.Action {
	case Enable:
		delete(has, m.From)
		has[m.ID] = available[m.ID]
	case Disable:
		delete(has, m.ID)
	case UpToDate, Suggest, Conflict:
	}
}

// possibleNow checks one step: what it enables has all that it requires, an upgrade is from what is there, what it
// disables is there and is not required.
func possibleNow(has map[string]Descriptor, m TenantModule, available map[string]Descriptor) error {
	switch m.Action {
	case Enable:
		if _, ok := has[m.From]; m.From != "" && !ok {
			return fmt.Errorf("%s is upgraded from %s, which is not enabled", m.ID, m.From)
		}
		for id := range has {
			if parsed(id).Product == parsed(m.ID).Product && id != m.From {
				return fmt.Errorf("%s is enabled beside %s", m.ID, id)
			}
		}
		with := maps.Clone(has)
		with[m.ID] = available[m.ID]
		for _, r := range available[m.ID].Requires {
			if !anyProvides(with, r) {
				return fmt.Errorf("%s is enabled before its %s %s", m.ID, r.ID, r.Version)
			}
		}
	case Disable:
		if _, ok := has[m.ID]; !ok {
			return fmt.Errorf("%s is disabled and is not enabled", m.ID)
		}
		without := maps.Clone(has)
		delete(without, m.ID)
		for id, d := range without {
			for _, r := range d.Requires {
				if has[m.ID].provides(r) && !anyProvides(without, r) {
					return fmt.Errorf("%s is disabled before %s, which requires its %s", m.ID, id, r.ID)
				}
			}
		}
	case UpToDate:
		if _, ok := has[m.ID]; !ok {
			return fmt.Errorf("%s is uptodate and is not enabled", m.ID)
		}
	case Suggest, Conflict:
	}
	return nil
}

func anyProvides(has map[string]Descriptor, r Reference) bool {
	for _, d := range has {
		if d.provides(r) {
			return true
		}
	}
	return false
}

func TestResolvedListsWork(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		wanted := drawWanted(t, w.available)
		o := Options{DepCheck: true, Reinstall: rapid.Bool().Draw(t, "reinstall")}
		list, err := Resolve(w.available, w.enabled, wanted, o)
		if err != nil {
			return
		}
		has := maps.Clone(w.enabled)
		for _, m := range list {
			if err := possibleNow(has, m, w.available); err != nil {
				t.Fatalf("%s: %v", told(list), err)
			}
			do(has, m, w.available)
		}
		if errs := CheckEnabled(has); len(errs) > 0 {
			t.Fatalf("%s: %v", told(list), errs)
		}
		checkWanted(t, wanted, list, has)
	})
}

// checkWanted: what was listed is so in the end, and each module is told once.
func checkWanted(t *rapid.T, wanted, list []TenantModule, has map[string]Descriptor) {
	enabled, told := map[string]bool{}, map[string]bool{}
	for id := range has {
		enabled[parsed(id).Product] = true
	}
	for _, m := range list {
		if told[m.ID] {
			t.Fatalf("%s is told twice", m.ID)
		}
		told[m.ID] = true
	}
	for _, m := range wanted {
		product := parsed(m.ID).Product
		switch {
		case m.Action == Disable && enabled[product] && !slices.ContainsFunc(list, func(o TenantModule) bool { return o.Action == Enable && parsed(o.ID).Product == product }):
			t.Fatalf("%s is enabled yet", m.ID)
		case m.Action != Disable && !enabled[product]:
			t.Fatalf("%s is not enabled", m.ID)
		}
	}
}

func TestResolvingAgainIsUpToDate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		wanted := slices.DeleteFunc(drawWanted(t, w.available), func(m TenantModule) bool { return m.Action == Disable })
		o := Options{DepCheck: rapid.IntRange(0, 4).Draw(t, "depCheck") > 0}
		list, err := Resolve(w.available, w.enabled, wanted, o)
		if err != nil {
			return
		}
		again, err := Resolve(w.available, replay(list, w), wanted, o)
		if err != nil || len(again) != len(wanted) {
			t.Fatalf("first %s, then %s, %v", told(list), told(again), err)
		}
		for _, m := range again {
			if m.Action != UpToDate {
				t.Fatalf("first %s, then %s", told(list), told(again))
			}
		}
	})
}

func TestOrderOfTheListChangesOnlyTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		wanted := drawWanted(t, w.available)
		o := Options{DepCheck: true}
		list, err := Resolve(w.available, w.enabled, wanted, o)
		other, otherErr := Resolve(w.available, w.enabled, rapid.Permutation(wanted).Draw(t, "permuted"), o)
		if (err == nil) != (otherErr == nil) {
			t.Fatalf("%s, %v; permuted %s, %v", told(list), err, told(other), otherErr)
		}
		a, b := strings.Split(told(list), ", "), strings.Split(told(other), ", ")
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Fatalf("%s; permuted %s", told(list), told(other))
		}
	})
}

// Go's maps have no order, and another one each time.
func TestSameModulesSameOutcome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		wanted := drawWanted(t, w.available)
		o := Options{DepCheck: true}
		list, err := Resolve(w.available, w.enabled, wanted, o)
		for range 3 {
			again, againErr := Resolve(maps.Clone(w.available), maps.Clone(w.enabled), wanted, o)
			if told(list) != told(again) || fmt.Sprint(err) != fmt.Sprint(againErr) {
				t.Fatalf("%s, %v; again %s, %v", told(list), err, told(again), againErr)
			}
		}
	})
}

func TestUpgradesCanBeResolved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		o := Options{DepCheck: true}
		wanted := Upgrades(w.available, w.enabled, o)
		list, err := Resolve(w.available, w.enabled, wanted, o)
		if err != nil {
			return
		}
		if more := Upgrades(w.available, replay(list, w), o); len(more) > 0 && len(list) == len(wanted) {
			t.Fatalf("after %s there is more to upgrade: %s", told(list), told(more))
		}
	})
}
