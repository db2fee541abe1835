package run

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Counts is what the jobs page shows above its list. Of events that who may write.
type Counts struct {
	By          map[State]int  // over all time
	DoneToday   int            // in the last 24 hours
	FailedToday int            // in the last 24 hours
	OldestWait  *time.Duration // of the runs that wait or are offered to workers; nil: none waits
	P50, P95    *time.Duration // from start to end, of the runs done in the last 24 hours
	Paused      bool           // no new run is started
}

// Counts counts the runs of a tenant.
func (s *Store) Counts(ctx context.Context, who user.Who) (Counts, error) {
	c := Counts{By: map[State]int{}}
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		settings, err := tenant.SettingsTx(ctx, tx)
		if err != nil {
			return err
		}
		c.Paused = settings.Paused
		rows, err := tx.Query(ctx, "select r.state, count(*) from run r join event e on e.id = r.event_id where "+mayWrite+" group by r.state", who.Roles, who.Admin())
		if err != nil {
			return err
		}
		var state State
		var n int
		_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error { c.By[state] = n; return nil })
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, `select count(*) filter (where r.state = 'done' and r.ended_at > now() - interval '1 day'),
				count(*) filter (where r.state = 'failed' and r.ended_at > now() - interval '1 day'),
				max(now() - r.queued_at) filter (where r.state in ('queued', 'dispatched')),
				percentile_cont(0.5) within group (order by r.ended_at - r.started_at) filter (where r.state = 'done' and r.ended_at > now() - interval '1 day'),
				percentile_cont(0.95) within group (order by r.ended_at - r.started_at) filter (where r.state = 'done' and r.ended_at > now() - interval '1 day')
			from run r join event e on e.id = r.event_id where `+mayWrite, who.Roles, who.Admin()).Scan(&c.DoneToday, &c.FailedToday, &c.OldestWait, &c.P50, &c.P95)
	})
	return c, err
}

// Total counts runs by state over all that a tenant has, for the metrics.
func (s *Store) Total(ctx context.Context, t tenant.ID) (map[State]int, error) {
	c, err := s.Counts(ctx, user.System(t))
	return c.By, err
}
