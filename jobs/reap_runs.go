package jobs

import (
	"context"
	"math/rand/v2"
	"time"

	"cutroom/internal/tenant"
)

// reapRunsEvery is how often a node looks for runs whose worker is lost; together with the lease of 15 s such a run goes on
// within 18 s, sooner where several nodes look.
const reapRunsEvery = 2500 * time.Millisecond

// reap looks for lost runs in all tenants, and for lost deletions of tenants, until ctx ends.
func (n *Node) reap(ctx context.Context) {
	every := n.Reap
	if every == 0 {
		every = reapRunsEvery
	}
	var turn rounds
	for {
		// Not all nodes at the same moment.
		wait := time.NewTimer(every/2 + rand.N(every))
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
		}
		turn.look(ctx, n.DB, n.Log, "look for lost runs", few, func(t tenant.ID) error {
			moved, err := n.Runs.Reap(ctx, t)
			if moved > 0 {
				n.Log.Warn("lost runs go on", "tenant", t, "runs", moved)
			}
			return err
		})
		if again, err := n.DB.ReofferDeletes(ctx); err != nil && ctx.Err() == nil {
			n.Log.Warn("look for lost deletions", "error", err)
		} else if again > 0 {
			n.Log.Warn("lost deletions of tenants go on", "tenants", again)
		}
	}
}
