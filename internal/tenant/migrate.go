package tenant

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// Migrated tells what MigrateAll did.
type Migrated struct {
	System  int // migrations of what stands above the tenants that this call applied
	Tenants int // how many there are
	Changed int // how many of them this call brought further
	Failed  []ID
}

// Migrate brings the system's tables, River's, the operators' and every tenant's to this build's version.
func (db *DB) Migrate(ctx context.Context) error {
	_, err := db.MigrateAll(ctx, nil)
	return err
}

// MigrateAll is Migrate that tells what it did and, after each tenant, how many of all are done. Forward only; each migration has a
// transaction of its own, and a lock only for its own scope and as long as that. So it may be stopped anywhere and called
// again, and any number of nodes may do so at once: they share the tenants. A tenant that fails is named in the error, and the others go on.
// Where a newer build was here nothing is done: a fault of kind Unavailable.
func (db *DB) MigrateAll(ctx context.Context, tell func(done, all int)) (Migrated, error) {
	var m Migrated
	if err := db.prepare(ctx); err != nil {
		return m, err
	}
	for _, s := range []scope{systemScope, operatorsScope} {
		n, err := db.finish(ctx, s)
		m.System += n
		if err != nil {
			return m, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	if err := db.migrateRiver(ctx); err != nil {
		return m, fmt.Errorf("tables of jobs: %w", err)
	}
	return m, db.migrateTenants(ctx, &m, tell)
}

// prepare makes the list of what was done. It comes before all migrations, so it is changed here by hand.
func (db *DB) prepare(ctx context.Context) error {
	return run(ctx, db.Pool, pgx.TxOptions{}, func(tx pgx.Tx) error {
		if err := systemScope.lockTx(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			create schema if not exists cutroom;
			create schema if not exists `+RiverSchema+`;
			create table if not exists cutroom.migration (
				scope text not null, version int not null, name text not null, at timestamptz not null default now(),
				primary key (scope, version));
			alter table cutroom.migration add column if not exists needs int;`+walls)
		return err
	})
}

// finish brings a scope to this build's version.
func (db *DB) finish(ctx context.Context, s scope) (applied int, err error) {
	for {
		did, more, _, err := db.advance(ctx, s, true)
		if did {
			applied++
		}
		if err != nil || !more {
			return applied, err
		}
	}
}

// riverScope is the name of River's tables in cutroom.migration; River keeps its own list as well.
const riverScope = "river"

// migrateRiver lets River bring its tables up to date. It does so on connections of its own, while this one keeps others away.
func (db *DB) migrateRiver(ctx context.Context) error {
	migrator, err := rivermigrate.New(riverpgxv5.New(db.Pool), &rivermigrate.Config{Schema: RiverSchema})
	if err != nil {
		return err
	}
	all := migrator.AllVersions()
	last := all[len(all)-1].Version
	return run(ctx, db.Pool, pgx.TxOptions{}, func(tx pgx.Tx) error {
		if err := systemScope.lockTx(ctx, tx); err != nil {
			return err
		}
		done, err := scope{name: riverScope}.versionTx(ctx, tx)
		if err != nil || done >= last {
			return err
		}
		if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "insert into cutroom.migration (scope, version, name, needs) values ($1, $2, 'river', 0)", riverScope, last)
		return err
	})
}

// migrateTenants brings one tenant after the other up to date. Those that another node is at come last.
func (db *DB) migrateTenants(ctx context.Context, m *Migrated, tell func(done, all int)) error {
	behind, all, err := db.behind(ctx)
	if err != nil {
		return err
	}
	m.Tenants = all
	done := all - len(behind)
	var failed []string
	for _, wait := range []bool{false, true} {
		var later []ID
		for _, id := range behind {
			changed, busy, err := db.migrateTenant(ctx, scopeOf(id), wait)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if busy {
				later = append(later, id)
				continue
			}
			if changed {
				m.Changed++
			}
			if err != nil {
				m.Failed = append(m.Failed, id)
				if len(m.Failed) <= reasons {
					failed = append(failed, fmt.Sprintf("tenant %s: %v", id, err))
				}
			}
			done++
			if tell != nil {
				tell(done, all)
			}
		}
		behind = later
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d tenants could not be migrated: %s", len(m.Failed), all, strings.Join(failed, "; ")+others(m.Failed))
	}
	return nil
}

// reasons is of how many failed tenants the error tells the reason: where more fail, it is mostly the same one.
const reasons = 5

// others names the failed tenants whose reason is not told.
func others(failed []ID) string {
	if len(failed) <= reasons {
		return ""
	}
	var names []string
	for _, id := range failed[reasons:] {
		names = append(names, string(id))
	}
	return "; and also " + strings.Join(names, ", ")
}

func (db *DB) migrateTenant(ctx context.Context, s scope, wait bool) (changed, busy bool, err error) {
	for more := true; more && err == nil && !busy; {
		var did bool
		did, more, busy, err = db.advance(ctx, s, wait)
		changed = changed || did
	}
	return changed, busy, err
}

// behind gives the tenants that are not at this build's version, or lack their role or schema, as after a restore on another
// server; and how many tenants there are.
func (db *DB) behind(ctx context.Context) (ids []ID, all int, err error) {
	rows, err := db.Pool.Query(ctx, `
		select t.id, coalesce(m.version, 0) = $1 and r.rolname is not null and n.nspname is not null
		from cutroom.tenant t
		left join (select scope, max(version) as version from cutroom.migration group by scope) m on m.scope = 'tenant:' || t.id
		left join pg_roles r on r.rolname = 'cutroom_t_' || t.id
		left join pg_namespace n on n.nspname = 't_' || t.id
		where t.deleting_at is null order by t.id`, db.migrations().known("tenant"))
	if err != nil {
		return nil, 0, unavailable(err)
	}
	var id ID
	var whole bool
	_, err = pgx.ForEachRow(rows, []any{&id, &whole}, func() error {
		all++
		if !whole {
			ids = append(ids, id)
		}
		return nil
	})
	return ids, all, err
}
