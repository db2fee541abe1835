package fleet

import (
	"context"
	"errors"
	"net/http"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/install"
	"cutroom/internal/module"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// batchHeader marks the installs of a batch. As a header of the caller it is written in the transaction that makes the install,
// so after a crash between that and the batch's own note the install is found again instead of being made twice.
const batchHeader = "X-Cutroom-Batch"

// Step moves every batch on: notes what ended, begins as many tenants as may run, and ends batches that have nothing
// left. Every node that works jobs calls it in a steady rhythm and after each install's end; many may at once. It gives how many tenants it moved.
func (s *Store) Step(ctx context.Context) (int, error) {
	var open []ID
	err := s.DB.System(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select id from upgrade_batch where end_date is null order by start_date")
		if err == nil {
			open, err = pgx.CollectRows(rows, pgx.RowTo[ID])
		}
		return err
	})
	moved := 0
	for _, id := range open {
		n, fail := s.stepBatch(ctx, id)
		moved += n
		err = errors.Join(err, fail)
	}
	return moved, err
}

// batchStep is what a batch's rows ask for after they were settled.
type batchStep struct {
	who   user.Who
	start []tenant.ID              // to make an install for
	abort map[tenant.ID]install.ID // to abort
}

// stepBatch settles a batch again as long as that begins something: a tenant that had nothing to upgrade makes room for the next.
func (s *Store) stepBatch(ctx context.Context, id ID) (moved int, err error) {
	for {
		step, n, err := s.settleBatch(ctx, id)
		moved += n
		if err != nil {
			return moved, err
		}
		for t, made := range step.abort {
			if err := s.Installs.Abort(ctx, step.who, t, made); err != nil && fault.KindOf(err) != fault.NotFound && fault.KindOf(err) != fault.Conflict {
				return moved, err
			}
		}
		again := false
		for _, t := range step.start {
			ended, err := s.startMember(ctx, step.who, id, t)
			if err != nil {
				return moved, err
			}
			again = again || ended
		}
		if !again {
			return moved, nil
		}
	}
}

// settleBatch notes what ended and chooses who begins, in one transaction that holds the batch. It waits for the batch instead of leaving it
// to whoever holds it: that one may have looked before what ended just now.
func (s *Store) settleBatch(ctx context.Context, id ID) (step batchStep, moved int, err error) {
	step.abort = map[tenant.ID]install.ID{}
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		var most int
		var aborting bool
		step.who = user.Who{Tenant: tenant.Operators, Role: "operator"}
		err := tx.QueryRow(ctx, "select most, abort_requested, started_by, started_name from upgrade_batch where id = $1 and end_date is null for update", id).
			Scan(&most, &aborting, &step.who.User, &step.who.Name)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if moved, err = noteEndsTx(ctx, tx, id); err != nil {
			return err
		}
		if aborting {
			if step.abort, err = abortRowsTx(ctx, tx, id); err != nil {
				return err
			}
		}
		if step.start, err = beginRowsTx(ctx, tx, id, most); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update upgrade_batch set end_date = clock_timestamp() where id = $1
			and not exists (select 1 from upgrade_batch_tenant where batch_id = $1 and state in ('waiting', 'running'))`, id)
		return err
	})
	return step, moved, err
}

// noteEndsTx takes over how the installs of the batch ended. One that was forgotten before it was looked at had ended: only
// complete jobs can be forgotten.
func noteEndsTx(ctx context.Context, tx pgx.Tx, id ID) (int, error) {
	ended, err := tx.Exec(ctx, `
		update upgrade_batch_tenant b set state = i.state, end_date = i.end_date,
		  message = (select message from install_module where install_id = i.id and message is not null order by ordinal limit 1)
		from install i where b.batch_id = $1 and b.state = 'running' and i.id = b.install_id and i.end_date is not null`, id)
	return int(ended.RowsAffected()), err
}

// abortRowsTx begins nobody any more, and gives the installs that are under way.
func abortRowsTx(ctx context.Context, tx pgx.Tx, id ID) (map[tenant.ID]install.ID, error) {
	_, err := tx.Exec(ctx, "update upgrade_batch_tenant set state = 'aborted', end_date = clock_timestamp() where batch_id = $1 and state = 'waiting'", id)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `select b.tenant_id, b.install_id from upgrade_batch_tenant b join install i on i.id = b.install_id
		where b.batch_id = $1 and b.state = 'running' and i.end_date is null and not i.abort_requested`, id)
	if err != nil {
		return nil, err
	}
	all := map[tenant.ID]install.ID{}
	var t tenant.ID
	var made install.ID
	_, err = pgx.ForEachRow(rows, []any{&t, &made}, func() error {
		all[t] = made
		return nil
	})
	return all, err
}

// beginRowsTx lets as many more tenants run as may, and gives all that run and have no install yet: the new ones, and those whose
// node was killed before it had made one.
func beginRowsTx(ctx context.Context, tx pgx.Tx, id ID, most int) ([]tenant.ID, error) {
	_, err := tx.Exec(ctx, `
		update upgrade_batch_tenant set state = 'running', start_date = clock_timestamp()
		where batch_id = $1 and state = 'waiting' and ordinal in (
		  select ordinal from upgrade_batch_tenant where batch_id = $1 and state = 'waiting' order by ordinal
		  limit greatest($2 - (select count(*) from upgrade_batch_tenant where batch_id = $1 and state = 'running'), 0))`, id, most)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, "select tenant_id from upgrade_batch_tenant where batch_id = $1 and state = 'running' and install_id is null order by ordinal", id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[tenant.ID])
}

// startMember makes the install of one tenant, unless it was made already. The row stays locked meanwhile, so that nodes that
// step at the same moment do not both make one.
//
// The install is there for workers before the batch knows of it: one that ended by then was noted by nobody, so it is looked at once more.
func (s *Store) startMember(ctx context.Context, who user.Who, batch ID, t tenant.ID) (ended bool, err error) {
	var made install.ID
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		var one int
		err := tx.QueryRow(ctx, `select 1 from upgrade_batch_tenant where batch_id = $1 and tenant_id = $2 and state = 'running' and install_id is null
			for update skip locked`, batch, t).Scan(&one)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		made, err = s.upgradeOnce(ctx, tx, who, batch, t)
		state, message := "running", ""
		switch f := fault.As(err); {
		case err == nil && made == "":
			state, ended = "same", true
		case err == nil:
		case f == nil || f.Kind == fault.Internal || f.Kind == fault.Unavailable:
			return err
		default:
			state, message, ended = "error", f.Text, true
		}
		_, err = tx.Exec(ctx, `update upgrade_batch_tenant set state = $3, install_id = nullif($4, '')::uuid, message = nullif($5, ''),
			end_date = case when $6 then clock_timestamp() end where batch_id = $1 and tenant_id = $2`, batch, t, state, string(made), message, ended)
		return err
	})
	if err != nil || ended || made == "" {
		return ended, err
	}
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, "select end_date is not null from install where id = $1", made).Scan(&ended)
		if errors.Is(err, pgx.ErrNoRows) { // forgotten by somebody, which only ended ones can be
			ended, err = true, nil
		}
		return err
	})
	return ended, err
}

// upgradeOnce gives the tenant's install of this batch, made now or before a crash; "" where there is nothing to upgrade.
func (s *Store) upgradeOnce(ctx context.Context, tx pgx.Tx, who user.Who, batch ID, t tenant.ID) (install.ID, error) {
	var made install.ID
	err := tx.QueryRow(ctx, "select id from install where tenant_id = $1 and kind = 'upgrade' and headers::text like '%' || $2 || '%'", t, string(batch)).Scan(&made)
	if err == nil || !errors.Is(err, pgx.ErrNoRows) {
		return made, err
	}
	o := install.Defaults()
	o.Simulate = true
	would, err := s.Installs.Upgrade(ctx, who, t, o, http.Header{})
	if err != nil || !changes(would) {
		return "", err
	}
	o.Simulate, o.Async = false, true
	job, err := s.Installs.Upgrade(ctx, who, t, o, http.Header{batchHeader: {string(batch)}})
	return job.ID, err
}

// changes says whether a job does anything at all.
func changes(j install.Job) bool {
	for _, m := range j.Modules {
		if m.Action == module.Enable || m.Action == module.Disable {
			return true
		}
	}
	return false
}
