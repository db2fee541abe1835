// Package tenant keeps the tenants apart: each has its own schema, its own database role and its own folder of files.
// Everything that reads or writes a tenant's rows goes through DB.Tx or DB.Read, so that Postgres itself refuses what
// belongs to somebody else.
package tenant

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"cutroom/internal/fault"
	"cutroom/internal/live"
)

// ID names a tenant: ^[a-z][a-z0-9]{0,30}$.
type ID string

var idForm = regexp.MustCompile(`^[a-z][a-z0-9]{0,30}$`)

// Valid says whether the id has the allowed form. Only valid ids become schema and role names.
func (id ID) Valid() bool { return idForm.MatchString(string(id)) }

func (id ID) schema() string {
	if id == Operators {
		return operatorsSchema
	}
	return `"t_` + string(id) + `"`
}

func (id ID) role() string {
	if id == Operators {
		return operatorsSchema
	}
	return `"cutroom_t_` + string(id) + `"`
}

// DB is the one pool of a node, used for all tenants.
type DB struct {
	Pool *pgxpool.Pool

	Files Files          // where tenants' folders are made and removed; nil: nowhere
	Bus   live.Publisher // told when tenants come, change and go; nil: nobody

	build build // tests: another build's migrations
}

// Tx runs fn in a transaction that sees tenant t's schema alone, under t's role. Begin, role and search path are one
// round trip. fn's error rolls back and is returned as it is.
func (db *DB) Tx(ctx context.Context, t ID, fn func(pgx.Tx) error) error {
	return db.tx(ctx, t, "begin", fn)
}

// Read is Tx without the right to write, on one snapshot.
func (db *DB) Read(ctx context.Context, t ID, fn func(pgx.Tx) error) error {
	return db.tx(ctx, t, "begin isolation level repeatable read read only", fn)
}

// idleLimit ends a transaction whose process says nothing for so long: a frozen node must not hold locks that all others
// wait for.
const idleLimit = "10s"

func (db *DB) tx(ctx context.Context, t ID, begin string, fn func(pgx.Tx) error) error {
	if !t.Valid() && t != Operators {
		return fault.Gone()
	}
	opts := pgx.TxOptions{BeginQuery: fmt.Sprintf("%s; set local role %s; set local search_path = %s, pg_temp; set local idle_in_transaction_session_timeout = '%s'",
		begin, t.role(), t.schema(), idleLimit)}
	err := run(ctx, db.Pool, opts, fn)
	if missing(err) && db.deleted(ctx, t) {
		return fault.Gone().WithCause(err)
	}
	return err
}

// missing says whether an error is about a role, schema, table or function that is not there, or a right. To the role of a tenant that
// is being deleted its schema is as if it were not there.
func missing(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	switch pg.Code {
	case "42P01", "3F000", "22023", "42704", "42883", "42501":
		return true
	}
	return false
}

// deleted says whether there is no such tenant any more: nodes know a tenant for a moment longer than it answers.
func (db *DB) deleted(ctx context.Context, t ID) bool {
	if t == Operators {
		return false
	}
	there := true
	err := db.System(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select exists (select 1 from tenant where id = $1 and deleting_at is null)", string(t)).Scan(&there)
	})
	return err == nil && !there
}

// System runs fn in a transaction on the tables above the tenants (schema cutroom), under the node's own role.
func (db *DB) System(ctx context.Context, fn func(pgx.Tx) error) error {
	return run(ctx, db.Pool, pgx.TxOptions{BeginQuery: "begin; set local search_path = cutroom, pg_temp"}, fn)
}

func run(ctx context.Context, pool *pgxpool.Pool, opts pgx.TxOptions, fn func(pgx.Tx) error) error {
	tx, err := begin(ctx, pool, opts)
	if err != nil {
		return unavailable(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// begin begins on a connection that works. After Postgres was restarted the pool is full of broken ones; nothing was done on
// them yet, so each is passed over for the next. When no new one can be opened either, the database is away.
func begin(ctx context.Context, pool *pgxpool.Pool, opts pgx.TxOptions) (pgx.Tx, error) {
	for tries := pool.Config().MaxConns; ; tries-- {
		tx, err := pool.BeginTx(ctx, opts)
		if err == nil || tries <= 0 || ctx.Err() != nil || !broken(err) {
			return tx, err
		}
	}
}

// broken says that an open connection broke, as against one that could not be opened and an answer of Postgres.
func broken(err error) bool {
	var connecting *pgconn.ConnectError
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return answer.Code == "57P01" // this backend was told to end
	}
	return !errors.As(err, &connecting)
}

func unavailable(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fault.New(fault.Unavailable, "error.database", "The database cannot be reached. Try again in a moment.").WithCause(err)
}

// AsSystem runs fn inside a tenant's transaction under the node's own role, for rows that are not the tenant's: River's
// jobs. The tenant's role comes back afterwards, also when fn fails; where Postgres has given up the transaction, nothing more goes.
func AsSystem(ctx context.Context, tx pgx.Tx, fn func() error) error {
	var role string
	if err := tx.QueryRow(ctx, "select current_user").Scan(&role); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "set local role none"); err != nil {
		return err
	}
	err := fn()
	if _, back := tx.Exec(ctx, "set local role "+pgx.Identifier{role}.Sanitize()); err == nil {
		err = back
	}
	return err
}
