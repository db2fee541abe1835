package tenant

import (
	"context"
	"fmt"
	"io/fs"
	"sort"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"cutroom/migrations"
)

// RiverSchema is the schema of River's own tables, one for all tenants.
const RiverSchema = "river"

// migrationLock is the advisory lock that lets one node migrate at a time.
const migrationLock = 7043216001

type migration struct {
	version int
	name    string
	sql     string
}

// load reads the migrations of a folder ("system", "tenant") in order.
func load(folder string) ([]migration, error) {
	names, err := fs.Glob(migrations.FS, folder+"/*.sql")
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	var all []migration
	for _, name := range names {
		base := strings.TrimPrefix(name, folder+"/")
		version, err := strconv.Atoi(strings.SplitN(base, "_", 2)[0])
		if err != nil {
			return nil, fmt.Errorf("migration %s: the name has to begin with its number", name)
		}
		sql, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			return nil, err
		}
		all = append(all, migration{version, base, string(sql)})
	}
	return all, nil
}

// Migrate brings the system's tables, River's and every tenant's to this build's version: forward only, each migration
// in its own transaction, one node at a time. It may be stopped anywhere and called again.
func (db *DB) Migrate(ctx context.Context) error {
	return db.locked(ctx, func(conn *pgx.Conn) error {
		if err := db.migrateSystem(ctx, conn); err != nil {
			return err
		}
		if err := migrateSchema(ctx, conn, Operators, "operators", "operators"); err != nil {
			return fmt.Errorf("operators: %w", err)
		}
		tenants, err := db.List(ctx)
		if err != nil {
			return err
		}
		for _, t := range tenants {
			if err := migrateTenant(ctx, conn, t.ID); err != nil {
				return fmt.Errorf("tenant %s: %w", t.ID, err)
			}
		}
		return nil
	})
}

// locked runs fn holding the migration lock on a connection of its own.
func (db *DB) locked(ctx context.Context, fn func(*pgx.Conn) error) error {
	conn, err := db.Pool.Acquire(ctx)
	if err != nil {
		return unavailable(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", migrationLock); err != nil {
		return err
	}
	defer func() {
		_, _ = conn.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", migrationLock)
	}()
	return fn(conn.Conn())
}

func (db *DB) migrateSystem(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `
		create schema if not exists cutroom;
		create schema if not exists `+RiverSchema+`;
		create table if not exists cutroom.migration (
			scope text not null, version int not null, name text not null, at timestamptz not null default now(),
			primary key (scope, version));`+walls)
	if err != nil {
		return err
	}
	if err := apply(ctx, conn, "system", "system", "cutroom", ""); err != nil {
		return err
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(db.Pool), &rivermigrate.Config{Schema: RiverSchema})
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// migrateTenant makes or updates one tenant's schema and role.
func migrateTenant(ctx context.Context, conn *pgx.Conn, t ID) error {
	return migrateSchema(ctx, conn, t, "tenant", "tenant:"+string(t))
}

// migrateSchema makes a schema with its role if need be, and runs a folder's migrations in it.
func migrateSchema(ctx context.Context, conn *pgx.Conn, t ID, folder, scope string) error {
	_, err := conn.Exec(ctx, fmt.Sprintf(`
		create schema if not exists %[1]s;
		do $$ begin create role %[2]s nologin; exception when duplicate_object or unique_violation then null; end $$;
		do $$ begin
		  if not pg_has_role(current_user, %[3]s, 'member') then grant %[2]s to current_user; end if;
		exception when unique_violation then null; end $$;
		grant usage on schema %[1]s to %[2]s`, t.schema(), t.role(), "'"+strings.Trim(t.role(), `"`)+"'"))
	if err != nil {
		return err
	}
	return apply(ctx, conn, folder, scope, t.schema(), t.role())
}

// apply runs the migrations of a folder that a scope has not had, with the schema as search path. The role, if any, is
// granted all on the tables.
func apply(ctx context.Context, conn *pgx.Conn, folder, scope, schema, role string) error {
	all, err := load(folder)
	if err != nil {
		return err
	}
	var done int
	err = conn.QueryRow(ctx, "select coalesce(max(version), 0) from cutroom.migration where scope = $1", scope).Scan(&done)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.version <= done {
			continue
		}
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "set local search_path = "+schema+", cutroom"); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, m.sql); err != nil {
				return err
			}
			if role != "" {
				grant := fmt.Sprintf("grant select, insert, update, delete on all tables in schema %[1]s to %[2]s; grant usage on all sequences in schema %[1]s to %[2]s", schema, role)
				if _, err := tx.Exec(ctx, grant); err != nil {
					return err
				}
			}
			_, err := tx.Exec(ctx, "insert into cutroom.migration (scope, version, name) values ($1, $2, $3)", scope, m.version, m.name)
			return err
		})
		if err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
	}
	return nil
}
