package tenant_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
)

// All connections of the pool are broken, as after a restart of Postgres: nobody notices.
func TestBrokenConnectionsArePassedOver(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	db, killer := dbtest.Open(t, dsn), dbtest.Open(t, dsn)
	count := func() {
		t.Helper()
		err := db.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
			var n int
			return tx.QueryRow(t.Context(), "select count(*) from event").Scan(&n)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		var held []interface{ Release() }
		for range db.Pool.Config().MaxConns {
			conn, err := db.Pool.Acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			held = append(held, conn)
		}
		for _, conn := range held {
			conn.Release()
		}
		_, err := killer.Pool.Exec(t.Context(), "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
		if err != nil {
			t.Fatal(err)
		}
		count()
	}
}
