package module

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestWaitsLetEveryScheduleWork(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		list, err := Resolve(w.available, w.enabled, drawWanted(t, w.available), Options{DepCheck: true})
		if err != nil {
			return
		}
		waits := Waits(list, w.available)
		has, done := maps.Clone(w.enabled), map[int]bool{}
		for len(done) < len(list) {
			var ready []int
			for i := range list {
				if !done[i] && !slices.ContainsFunc(waits[i], func(j int) bool { return !done[j] }) {
					ready = append(ready, i)
				}
			}
			if len(ready) == 0 {
				t.Fatalf("%s waits for itself: %v", told(list), waits)
			}
			i := rapid.SampledFrom(ready).Draw(t, "next")
			if err := possibleNow(has, list[i], w.available); err != nil {
				t.Fatalf("%s, waits %v, after %v: %v", told(list), waits, done, err)
			}
			do(has, list[i], w.available)
			done[i] = true
		}
	})
}

// Whatever fails, with those left out that need it, the others can be done, and nothing is lost that is required.
func TestNeedsLetTheOthersGoOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		list, err := Resolve(w.available, w.enabled, drawWanted(t, w.available), Options{DepCheck: true})
		if err != nil {
			return
		}
		needs, waits := Needs(list, w.available), Waits(list, w.available)
		has, lost := maps.Clone(w.enabled), map[int]bool{}
		for i, m := range list {
			for _, j := range needs[i] {
				if !slices.Contains(waits[i], j) {
					t.Fatalf("%s: %d needs %d and does not wait for it", told(list), i, j)
				}
				lost[i] = lost[i] || lost[j]
			}
			if lost[i] = lost[i] || m.acts() && rapid.IntRange(0, 3).Draw(t, "fails") == 0; lost[i] {
				continue
			}
			if err := possibleNow(has, m, w.available); err != nil {
				t.Fatalf("%s, needs %v, lost %v: %v", told(list), needs, lost, err)
			}
			do(has, m, w.available)
		}
	})
}
