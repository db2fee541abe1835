package tenant

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"cutroom/internal/fault"
	"cutroom/internal/live"
)

// DeleteQueue is River's queue of tenants that go.
const DeleteQueue = "tenant"

// DeleteArgs is the job that takes a tenant away. The tenant's row is the truth; the job only wakes a worker. Round is the fence that
// the worker begins at: a job that was offered again has another one.
type DeleteArgs struct {
	Tenant ID    `json:"tenant"`
	Round  int64 `json:"round"`
}

// Kind names the job.
func (DeleteArgs) Kind() string { return deleteKind }

const deleteKind = "tenant_delete"

// The lease of a worker that takes a tenant away; how long a job may be on its way before it is offered again; and the pause
// after a failure.
const (
	deleteLease = 15 * time.Second
	deleteOffer = 15 * time.Second
	deleteRetry = 10 * time.Second
)

// StartDelete begins to delete a tenant. From its commit on the tenant answers nowhere: it is in no list, its host names are free,
// and Postgres shows its role nothing, so that requests, sockets and jobs that are under way find nothing any more. A job takes away what it has.
// Fault NotFound: there is no such tenant, or it is being deleted already.
func (db *DB) StartDelete(ctx context.Context, id ID, by string) error {
	if !id.Valid() {
		return noTenant(id)
	}
	err := run(ctx, db.Pool, pgx.TxOptions{}, func(tx pgx.Tx) error { return db.startDeleteTx(ctx, tx, id, by) })
	if contended(err) {
		return fault.Newf(fault.Unavailable, "error.tenant-busy", "Tenant %s is being changed at this moment. Try again in a moment.", id).
			With(map[string]any{"Tenant": id}).WithCause(err)
	}
	if err == nil {
		db.tell(listNotice, live.Notice{Tenant: string(id), Topic: Topic})
	}
	return err
}

func (db *DB) startDeleteTx(ctx context.Context, tx pgx.Tx, id ID, by string) error {
	if _, err := tx.Exec(ctx, "set local lock_timeout = '10s'"); err != nil {
		return err
	}
	if err := scopeOf(id).lockTx(ctx, tx); err != nil {
		return err
	}
	var round int64
	err := tx.QueryRow(ctx, `update cutroom.tenant set deleting_at = clock_timestamp(), deleting_by = $2, deleting_fence = deleting_fence + 1,
			deleting_until = clock_timestamp() + $3::interval
		where id = $1 and deleting_at is null returning deleting_fence`, string(id), by, deleteOffer).Scan(&round)
	if errors.Is(err, pgx.ErrNoRows) {
		return noTenant(id)
	}
	if err != nil {
		return served(err)
	}
	if _, err := tx.Exec(ctx, "delete from cutroom.tenant_host where tenant_id = $1", string(id)); err != nil {
		return err
	}
	if err := closeSchemaTx(ctx, tx, id); err != nil {
		return err
	}
	return db.offerTx(ctx, tx, DeleteArgs{Tenant: id, Round: round})
}

// closeSchemaTx takes from the tenant's role the right to see its schema.
func closeSchemaTx(ctx context.Context, tx pgx.Tx, id ID) error {
	var whole bool
	err := tx.QueryRow(ctx, `select exists (select 1 from pg_namespace where nspname = 't_' || $1::text)
		and exists (select 1 from pg_roles where rolname = 'cutroom_t_' || $1::text)`, string(id)).Scan(&whole)
	if err != nil || !whole {
		return err
	}
	_, err = tx.Exec(ctx, fmt.Sprintf("revoke all on schema %s from %s", id.schema(), id.role()))
	return err
}

// offerTx gives the deletion a new River job.
func (db *DB) offerTx(ctx context.Context, tx pgx.Tx, args DeleteArgs) error {
	client, err := NewInserter(db.Pool)
	if err != nil {
		return err
	}
	_, err = client.InsertTx(ctx, tx, args, &river.InsertOpts{Queue: DeleteQueue, MaxAttempts: 1})
	return err
}

// ReofferDeletes offers those deletions again whose job or worker was lost, or that failed a while ago. Many nodes may do so at
// once. It gives how many.
func (db *DB) ReofferDeletes(ctx context.Context) (int, error) {
	n := 0
	err := db.System(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `update tenant t set deleting_fence = deleting_fence + 1, deleting_node = null,
				deleting_until = clock_timestamp() + $1::interval
			from (select id from tenant where deleting_at is not null and deleting_until < clock_timestamp() for update skip locked) due
			where t.id = due.id returning t.id, t.deleting_fence`, deleteOffer)
		if err != nil {
			return err
		}
		due, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DeleteArgs])
		if err != nil {
			return err
		}
		n = len(due)
		for _, args := range due {
			if err := deleteJobsTx(ctx, tx, args.Tenant, "kind = '"+deleteKind+"'"); err != nil {
				return err
			}
			if err := db.offerTx(ctx, tx, args); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// deleteJobsTx removes River's rows of a tenant for which a condition holds.
func deleteJobsTx(ctx context.Context, tx pgx.Tx, id ID, condition string) error {
	_, err := tx.Exec(ctx, "delete from "+RiverSchema+".river_job where args @> jsonb_build_object('tenant', $1::text) and "+condition, string(id))
	return err
}

// Deletion is a tenant that goes.
type Deletion struct {
	ID    ID
	Name  string
	By    string
	Since time.Time
	Node  string // that works on it; "" while it waits
	Note  string // what is done at this moment, or why it failed and is tried again; English
}

// Deleting gives the tenants that are being deleted, by id.
func (db *DB) Deleting(ctx context.Context) ([]Deletion, error) {
	rows, err := db.Pool.Query(ctx, `select id, name, coalesce(deleting_by, ''), deleting_at, coalesce(deleting_node, ''), deleting_note
		from cutroom.tenant where deleting_at is not null order by id collate "C"`)
	if err != nil {
		return nil, served(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Deletion])
	if err != nil {
		return nil, served(err)
	}
	return all, nil
}
