package dbtest

import (
	"fmt"
	"sync"
	"testing"

	"cutroom/internal/tenant"
)

// Tenants makes n tenants at rest beside the one that there is, several at once, and gives their ids: m0001, m0002, ... A thousand
// of them take about half a minute on two cores.
func Tenants(t testing.TB, db *tenant.DB, n int) []tenant.ID {
	t.Helper()
	ids, next := make([]tenant.ID, n), make(chan tenant.ID)
	var makers sync.WaitGroup
	for range 4 {
		makers.Go(func() {
			for id := range next {
				if err := db.Create(t.Context(), id, "", "", nil); err != nil {
					t.Errorf("tenant %s: %v", id, err)
				}
			}
		})
	}
	for i := range ids {
		ids[i] = tenant.ID(fmt.Sprintf("m%04d", i+1))
		next <- ids[i]
	}
	close(next)
	makers.Wait()
	return ids
}
