package tenant

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cutroom/internal/fault"
	"cutroom/migrations"
)

type migration struct {
	version int
	name    string
	sql     string
	needs   int // what a build has to know to serve what this leaves: 0, or the version itself for a contract
}

// contractMark begins the first line of a migration after which builds that do not know it cannot serve any more.
const contractMark = "-- contract"

// load reads the migrations of a folder ("system", "operators", "tenant") in order.
func load(files fs.FS, folder string) ([]migration, error) {
	names, err := fs.Glob(files, folder+"/*.sql")
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
		sql, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		m := migration{version: version, name: base, sql: string(sql)}
		if strings.HasPrefix(m.sql, contractMark) {
			m.needs = version
		}
		all = append(all, m)
	}
	return all, nil
}

// build is all migrations of a build, by folder.
type build map[string][]migration

func readBuild(files fs.FS) (build, error) {
	b := build{}
	for _, folder := range []string{"system", "operators", "tenant"} {
		all, err := load(files, folder)
		if err != nil {
			return nil, err
		}
		b[folder] = all
	}
	return b, nil
}

// known is the version of a folder's last migration: what the build knows.
func (b build) known(folder string) int {
	if all := b[folder]; len(all) > 0 {
		return all[len(all)-1].version
	}
	return 0
}

// ofThis are the migrations of this build. Their names are wrong, or they are right, when it is made.
var ofThis = sync.OnceValue(func() build {
	b, err := readBuild(migrations.FS)
	if err != nil {
		panic(err)
	}
	return b
})

// migrations are those of this build; tests put others in.
func (db *DB) migrations() build {
	if db.build != nil {
		return db.build
	}
	return ofThis()
}

// scope is something that is migrated by itself: the system, the operators' schema or a tenant.
type scope struct {
	folder string
	name   string // in cutroom.migration
	id     ID     // "" for the system
}

var (
	systemScope    = scope{folder: "system", name: "system"}
	operatorsScope = scope{folder: "operators", name: "operators", id: Operators}
)

func scopeOf(id ID) scope { return scope{folder: "tenant", name: "tenant:" + string(id), id: id} }

func (s scope) schema() string {
	if s.id == "" {
		return "cutroom"
	}
	return s.id.schema()
}

// Two kinds of advisory locks, all held by transactions: none outlives its connection, and none is held between two steps.
const (
	systemLock = 7043216001 // one at a time changes what stands above the tenants
	tenantLock = 70432160   // with the hash of an id: one at a time changes that tenant's schema, role or row
)

// lockTx waits until this transaction alone changes the scope.
func (s scope) lockTx(ctx context.Context, tx pgx.Tx) error {
	if s.id == "" || s.id == Operators {
		_, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1)", systemLock)
		return err
	}
	_, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1::int, hashtext($2))", tenantLock, string(s.id))
	return err
}

// tryLockTx is lockTx that does not wait.
func (s scope) tryLockTx(ctx context.Context, tx pgx.Tx) (got bool, err error) {
	err = tx.QueryRow(ctx, "select pg_try_advisory_xact_lock($1::int, hashtext($2))", tenantLock, string(s.id)).Scan(&got)
	return got, err
}

// versionTx is how far the scope is.
func (s scope) versionTx(ctx context.Context, tx pgx.Tx) (version int, err error) {
	err = tx.QueryRow(ctx, "select coalesce(max(version), 0) from cutroom.migration where scope = $1", s.name).Scan(&version)
	return version, err
}

// makeTx makes what the scope's tables stand in: schema, role, and the node's right to act in that role. What is there stays.
func (s scope) makeTx(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, fmt.Sprintf(`
		create schema if not exists %[1]s;
		do $$ begin create role %[2]s nologin; exception when duplicate_object or unique_violation then null; end $$;
		do $$ begin
		  if not pg_has_role(current_user, %[3]s, 'member') then grant %[2]s to current_user; end if;
		exception when unique_violation then null; end $$;
		grant usage on schema %[1]s to %[2]s`, s.id.schema(), s.id.role(), "'"+strings.Trim(s.id.role(), `"`)+"'"))
	return err
}

// applyTx runs one migration and writes it down.
func (s scope) applyTx(ctx context.Context, tx pgx.Tx, m migration) error {
	if _, err := tx.Exec(ctx, "set local search_path = "+s.schema()+", cutroom"); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, m.sql); err != nil {
		return fmt.Errorf("migration %s: %w", m.name, err)
	}
	_, err := tx.Exec(ctx, "insert into cutroom.migration (scope, version, name, needs) values ($1, $2, $3, $4)", s.name, m.version, m.name, m.needs)
	return err
}

// grantTx lets the scope's role use all that is in its schema.
func (s scope) grantTx(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, fmt.Sprintf("grant select, insert, update, delete on all tables in schema %[1]s to %[2]s; grant usage on all sequences in schema %[1]s to %[2]s",
		s.id.schema(), s.id.role()))
	return err
}

// A migration waits a short time for a table, for all who come later wait behind it; then it lets them pass and tries again.
const (
	ddlWait  = "2s"
	ddlTries = 60
	ddlPause = 300 * time.Millisecond
)

// patiently calls fn again while it fails only because others were at the same rows or tables.
func patiently(ctx context.Context, fn func() error) error {
	for try := 1; ; try++ {
		err := fn()
		if err == nil || try == ddlTries || !contended(err) {
			return err
		}
		pause := time.NewTimer(ddlPause)
		select {
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		case <-pause.C:
		}
	}
}

// contended says that a step failed by what others did at the same time: a lock in time, a deadlock, or a role of the same name
// that another database of this server made or dropped.
func contended(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	switch pg.Code {
	case "55P03", "40P01", "40001":
		return true
	case "XX000":
		return strings.Contains(pg.Message, "concurrently")
	case "42704":
		return strings.Contains(pg.Message, "role") // dropped between two statements
	}
	return false
}

// advance brings a scope one migration further, in a transaction of its own. wait false: when somebody else is at it, it is left
// to them for now (busy). more: there is still something to do.
func (db *DB) advance(ctx context.Context, s scope, wait bool) (applied, more, busy bool, err error) {
	all := db.migrations()[s.folder]
	err = patiently(ctx, func() error {
		applied, more, busy = false, false, false
		return run(ctx, db.Pool, pgx.TxOptions{}, func(tx pgx.Tx) error {
			if free, err := s.enterTx(ctx, tx, wait); err != nil || !free {
				busy = err == nil
				return err
			}
			if gone, err := s.goneTx(ctx, tx); err != nil || gone {
				return err
			}
			done, err := s.versionTx(ctx, tx)
			if err != nil {
				return err
			}
			if known := db.migrations().known(s.folder); done > known {
				return s.tooNew(done, known)
			}
			applied, more, err = s.nextTx(ctx, tx, all, done)
			return err
		})
	})
	return applied, more, busy, err
}

// enterTx takes the scope's lock. The time that a statement may wait for a table counts from then on.
func (s scope) enterTx(ctx context.Context, tx pgx.Tx, wait bool) (free bool, err error) {
	if wait {
		free, err = true, s.lockTx(ctx, tx)
	} else {
		free, err = s.tryLockTx(ctx, tx)
	}
	if err != nil || !free {
		return false, err
	}
	_, err = tx.Exec(ctx, "set local lock_timeout = '"+ddlWait+"'")
	return true, err
}

// goneTx says that the tenant was deleted, or is being deleted: nothing of it is touched any more.
func (s scope) goneTx(ctx context.Context, tx pgx.Tx) (gone bool, err error) {
	if s.folder != "tenant" {
		return false, nil
	}
	err = tx.QueryRow(ctx, "select not exists (select 1 from cutroom.tenant where id = $1 and deleting_at is null)", string(s.id)).Scan(&gone)
	return gone, err
}

// nextTx applies the first migration after done.
func (s scope) nextTx(ctx context.Context, tx pgx.Tx, all []migration, done int) (applied, more bool, err error) {
	if s.id != "" {
		if err := s.makeTx(ctx, tx); err != nil {
			return false, false, err
		}
	}
	for i, m := range all {
		if m.version > done {
			if err := s.applyTx(ctx, tx, m); err != nil {
				return false, false, err
			}
			applied, more = true, i < len(all)-1
			break
		}
	}
	if s.id != "" {
		err = s.grantTx(ctx, tx)
	}
	return applied, more, err
}

// tooNew says that a newer build than this one was here.
func (s scope) tooNew(version, known int) error {
	what := "The database"
	if s.folder == "tenant" {
		what = "Tenant " + string(s.id)
	}
	return fault.Newf(fault.Unavailable, "error.migrate-newer", "%s is at version %d (%s), newer than this build, which knows up to %d. Use the newer build.",
		what, version, s.folder, known).With(map[string]any{"What": what, "Version": version, "Known": known})
}
