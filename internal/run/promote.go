package run

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/tenant"
)

// promoteTx dispatches the oldest waiting run of an event if none is active, under the event's lock. It gives the id of
// the dispatched run, or "".
func (s *Store) promoteTx(ctx context.Context, tx pgx.Tx, t tenant.ID, e event.ID) (ID, error) {
	settings, err := tenant.SettingsTx(ctx, tx)
	if err != nil || settings.Paused {
		return "", err
	}
	var id ID
	err = tx.QueryRow(ctx, `select id from run where event_id = $1 and state = 'queued'
		and not exists (select 1 from run a where a.event_id = $1 and a.state in ('dispatched', 'running'))
		order by seq limit 1`, e).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return id, s.dispatchTx(ctx, tx, PublishArgs{Tenant: t, Event: e, Run: id})
}

// dispatchTx gives a run a new River job and begins its next attempt. The fence rises, so that whoever held the run
// before is out.
func (s *Store) dispatchTx(ctx context.Context, tx pgx.Tx, args PublishArgs) error {
	job, err := s.insertJobTx(ctx, tx, args)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update run set state = 'dispatched', fence = fence + 1, attempt = attempt + 1, river_job_id = $2,
		lease_until = null, progress = 0, eta_ms = null, speed = null where id = $1`, args.Run, job)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update run_step set state = 'waiting', progress = 0, started_at = null, ended_at = null, message = null
		where run_id = $1 and state <> 'waiting'`, args.Run)
	return err
}

// PromoteWaiting dispatches what waits in a tenant without reason: after jobs.paused was taken back, or after a crash
// between two settings.
func (s *Store) PromoteWaiting(ctx context.Context, t tenant.ID) error {
	var events []event.ID
	err := s.DB.Read(ctx, t, func(tx pgx.Tx) error {
		settings, err := tenant.SettingsTx(ctx, tx)
		if err != nil || settings.Paused {
			return err
		}
		rows, err := tx.Query(ctx, `select distinct q.event_id from run q where q.state = 'queued'
			and not exists (select 1 from run a where a.event_id = q.event_id and a.state in ('dispatched', 'running'))`)
		if err != nil {
			return err
		}
		events, err = pgx.CollectRows(rows, pgx.RowTo[event.ID])
		return err
	})
	for _, e := range events {
		var id ID
		err = errors.Join(err, s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
			if _, err := lockTx(ctx, tx, e); err != nil {
				return err
			}
			var err error
			id, err = s.promoteTx(ctx, tx, t, e)
			return err
		}))
		if id != "" {
			s.tell(t, e, id)
		}
	}
	return err
}
