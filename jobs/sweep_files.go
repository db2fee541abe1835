package jobs

import (
	"context"
	"log/slog"
	"time"

	"cutroom/internal/event"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Files looks after files on every jobs node: those that came in and lost their node get another one, those that nobody
// needs are removed. With them goes what people's visits leave in the database: sessions, tokens, links and keys that ended.
type Files struct {
	DB      *tenant.DB
	Uploads *event.Uploads
	Events  *event.Store
	Users   *user.Store
	Log     *slog.Logger

	reaps, sweeps, visits rounds
}

// Intervals of the three. Files of what was deleted for good are gone within two minutes: each tenant is swept within five sweeps. The last one also begins with a look, for nodes that never live an hour.
const (
	reapEvery        = 3 * time.Second
	sweepEvery       = 20 * time.Second
	sweepVisitsEvery = time.Hour
)

// Run works until ctx ends.
func (f *Files) Run(ctx context.Context) {
	reap, sweep, visits := time.NewTicker(reapEvery), time.NewTicker(sweepEvery), time.NewTicker(sweepVisitsEvery)
	defer reap.Stop()
	defer sweep.Stop()
	defer visits.Stop()
	f.sweepVisits(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-reap.C:
			f.reaps.look(ctx, f.DB, f.Log, "give lost uploads to another node", few, func(t tenant.ID) error {
				_, err := f.Uploads.ReapIngests(ctx, t)
				return err
			})
		case <-sweep.C:
			f.sweeps.look(ctx, f.DB, f.Log, "sweep files", fifth, func(t tenant.ID) error { return f.Uploads.Sweep(ctx, f.Events, t) })
		case <-visits.C:
			f.sweepVisits(ctx)
		}
	}
}

func (f *Files) sweepVisits(ctx context.Context) {
	f.visits.look(ctx, f.DB, f.Log, "sweep sessions", everybody, func(t tenant.ID) error { return f.Users.Sweep(ctx, t) })
	if err := f.Users.Sweep(ctx, tenant.Operators); err != nil && ctx.Err() == nil {
		f.Log.WarnContext(ctx, "sweep operators' sessions", "err", err)
	}
}
