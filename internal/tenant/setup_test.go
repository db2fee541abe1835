package tenant_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"cutroom/internal/dbtest"
	"cutroom/internal/storage"
	"cutroom/internal/tenant"
)

// world is a database with a folder of files.
type world struct {
	dsn, dir string
	db       *tenant.DB
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{dsn: dbtest.DSN(t), dir: t.TempDir()}
	w.db = w.node(t, dbtest.Open(t, w.dsn).Pool)
	return w
}

// node is another node on the same database and files.
func (w *world) node(t *testing.T, pool *pgxpool.Pool) *tenant.DB {
	t.Helper()
	files, err := w.files()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	return &tenant.DB{Pool: pool, Files: files}
}

func (w *world) files() (*storage.Local, error) { return storage.NewLocal(w.dir) }

// killer breaks a node's connection at a statement: before it is sent, or when it has been done and its answer is lost.
type killer struct {
	at    int64 // the number of the statement; 0: never
	after bool
	count atomic.Int64
}

func (k *killer) TraceQueryStart(ctx context.Context, conn *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	if k.count.Add(1) == k.at && !k.after {
		_ = conn.PgConn().Conn().Close()
	}
	return ctx
}

func (k *killer) TraceQueryEnd(_ context.Context, conn *pgx.Conn, _ pgx.TraceQueryEndData) {
	if k.after && k.count.Load() == k.at {
		_ = conn.PgConn().Conn().Close()
	}
}

// mortal is a node whose connection breaks at a statement.
func (w *world) mortal(t *testing.T, at int64, after bool) (*tenant.DB, *killer) {
	t.Helper()
	config, err := pgxpool.ParseConfig(w.dsn)
	if err != nil {
		t.Fatal(err)
	}
	k := &killer{at: at, after: after}
	config.ConnConfig.Tracer = k
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return w.node(t, pool), k
}

// traces gives all places where something of a tenant is: schemas, roles, rows of every table above the tenants, files. A role counts
// only if it has rights in this database: it belongs to the whole server, which other tests use as well.
func (w *world) traces(t *testing.T, id tenant.ID) []string {
	t.Helper()
	var found []string
	look := func(where, sql string, args ...any) {
		rows, err := w.db.Pool.Query(t.Context(), sql, args...)
		if err != nil {
			t.Fatal(where, err)
		}
		texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(where, err)
		}
		for _, text := range texts {
			found = append(found, where+": "+text)
		}
	}
	look("schema", "select nspname::text from pg_namespace where nspname = 't_' || $1::text", string(id))
	look("role", `select r.rolname::text from pg_roles r where r.rolname = 'cutroom_t_' || $1::text
		and not exists (select 1 from pg_shdepend d where d.refobjid = r.oid and d.dbid <> (select oid from pg_database where datname = current_database()))`, string(id))
	for _, table := range w.tables(t) {
		look(table, fmt.Sprintf("select x::text from %s x where x::text ~ $1", table), `\m`+string(id)+`\M`)
	}
	return append(found, w.filesOf(t, id)...)
}

func (w *world) tables(t *testing.T) []string {
	t.Helper()
	rows, err := w.db.Pool.Query(t.Context(), "select schemaname || '.' || tablename from pg_tables where schemaname in ('cutroom', 'river', 'cutroom_operators') order by 1")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

func (w *world) filesOf(t *testing.T, id tenant.ID) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(w.dir, func(path string, entry fs.DirEntry, err error) error {
		for _, part := range strings.FieldsFunc(strings.TrimPrefix(path, w.dir), func(r rune) bool { return r == '/' || r == '-' }) {
			if part == string(id) {
				found = append(found, "file: "+path)
			}
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	sort.Strings(found)
	return found
}

// whole fails unless the tenant can be used.
func (w *world) whole(t *testing.T, id tenant.ID) {
	t.Helper()
	found, err := w.db.Find(t.Context(), id)
	if err == nil {
		err = found.Serves()
	}
	if err == nil {
		err = w.db.Tx(t.Context(), id, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), "insert into event (id, title, owner, created_by) values (gen_random_uuid()::text, 'A lecture', 'ben', 'ben')")
			return err
		})
	}
	if err != nil {
		t.Errorf("%s cannot be used: %v", id, err)
	}
	if len(w.filesOf(t, id)) == 0 {
		t.Errorf("%s has no folder", id)
	}
}
