package fleet

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

const batchColumns = "id, most, started_by, started_name, abort_requested and end_date is null, start_date, end_date"

func scanBatch(row pgx.Row) (b Batch, err error) {
	return b, row.Scan(&b.ID, &b.Most, &b.StartedBy, &b.StartedName, &b.Aborting, &b.Started, &b.Ended)
}

// Find gives a batch with its counts and at most limit of its tenants. Only operators find one.
func (s *Store) Find(ctx context.Context, who user.Who, id ID, limit int) (Batch, error) {
	if !who.Operator() || uuid.Validate(string(id)) != nil {
		return Batch{}, fault.Gone()
	}
	var b Batch
	err := s.DB.System(ctx, func(tx pgx.Tx) (err error) {
		if b, err = scanBatch(tx.QueryRow(ctx, "select "+batchColumns+" from upgrade_batch where id = $1", id)); err != nil {
			return err
		}
		if b.Counts, err = batchCountsTx(ctx, tx, id); err != nil || limit == 0 {
			return err
		}
		b.Tenants, err = batchTenantsTx(ctx, tx, id, limit)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Batch{}, fault.Gone()
	}
	return b, err
}

// Open is the newest batch that has not ended, with its counts; false: there is none.
func (s *Store) Open(ctx context.Context) (b Batch, there bool, err error) {
	err = s.DB.System(ctx, func(tx pgx.Tx) (err error) {
		b, err = scanBatch(tx.QueryRow(ctx, "select "+batchColumns+" from upgrade_batch where end_date is null order by start_date desc limit 1"))
		if err == nil {
			b.Counts, err = batchCountsTx(ctx, tx, b.ID)
		}
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return b, false, nil
	}
	return b, err == nil, err
}

func batchCountsTx(ctx context.Context, tx pgx.Tx, id ID) (map[string]int, error) {
	rows, err := tx.Query(ctx, "select state, count(*) from upgrade_batch_tenant where batch_id = $1 group by state", id)
	if err != nil {
		return nil, err
	}
	counts, state, n := map[string]int{}, "", 0
	_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error {
		counts[state] = n
		return nil
	})
	return counts, err
}

func batchTenantsTx(ctx context.Context, tx pgx.Tx, id ID, limit int) ([]Member, error) {
	rows, err := tx.Query(ctx, `
		select b.tenant_id, t.name, b.state, b.install_id, coalesce(m.done, 0), coalesce(m.total, 0), coalesce(b.message, ''), b.start_date, b.end_date
		from (select * from upgrade_batch_tenant where batch_id = $1
		      order by array_position(array['running', 'error', 'waiting', 'aborted', 'done', 'same'], state), ordinal limit $2) b
		join tenant t on t.id = b.tenant_id
		left join lateral (select count(*) filter (where stage = 'done') as done, count(*) as total from install_module
		                   where install_id = b.install_id and b.state = 'running') m on true
		order by array_position(array['running', 'error', 'waiting', 'aborted', 'done', 'same'], b.state), b.ordinal`, id, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Member])
}
