package install

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"

	"cutroom/internal/tenant"
)

// promoteTx dispatches the oldest waiting install of a tenant if none is active, under the tenant's lock. It gives the id
// of the dispatched one, or "". Nothing begins any more in a tenant that is being deleted.
func (s *Store) promoteTx(ctx context.Context, tx pgx.Tx, t tenant.ID) (ID, error) {
	var id ID
	err := tx.QueryRow(ctx, `select i.id from cutroom.install i join cutroom.tenant t on t.id = i.tenant_id and t.deleting_at is null
		where i.tenant_id = $1 and i.state = 'queued'
		and not exists (select 1 from cutroom.install a where a.tenant_id = $1 and a.state in ('dispatched', 'running'))
		order by i.seq limit 1`, t).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return id, s.dispatchTx(ctx, tx, Args{Tenant: t, Install: id})
}

// dispatchTx gives an install a new River job and begins its next attempt. The fence rises, so that whoever held it before is out.
func (s *Store) dispatchTx(ctx context.Context, tx pgx.Tx, args Args) error {
	job, err := s.insertJobTx(ctx, tx, args)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update cutroom.install set state = 'dispatched', fence = fence + 1, attempt = attempt + 1, river_job_id = $2, lease_until = null
		where id = $1`, args.Install, job)
	return err
}

// redispatchTx ends an install's River job and gives it a new one: an id is never used again. What its modules were told stays
// written, so whoever takes it goes on there. free: the node gave it back, or never began.
func (s *Store) redispatchTx(ctx context.Context, tx pgx.Tx, args Args, free bool) error {
	var job *int64
	err := tx.QueryRow(ctx, `update cutroom.install set given_back = given_back + case when $2 then 1 else 0 end,
		lost_node = case when $2 then lost_node else node end where id = $1 returning river_job_id`, args.Install, free).Scan(&job)
	if err != nil {
		return err
	}
	if err := endJobTx(ctx, tx, job, rivertype.JobStateCancelled); err != nil {
		return err
	}
	return s.dispatchTx(ctx, tx, args)
}

// closeTx ends an install that no node holds, or whose holder has just proved its fence: its row and its River job. What is
// written of its modules stands before. Under the tenant's lock; the caller promotes the next.
func closeTx(ctx context.Context, tx pgx.Tx, id ID, state State) error {
	var job *int64
	err := tx.QueryRow(ctx, `update cutroom.install set state = $2, end_date = clock_timestamp(), lease_until = null, fence = fence + 1
		where id = $1 returning river_job_id`, id, state).Scan(&job)
	if err != nil {
		return err
	}
	ended := rivertype.JobStateCompleted
	if state == Aborted {
		ended = rivertype.JobStateCancelled
	}
	return endJobTx(ctx, tx, job, ended)
}
