package run

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// Cancel ends a run that nobody works on yet, at once, or asks its worker to stop, which it does at its next heartbeat. A run
// that is over is a Conflict.
func (s *Store) Cancel(ctx context.Context, who user.Who, id ID) (Run, error) {
	var after Run
	var next ID
	var e event.ID
	err := s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		var err error
		if e, err = eventOfTx(ctx, tx, who, id); err != nil {
			return err
		}
		if _, err = lockTx(ctx, tx, e); err != nil {
			return err
		}
		r, err := oneTx(ctx, tx, id)
		if err != nil {
			return err
		}
		if r.State.Final() {
			return fault.New(fault.Conflict, "error.run-over", "This job is over already.").With(map[string]any{"State": r.State})
		}
		if err := s.cancelTx(ctx, tx, r, who.Name+" cancelled this."); err != nil {
			return err
		}
		if next, err = s.promoteTx(ctx, tx, who.Tenant, e); err != nil {
			return err
		}
		if err := user.AuditTx(ctx, tx, who, "run.cancel", string(id), map[string]any{"event": e, "title": r.EventTitle}); err != nil {
			return err
		}
		after, err = oneTx(ctx, tx, id)
		return err
	})
	if err != nil {
		return Run{}, err
	}
	s.tell(who.Tenant, e, some(id, next)...)
	return after, nil
}

// cancelTx cancels an open run, under the event's lock.
func (s *Store) cancelTx(ctx context.Context, tx pgx.Tx, r Run, why string) error {
	if r.State != Running {
		return s.closeTx(ctx, tx, r.ID, Cancelled, why)
	}
	if r.CancelRequested {
		return nil
	}
	if _, err := tx.Exec(ctx, "update run set cancel_requested = true where id = $1", r.ID); err != nil {
		return err
	}
	return logTx(ctx, tx, r.ID, why)
}

// Retry makes a new run with the same workflow and rev as one that is over. The policy applies as to any other.
func (s *Store) Retry(ctx context.Context, who user.Who, id ID) (Run, error) {
	old, err := s.Find(ctx, who, id)
	if err != nil {
		return Run{}, err
	}
	if !old.State.Final() {
		return Run{}, fault.New(fault.Conflict, "error.run-open", "This job is not over yet.").With(map[string]any{"State": old.State})
	}
	return s.submit(ctx, who, old.Event, old.Workflow, &old.Rev, "run.retry", map[string]any{"of": id})
}

func some(ids ...ID) []ID {
	var list []ID
	for _, id := range ids {
		if id != "" {
			list = append(list, id)
		}
	}
	return list
}
