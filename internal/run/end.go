package run

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"
)

// closeTx ends a run that no worker holds, or whose holder has just proved its fence: the row, the steps that are left,
// the log, the River job. Under the event's lock; the caller promotes the next.
func (s *Store) closeTx(ctx context.Context, tx pgx.Tx, id ID, state State, why string) error {
	var job *int64
	var problem *string
	if state == Failed {
		problem = &why
	}
	err := tx.QueryRow(ctx, `update run set state = $2, ended_at = now(), lease_until = null, eta_ms = null, error = $3, fence = fence + 1,
			progress = case when $2 = 'done' then 1 else progress end
		where id = $1 returning river_job_id`, id, state, problem).Scan(&job)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update run_step set ended_at = case when started_at is null then null else now() end,
			state = case when $2 = 'done' then (case when state = 'skipped' then state else 'done' end)
				when state = 'running' then (case when $2 = 'failed' then 'failed' else 'skipped' end) else 'skipped' end,
			progress = case when $2 = 'done' then 1 else progress end
		where run_id = $1 and state not in ('done', 'failed')`, id, state)
	if err != nil {
		return err
	}
	if why != "" {
		if err := logTx(ctx, tx, id, why); err != nil {
			return err
		}
	}
	river := rivertype.JobStateCancelled
	if state == Done {
		river = rivertype.JobStateCompleted
	}
	return finaliseJobTx(ctx, tx, job, river)
}
