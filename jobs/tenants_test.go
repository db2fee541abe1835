package jobs

import (
	"fmt"
	"slices"
	"testing"

	"cutroom/internal/tenant"
)

func TestEveryTenantHasItsTurnAndTheBusyEachTime(t *testing.T) {
	t.Parallel()
	var all []tenant.ID
	for i := range 100 {
		all = append(all, tenant.ID(fmt.Sprintf("t%03d", i)))
	}
	busy := map[tenant.ID]bool{"t007": true, "t090": true}
	var r rounds
	seen := map[tenant.ID]int{}
	for range 5 {
		turn := r.next(all, busy, share)
		if len(turn) != share+2 || !slices.Contains(turn, "t007") || !slices.Contains(turn, "t090") {
			t.Fatal(turn)
		}
		for _, id := range turn {
			seen[id]++
		}
	}
	if len(seen) != len(all) || seen["t007"] != 5 {
		t.Errorf("%d of %d had their turn", len(seen), len(all))
	}
	// Tenants that come and go upset nothing, and few are all looked at.
	if turn := r.next(all[:30], busy, share); len(turn) != share+1 {
		t.Error(turn)
	}
	if turn := r.next(all[:share], nil, share); len(turn) != share {
		t.Error(turn)
	}
	if turn := r.next(nil, nil, share); len(turn) != 0 {
		t.Error(turn)
	}
	if n := fifth(1000); n != 200 {
		t.Error(n)
	}
}
