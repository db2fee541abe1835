package run

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// bulkMost is how many runs one call of CancelAll or RetryAll touches.
const bulkMost = 1000

// CancelAll cancels the open runs that a filter chooses, among those that who may write, and says how many.
func (s *Store) CancelAll(ctx context.Context, who user.Who, f Filter) (int, error) {
	if len(f.States) == 0 {
		f.States = []State{Queued, Dispatched, Running}
	}
	return s.each(ctx, who, f, func(r Run) error { _, err := s.Cancel(ctx, who, r.ID); return err })
}

// RetryAll makes a new run for each failed or cancelled one that a filter chooses, and says how many. Where an event has a
// later run, the older one is left alone.
func (s *Store) RetryAll(ctx context.Context, who user.Who, f Filter) (int, error) {
	if len(f.States) == 0 {
		f.States = []State{Failed}
	}
	return s.each(ctx, who, f, func(r Run) error {
		newest, _, err := s.List(ctx, who, Filter{Event: r.Event, Limit: 1})
		if err != nil {
			return err
		}
		if len(newest) > 0 && newest[0].ID != r.ID {
			return fault.New(fault.Conflict, "error.run-newer", "This recording has a newer job.")
		}
		_, err = s.Retry(ctx, who, r.ID)
		return err
	})
}

// each calls fn for the runs of a filter; a run that moved on in the meantime is passed over.
func (s *Store) each(ctx context.Context, who user.Who, f Filter, fn func(Run) error) (int, error) {
	f.Limit, f.Cursor = 200, ""
	var all []Run
	for len(all) < bulkMost {
		runs, next, err := s.List(ctx, who, f)
		if err != nil {
			return 0, err
		}
		all = append(all, runs...)
		if f.Cursor = next; next == "" {
			break
		}
	}
	did := 0
	for _, r := range all {
		switch err := fn(r); fault.KindOf(err) {
		case fault.Conflict, fault.NotFound, fault.Invalid:
		default:
			if err != nil {
				return did, err
			}
			did++
		}
	}
	return did, nil
}

// Pause stops new runs of a tenant from being started; those that run go on. Resume by false. Admins only.
func (s *Store) Pause(ctx context.Context, who user.Who, paused bool) error {
	if !who.Admin() {
		return fault.Denied()
	}
	err := s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		change := map[string]any{"jobs.paused": paused}
		if err := tenant.PatchSettings(ctx, tx, who.User, change); err != nil {
			return err
		}
		return user.AuditTx(ctx, tx, who, "settings.change", "", change)
	})
	if err != nil {
		return err
	}
	s.Bus.Publish(live.Notice{Tenant: string(who.Tenant), Topic: "settings:"})
	if paused {
		return nil
	}
	return s.PromoteWaiting(ctx, who.Tenant)
}
