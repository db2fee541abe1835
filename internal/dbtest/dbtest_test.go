package dbtest

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestDatabasesAreMigratedAndApart(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"one", "two", "three"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := New(t)
			if _, err := db.Find(t.Context(), Tenant); err != nil {
				t.Fatal(err)
			}
			err := db.Create(t.Context(), "other", "Other", "", nil)
			if err != nil {
				t.Fatalf("a tenant of the same id in each database: %v", err)
			}
			err = db.Tx(t.Context(), "other", func(tx pgx.Tx) error {
				_, err := tx.Exec(t.Context(), "select * from t_demo.event")
				return err
			})
			if err == nil {
				t.Fatal("one tenant read another's rows")
			}
		})
	}
}
