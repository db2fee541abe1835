package jobs

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"cutroom/internal/fleet"
)

// Upgrades moves upgrades of many tenants on: see internal/fleet. Each end of an install is a step at once (After); the steady ones
// are for what was killed in between.
type Upgrades struct {
	Fleet *fleet.Store
	Log   *slog.Logger
	Every time.Duration // between two steps; 0: reapRunsEvery
}

// Run steps until ctx ends.
func (u *Upgrades) Run(ctx context.Context) {
	every := u.Every
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
		_ = u.After(ctx)
	}
}

// After takes a step. What fails is logged and tried again by the steady steps: it is nothing that the install which just ended has failed with.
func (u *Upgrades) After(ctx context.Context) error {
	if _, err := u.Fleet.Step(ctx); err != nil && ctx.Err() == nil {
		u.Log.Warn("move upgrades of many tenants on", "error", err)
	}
	return nil
}
