package tenant

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cutroom/internal/fault"
	"cutroom/internal/lease"
)

// ErrTaken says that somebody else takes this tenant away now, or that it is gone.
var ErrTaken = errors.New("another worker takes this tenant away, or it is gone")

// removal is a tenant that this process takes away, under a lease and with a fence. Each step may be done twice.
type removal struct {
	db    *DB
	id    ID
	fence int64
	say   func(string)
}

// Delete takes away a tenant for which StartDelete was called: it waits until nothing works for it, then removes its tables one by
// one, its schema and role, its jobs, its files, and last its row, so that the work goes on wherever it was broken off. round is that of the job;
// 0 takes over what nobody has. say is told each step. ErrTaken: it is somebody else's. Where it fails it is offered again.
func (db *DB) Delete(ctx context.Context, id ID, round int64, node string, say func(string)) error {
	if say == nil {
		say = func(string) {}
	}
	r := &removal{db: db, id: id, say: say}
	err := db.Pool.QueryRow(ctx, `update cutroom.tenant set deleting_fence = deleting_fence + 1, deleting_node = $3, deleting_until = clock_timestamp() + $4::interval
		where id = $1 and deleting_at is not null and (deleting_fence = $2 and deleting_node is null or $2 = 0 and (deleting_node is null or deleting_until < clock_timestamp()))
		returning deleting_fence`, string(id), round, node, deleteLease).Scan(&r.fence)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrTaken
	}
	if err != nil {
		return unavailable(err)
	}
	kept, stop := lease.Keep(ctx, deleteLease, nil, r.beat)
	defer stop()
	err = r.remove(kept)
	if err == nil {
		db.tell(listNotice)
		return nil
	}
	if cause := context.Cause(kept); errors.Is(cause, lease.ErrFenced) || errors.Is(cause, lease.ErrLeaseLost) || errors.Is(err, lease.ErrFenced) {
		return ErrTaken
	}
	r.release(ctx, err)
	return err
}

// beat renews the lease.
func (r *removal) beat(ctx context.Context) error {
	tag, err := r.db.Pool.Exec(ctx, "update cutroom.tenant set deleting_until = clock_timestamp() + $3::interval where id = $1 and deleting_fence = $2",
		string(r.id), r.fence, deleteLease)
	if err == nil && tag.RowsAffected() == 0 {
		return lease.ErrFenced
	}
	return err
}

// release gives the work back: at once when this node stops, else after a pause and with the reason.
func (r *removal) release(ctx context.Context, why error) {
	pause, note := deleteRetry, "It failed and is tried again."
	if ctx.Err() != nil {
		pause, note = 0, "Another node goes on."
	} else if f := fault.As(why); f != nil {
		note = f.Text
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, _ = r.db.Pool.Exec(ctx, `update cutroom.tenant set deleting_node = null, deleting_until = clock_timestamp() + $3::interval, deleting_note = $4
		where id = $1 and deleting_fence = $2`, string(r.id), r.fence, pause, note)
}

// own runs fn in a transaction in which nobody else changes the tenant, if it is still this worker's to take away. Else
// lease.ErrFenced: its id may be another tenant's by now. A step that waits too long for a table lets others pass first.
func (r *removal) own(ctx context.Context, fn func(pgx.Tx) error) error {
	return run(ctx, r.db.Pool, pgx.TxOptions{}, func(tx pgx.Tx) error {
		if err := scopeOf(r.id).lockTx(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "set local lock_timeout = '"+ddlWait+"'"); err != nil {
			return err
		}
		var mine bool
		err := tx.QueryRow(ctx, "select exists (select 1 from cutroom.tenant where id = $1 and deleting_fence = $2 and deleting_at is not null)", string(r.id), r.fence).Scan(&mine)
		if err != nil {
			return err
		}
		if !mine {
			return lease.ErrFenced
		}
		return fn(tx)
	})
}

func (r *removal) remove(ctx context.Context) error {
	for _, step := range []struct {
		says string
		do   func(context.Context) error
	}{
		{"Waits for what works for it.", r.quiet},
		{"Removes its tables.", r.dropTables},
		{"Removes its schema.", r.dropSchema},
		{"Removes its role.", r.dropRole},
		{"Removes its files.", r.removeFiles},
		{"Removes its entry.", r.forget},
	} {
		if err := r.note(ctx, step.says); err != nil {
			return err
		}
		if err := patiently(ctx, func() error { return step.do(ctx) }); err != nil {
			return fmt.Errorf("%s %w", step.says, err)
		}
	}
	return nil
}

// note tells the step, here and on every node.
func (r *removal) note(ctx context.Context, says string) error {
	r.say(says)
	tag, err := r.db.Pool.Exec(ctx, "update cutroom.tenant set deleting_note = $3 where id = $1 and deleting_fence = $2", string(r.id), r.fence, says)
	if err == nil && tag.RowsAffected() == 0 {
		return lease.ErrFenced
	}
	return err
}

// dropTables removes one table after the other, each in a transaction of its own: no transaction locks many tables, frees much at
// once, or makes all nodes forget what they know of every table.
func (r *removal) dropTables(ctx context.Context) error {
	rows, err := r.db.Pool.Query(ctx, `select quote_ident(n.nspname) || '.' || quote_ident(c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = 't_' || $1::text and c.relkind in ('r', 'p') order by c.relname`, string(r.id))
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, table := range tables {
		if err := r.drop(ctx, table); err != nil {
			return err
		}
	}
	return nil
}

// drop removes a table. Whoever holds it for longer than transactions may take is ended: nothing of it counts any more.
func (r *removal) drop(ctx context.Context, table string) error {
	waited := false
	return patiently(ctx, func() error {
		if waited {
			if err := r.evict(ctx); err != nil {
				return err
			}
		}
		err := r.own(ctx, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "drop table if exists "+table+" cascade")
			return err
		})
		waited = contended(err)
		return err
	})
}

// evict ends the connections that hold something of the tenant's schema.
func (r *removal) evict(ctx context.Context) error {
	_, err := r.db.Pool.Exec(ctx, `select pg_terminate_backend(pid) from (
		select distinct l.pid from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
		where l.database = (select oid from pg_database where datname = current_database()) and n.nspname = 't_' || $1::text and l.granted and l.pid <> pg_backend_pid()) held`, string(r.id))
	return err
}

func (r *removal) dropSchema(ctx context.Context) error {
	return r.own(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "drop schema if exists "+r.id.schema()+" cascade"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "delete from cutroom.migration where scope = $1", scopeOf(r.id).name)
		return err
	})
}

// dropRole removes the role. Roles belong to the whole server: where another database has a tenant of this id, or this node may
// not remove roles, it stays, without any right here.
func (r *removal) dropRole(ctx context.Context) error {
	var there bool
	err := r.db.Pool.QueryRow(ctx, "select exists (select 1 from pg_roles where rolname = 'cutroom_t_' || $1::text)", string(r.id)).Scan(&there)
	if err != nil || !there {
		return err
	}
	for _, statement := range []string{"drop owned by ", "drop role if exists "} {
		err := r.own(ctx, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, statement+r.id.role())
			return err
		})
		var pg *pgconn.PgError
		if errors.As(err, &pg) {
			switch pg.Code {
			case "2BP01", "42501", "42704", "55006": // others depend on it, no right, gone, in use
				r.say("Its role stays: " + pg.Message + ".")
				return nil
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *removal) removeFiles(ctx context.Context) error {
	if r.db.Files == nil {
		return nil
	}
	err := r.own(ctx, func(pgx.Tx) error { return r.db.Files.RetireTenant(ctx, string(r.id)) })
	if err != nil {
		return err
	}
	return r.db.Files.RemoveRetired(ctx, string(r.id))
}

// forget removes the rows, last of all the tenant's own with what hangs on it, and with them the job that does this.
func (r *removal) forget(ctx context.Context) error {
	return r.own(ctx, func(tx pgx.Tx) error {
		if err := deleteJobsTx(ctx, tx, r.id, "true"); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "delete from cutroom.presence where tenant_id = $1", string(r.id)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "delete from cutroom.tenant where id = $1", string(r.id))
		return err
	})
}
