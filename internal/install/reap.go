package install

import (
	"context"
	"errors"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/tenant"
)

// suspect is an install that may have lost its worker, or waits without reason.
type suspect struct {
	id     ID
	tenant tenant.ID
	state  State
	fence  int64
}

// Reap takes installs of all tenants out of dead hands, with one look: expired leases; dispatched ones whose River job is gone,
// final, or was taken without a claim; and waiting ones whose tenant has no active one. They go on with a new River job, at
// the module where they were. Many nodes may reap at once: a tenant that another one has locked is left to it. It gives how many it moved.
func (s *Store) Reap(ctx context.Context) (int, error) {
	suspects, err := s.suspects(ctx)
	moved := 0
	for _, x := range suspects {
		did, fail := s.rescue(ctx, x)
		if did {
			moved++
		}
		err = errors.Join(err, fail)
	}
	return moved, err
}

func (s *Store) suspects(ctx context.Context) (list []suspect, err error) {
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select i.id, i.tenant_id, i.state, i.fence from install i
			left join `+tenant.RiverSchema+`.river_job r on r.id = i.river_job_id and i.state = 'dispatched'
			where i.state in ('queued', 'dispatched', 'running') and case i.state
			  when 'running' then i.lease_until < clock_timestamp()
			  when 'dispatched' then r.id is null or r.finalized_at is not null or r.state = 'running' and r.attempted_at < clock_timestamp() - $1::interval
			  else not exists (select 1 from install a where a.tenant_id = i.tenant_id and (a.state in ('dispatched', 'running') or a.state = 'queued' and a.seq < i.seq))
			  end`, s.Lease)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (x suspect, err error) {
			return x, row.Scan(&x.id, &x.tenant, &x.state, &x.fence)
		})
		return err
	})
	return list, err
}

// rescue moves one install on, unless it moved by itself in the meantime or somebody else is at it.
func (s *Store) rescue(ctx context.Context, x suspect) (did bool, err error) {
	var next ID
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		var deleting bool
		err := tx.QueryRow(ctx, "select deleting_at is not null from tenant where id = $1 for no key update skip locked", x.tenant).Scan(&deleting)
		if errors.Is(err, pgx.ErrNoRows) || deleting {
			return nil
		}
		if err != nil {
			return err
		}
		if x.state == Queued {
			next, err = s.promoteTx(ctx, tx, x.tenant)
			did = next != ""
			return err
		}
		var node string
		err = tx.QueryRow(ctx, `select coalesce(node, '') from install where id = $1 and fence = $2 and state = $3
			and (state = 'dispatched' or lease_until < clock_timestamp()) for update`, x.id, x.fence, x.state).Scan(&node)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		did = true
		if x.state == Running {
			slog.WarnContext(ctx, "an install lost its node and goes on", "tenant", x.tenant, "install", x.id, "node", node)
		}
		return s.redispatchTx(ctx, tx, Args{Tenant: x.tenant, Install: x.id}, x.state == Dispatched)
	})
	if err == nil && did {
		s.tell(x.tenant, x.id, next)
	}
	return did, err
}
