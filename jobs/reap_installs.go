package jobs

import (
	"context"
	"math/rand/v2"
	"time"
)

// reapInstalls looks for installs of all tenants whose node is lost until ctx ends, with one query each time.
func (n *Node) reapInstalls(ctx context.Context) {
	every := n.Reap
	if every == 0 {
		every = reapRunsEvery
	}
	for {
		// Not all nodes at the same moment.
		wait := time.NewTimer(every/2 + rand.N(every))
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
		}
		moved, err := n.Installs.Reap(ctx)
		if err != nil && ctx.Err() == nil {
			n.Log.Warn("look for lost installs", "error", err)
		}
		if moved > 0 {
			n.Log.Warn("lost installs go on", "installs", moved)
		}
	}
}
