package jobs

import (
	"context"
	"log/slog"
	"time"

	"cutroom/internal/event"
	"cutroom/internal/tenant"
)

// Files looks after files on every jobs node: those that came in and lost their node get another one, those that nobody
// needs are removed.
type Files struct {
	DB      *tenant.DB
	Uploads *event.Uploads
	Events  *event.Store
	Log     *slog.Logger
}

// Intervals of the two.
const (
	reapEvery  = 3 * time.Second
	sweepEvery = 20 * time.Second
)

// Run works until ctx ends.
func (f *Files) Run(ctx context.Context) {
	reap, sweep := time.NewTicker(reapEvery), time.NewTicker(sweepEvery)
	defer reap.Stop()
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-reap.C:
			f.each(ctx, "give lost uploads to another node", func(t tenant.ID) error {
				_, err := f.Uploads.ReapIngests(ctx, t)
				return err
			})
		case <-sweep.C:
			f.each(ctx, "sweep files", func(t tenant.ID) error { return f.Uploads.Sweep(ctx, f.Events, t) })
		}
	}
}

func (f *Files) each(ctx context.Context, what string, do func(tenant.ID) error) {
	tenants, err := f.DB.List(ctx)
	if err != nil {
		f.Log.Warn(what, "error", err)
		return
	}
	for _, t := range tenants {
		if err := do(t.ID); err != nil && ctx.Err() == nil {
			f.Log.Warn(what, "tenant", t.ID, "error", err)
		}
	}
}
