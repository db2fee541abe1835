package jobs_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"cutroom/internal/dbtest"
	"cutroom/internal/edit"
	"cutroom/internal/fleet"
	"cutroom/internal/install"
	"cutroom/internal/live"
	"cutroom/internal/run"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
	"cutroom/jobs"
)

// TestManyTenantsAreUpgradedByNodes lets two nodes upgrade eight tenants, two at a time: each install's end begins the next.
func TestManyTenantsAreUpgradedByNodes(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	installs, err := install.New(db, live.Discard{})
	if err != nil {
		t.Fatal(err)
	}
	runs, err := run.New(db, &edit.Store{DB: db, Bus: live.Discard{}}, live.Discard{})
	if err != nil {
		t.Fatal(err)
	}
	many := &fleet.Store{DB: db, Installs: installs}
	system := func(sql string) {
		t.Helper()
		if err := db.System(t.Context(), func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), sql); return err }); err != nil {
			t.Fatal(err)
		}
	}
	system(`insert into module (id, product, descriptor) values ('x-1.0.0', 'x', '{"id":"x-1.0.0"}'), ('x-1.1.0', 'x', '{"id":"x-1.1.0"}')`)
	var ids []tenant.ID
	for i := range 8 {
		id := tenant.ID(fmt.Sprintf("u%d", i))
		if err := db.Create(t.Context(), id, "", "", nil); err != nil {
			t.Fatal(err)
		}
		system("insert into tenant_module (tenant_id, product, module_id) values ('" + string(id) + "', 'x', 'x-1.0.0')")
		ids = append(ids, id)
	}
	for n := range 2 {
		upgrades := &jobs.Upgrades{Fleet: many, Log: slog.New(slog.DiscardHandler), Every: time.Hour} // the ends alone move it on
		workers := river.NewWorkers()
		river.AddWorker(workers, &jobs.Install{Installs: installs, Node: fmt.Sprintf("n%d", n), After: upgrades.After})
		node := &jobs.Node{DB: db, Runs: runs, Installs: installs, Workers: workers, Name: fmt.Sprintf("n%d", n), Log: slog.New(slog.DiscardHandler)}
		if err := node.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := node.Stop(context.WithoutCancel(t.Context())); err != nil {
				t.Log(err)
			}
		})
	}
	olga := user.Who{Tenant: tenant.Operators, User: "operator:olga", Name: "Olga", Role: user.OperatorRole}
	id, err := many.Start(t.Context(), olga, ids, 2)
	if err != nil {
		t.Fatal(err)
	}
	var b fleet.Batch
	for deadline := time.Now().Add(30 * time.Second); b.Ended == nil; <-time.After(20 * time.Millisecond) {
		if b, err = many.Find(t.Context(), olga, id, 10); err != nil {
			t.Fatal(err)
		}
		if b.Counts["running"] > 2 || time.Now().After(deadline) {
			t.Fatalf("%v, ended %v", b.Counts, b.Ended)
		}
	}
	if b.Counts["done"] != 8 {
		t.Errorf("%v: %+v", b.Counts, b.Tenants)
	}
	for _, one := range ids {
		if has, err := installs.Enabled(t.Context(), one); err != nil || fmt.Sprint(has) != "[x-1.1.0]" {
			t.Errorf("%s has %v %v", one, has, err)
		}
	}
	t.Logf("eight tenants, two at a time: %v", b.Ended.Sub(b.Started).Round(time.Millisecond))
}
