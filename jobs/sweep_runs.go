package jobs

import (
	"context"
	"time"
)

// Leftovers of attempts that were killed lie in folders of their own; nobody knows when their worker died, so a folder goes when
// nothing in it has changed for sweepUnchanged. What attempts had stored already is in file_garbage; see render_cache.go.
const (
	sweepRunsEvery = 10 * time.Minute
	sweepUnchanged = 6 * time.Hour
)

// tempSweeper is a storage that keeps folders for work on a disk that nodes share.
type tempSweeper interface {
	SweepTemp(ctx context.Context, unchanged time.Duration) error
}

// sweep removes leftovers until ctx ends.
func (n *Node) sweep(ctx context.Context) {
	disk, ok := n.Files.(tempSweeper)
	if !ok {
		return
	}
	tick := time.NewTicker(sweepRunsEvery)
	defer tick.Stop()
	for {
		if err := disk.SweepTemp(ctx, sweepUnchanged); err != nil && ctx.Err() == nil {
			n.Log.Warn("sweep leftovers of dead workers", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
