package event_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// One connection serves all tenants: what it has prepared for one has to fit the next.
func TestTenantsShareAConnection(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	if err := dbtest.Open(t, dsn).Create(t.Context(), "other", "Another one", "", nil); err != nil {
		t.Fatal(err)
	}
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	store := &event.Store{DB: &tenant.DB{Pool: pool}, Bus: live.Discard{}}
	for round := range 2 {
		for _, id := range []tenant.ID{dbtest.Tenant, "other"} {
			who := user.System(id)
			e, err := store.Create(t.Context(), who, event.Draft{Title: "A lecture"})
			if err != nil {
				t.Fatalf("%s, round %d: create: %v", id, round, err)
			}
			if _, err := store.Find(t.Context(), who, e.ID, event.ToRead); err != nil {
				t.Fatalf("%s, round %d: find: %v", id, round, err)
			}
			list, err := store.List(t.Context(), who, event.Query{})
			if err != nil || len(list.Items) != round+1 {
				t.Fatalf("%s, round %d: %d events: %v", id, round, len(list.Items), err)
			}
		}
	}
}

// A node may ask for a tenant a moment longer than it lives.
func TestADeletedTenantIsNotFound(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if err := db.Create(t.Context(), "other", "Another one", "", nil); err != nil {
		t.Fatal(err)
	}
	store := &event.Store{DB: db, Bus: live.Discard{}}
	for _, end := range []func() error{
		func() error { return db.StartDelete(t.Context(), "other", "olga") },
		func() error { return db.Delete(t.Context(), "other", 0, "n1", nil) },
	} {
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if _, err := store.List(t.Context(), user.System("other"), event.Query{}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a list of a deleted tenant: %v", err)
		}
	}
}
