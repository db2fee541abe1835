package install

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/lease"
)

// advance writes how modules ended and which begin, in one transaction; or, where nothing is left, the end of the install. It gives
// what has to be called now. lease.ErrFenced: somebody else has the install, and nothing was written.
func (h *Held) advance(ctx context.Context, outcomes []outcome) (begin []int, err error) {
	var now *work
	var next ID
	var over bool
	err = h.store.DB.System(ctx, func(tx pgx.Tx) error {
		if now, err = h.ownTx(ctx, tx); err != nil {
			return err
		}
		begin = now.turn(outcomes)
		next, over, err = h.writeTx(ctx, tx, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	h.work, h.over = now, over
	h.store.tell(h.Args.Tenant, h.Args.Install, next)
	return begin, nil
}

// ownTx locks the tenant, proves the fence and renews the lease. It gives a copy of the work that knows of an abort; where the
// tenant is being deleted that is one too.
func (h *Held) ownTx(ctx context.Context, tx pgx.Tx) (*work, error) {
	deleting, err := lockTx(ctx, tx, h.Args.Tenant)
	if err != nil {
		return nil, err
	}
	now := h.work.clone()
	err = tx.QueryRow(ctx, `update install set lease_until = greatest(lease_until, clock_timestamp() + $3::interval)
		where id = $1 and fence = $2 and state = 'running' returning abort_requested`, h.Args.Install, h.Fence, h.store.Lease).Scan(&now.aborting)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, lease.ErrFenced
	}
	now.aborting = now.aborting || deleting
	return now, err
}

// writeTx writes what changed, and the end of the install where it has come. It gives the install that is promoted then.
func (h *Held) writeTx(ctx context.Context, tx pgx.Tx, w *work) (next ID, over bool, err error) {
	batch := &pgx.Batch{}
	for _, i := range w.changed {
		w.queueTask(batch, h.Args.Install, i)
	}
	for _, product := range w.enabled {
		w.queueProduct(batch, h.Args, product)
	}
	w.changed, w.enabled = nil, nil
	if batch.Len() > 0 {
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return "", false, err
		}
	}
	state, over := w.over()
	if !over {
		return "", false, nil
	}
	if err := closeTx(ctx, tx, h.Args.Install, state); err != nil {
		return "", false, err
	}
	next, err = h.store.promoteTx(ctx, tx, h.Args.Tenant)
	return next, true, err
}

func (w *work) queueTask(batch *pgx.Batch, id ID, i int) {
	t := w.tasks[i]
	batch.Queue(`update install_module set stage = $3, status = nullif($4, ''), message = nullif($5, ''), errors = $6, warnings = $7, from_id = nullif($8, ''),
		calling = nullif($9, ''), job = nullif($10, ''), answer = null,
		deadline = case when $9 <> '' then clock_timestamp() + $11::interval end,
		start_date = case when $4 <> '' and $3 <> 'pending' then coalesce(start_date, clock_timestamp()) end,
		end_date = case when $4 in ('done', 'error') then clock_timestamp() end
		where install_id = $1 and ordinal = $2`,
		id, i, t.stage, t.status, t.message, listed(t.errors), listed(t.warnings), t.from, t.calling, t.job, w.deadline)
}

func (w *work) queueProduct(batch *pgx.Batch, args Args, product string) {
	if id := w.has[product]; id != "" {
		batch.Queue(`insert into tenant_module (tenant_id, product, module_id) values ($1, $2, $3)
			on conflict (tenant_id, product) do update set module_id = excluded.module_id, enabled = true, changed = now()`, args.Tenant, product, id)
		return
	}
	// What is built in stays, as switched off.
	batch.Queue(`update tenant_module set enabled = false, changed = now() where tenant_id = $1 and product = $2
		and exists (select 1 from module where id = module_id and built_in)`, args.Tenant, product)
	batch.Queue(`delete from tenant_module where tenant_id = $1 and product = $2
		and not exists (select 1 from module where id = module_id and built_in)`, args.Tenant, product)
}

func listed(list []Problem) []Problem {
	if list == nil {
		return []Problem{}
	}
	return list
}
