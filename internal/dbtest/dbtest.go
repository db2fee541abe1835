// Package dbtest gives each test a database of its own, with all migrations and the tenant `demo` in it.
//
// One private PostgreSQL server is started per test binary, at the first call, and ends with it. The migrations run once,
// into a template; a test's database is a copy of it, made in well under a second and dropped after the test, so tests
// may run in parallel and leave rows behind as they like. Roles belong to the server: two tests that make a tenant of the
// same id share its role, which the tenant package allows.
//
// Where no PostgreSQL is installed the test is skipped with the reason, or fails when CI=true.
package dbtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"cutroom/internal/postgres"
	"cutroom/internal/tenant"
)

// Tenant is the tenant that every test database has.
const Tenant tenant.ID = "demo"

// template is the migrated database that all others are copies of.
const template = "cutroom_template"

var number atomic.Int64

// New returns a fresh database's pool, closed and dropped with the test.
func New(t testing.TB) *tenant.DB {
	t.Helper()
	return Open(t, DSN(t))
}

// Open returns a second node's pool on a database that DSN made.
func Open(t testing.TB, dsn string) *tenant.DB {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return &tenant.DB{Pool: pool}
}

// DSN returns the address of a fresh database, dropped with the test.
func DSN(t testing.TB) string {
	t.Helper()
	server := serverOf(t)
	name := fmt.Sprintf("cutroom_test_%d", number.Add(1))
	if err := statement(server.DSN(), "create database "+name+" template "+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := statement(server.DSN(), "drop database "+name+" with (force)"); err != nil {
			t.Error(err)
		}
	})
	return server.DSNOf(name)
}

// shared starts the binary's server and fills the template, once.
var shared = sync.OnceValues(func() (*postgres.Server, error) {
	dir, err := folder()
	if err != nil {
		return nil, err
	}
	server, err := postgres.Start(context.Background(), postgres.Options{Dir: dir, Unsafe: true})
	if err != nil {
		return nil, err
	}
	if err := fillTemplate(server); err != nil {
		server.Stop()
		return nil, err
	}
	return server, nil
})

func serverOf(t testing.TB) *postgres.Server {
	t.Helper()
	server, err := shared()
	if errors.Is(err, postgres.ErrMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func fillTemplate(server *postgres.Server) error {
	ctx := context.Background()
	if err := statement(server.DSN(), "create database "+template); err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, server.DSNOf(template))
	if err != nil {
		return err
	}
	defer pool.Close()
	db := &tenant.DB{Pool: pool}
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	return db.Create(ctx, Tenant, "Demo", "", nil)
}

// statement runs one statement on a connection of its own: CREATE DATABASE allows no transaction, and a pool would leave
// goroutines that tests for leaks see.
func statement(dsn, sql string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}
