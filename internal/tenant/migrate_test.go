package tenant_test

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/migrations"
)

// later is a build with more migrations: path to SQL.
func later(t testing.TB, pool *pgxpool.Pool, more map[string]string) *tenant.DB {
	t.Helper()
	all := fstest.MapFS{}
	err := fs.WalkDir(migrations.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		sql, err := fs.ReadFile(migrations.FS, path)
		all[path] = &fstest.MapFile{Data: sql}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, sql := range more {
		all[path] = &fstest.MapFile{Data: []byte(sql)}
	}
	db, err := tenant.Build(pool, all)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

const (
	adds      = "create table later (n int)"
	contracts = "-- contract: the old name is gone\nalter table event rename column title to heading"
)

func TestOldNodesServeWhatWasOnlyAddedTo(t *testing.T) {
	t.Parallel()
	w := setup(t)
	next := later(t, w.db.Pool, map[string]string{"system/9001_later.sql": adds, "operators/9001_later.sql": adds, "tenant/9001_later.sql": adds})
	if err := next.Serves(t.Context()); !tenant.Behind(err) || !strings.Contains(err.Error(), "run cutroom migrate") {
		t.Errorf("the new build before migrations: %v", err)
	}
	if _, err := next.List(t.Context()); !tenant.Unservable(err) {
		t.Errorf("the new build's list before migrations: %v", err)
	}
	done, err := next.MigrateAll(t.Context(), nil)
	if err != nil || done.System != 2 || done.Changed != 1 || done.Tenants != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	for name, db := range map[string]*tenant.DB{"old": w.db, "new": next} {
		found, err := db.Find(t.Context(), dbtest.Tenant)
		if err != nil || found.Serves() != nil || db.Serves(t.Context()) != nil || found.Version() != 9001 {
			t.Errorf("%s: %v, %v, %v", name, err, found.Serves(), db.Serves(t.Context()))
		}
	}
	if again, err := next.MigrateAll(t.Context(), nil); err != nil || again.System+again.Changed != 0 {
		t.Errorf("%+v, %v", again, err)
	}
	if err := w.db.Migrate(t.Context()); fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "newer than this build") {
		t.Errorf("the old build migrates: %v", err)
	}
}

func TestOldNodesRefuseWhatTheyCannotServe(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if err := w.db.Create(t.Context(), "other", "", "", nil); err != nil {
		t.Fatal(err)
	}
	next := later(t, w.db.Pool, map[string]string{"tenant/9001_later.sql": contracts})
	// One is behind for a while.
	if _, err := w.db.Pool.Exec(t.Context(), "insert into cutroom.migration (scope, version, name, needs) values ('tenant:other', 9001, 'x', 9001)"); err != nil {
		t.Fatal(err)
	}
	serves := func(db *tenant.DB, id tenant.ID) string {
		found, err := db.Find(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if f := fault.As(found.Serves()); f != nil {
			return f.ID
		}
		return ""
	}
	if got := []string{serves(w.db, "demo"), serves(w.db, "other"), serves(next, "demo"), serves(next, "other")}; !slices.Equal(got, []string{"", "error.tenant-ahead", "error.tenant-behind", ""}) {
		t.Error(got)
	}
	if ids, _, err := next.Busy(t.Context()); err != nil || !slices.Equal(ids, []tenant.ID{"other"}) {
		t.Error(ids, err)
	}
	if err := next.Migrate(t.Context()); err != nil || serves(next, "demo") != "" || serves(w.db, "demo") != "error.tenant-ahead" {
		t.Error(err)
	}
	system := later(t, w.db.Pool, map[string]string{"system/9001_later.sql": "-- contract\n" + adds, "tenant/9001_later.sql": contracts})
	if err := system.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{w.db.Serves(t.Context()), func() error { _, err := w.db.List(t.Context()); return err }()} {
		if !tenant.Unservable(err) || tenant.Behind(err) || !strings.Contains(err.Error(), "newer than this node can serve") {
			t.Error(err)
		}
	}
}

func TestADatabaseThatWasNeverMigratedSaysSo(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if _, err := w.db.Pool.Exec(t.Context(), "drop schema cutroom cascade"); err != nil {
		t.Fatal(err)
	}
	if err := w.db.Serves(t.Context()); !tenant.Behind(err) {
		t.Error(err)
	}
	if _, err := w.db.List(t.Context()); !tenant.Behind(err) {
		t.Error(err)
	}
	if _, err := w.db.Deleting(t.Context()); !tenant.Behind(err) {
		t.Error(err)
	}
}

func TestATenantThatFailsIsNamedAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, id := range []tenant.ID{"a1", "b1", "c1"} {
		if err := w.db.Create(t.Context(), id, "", "", nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.db.Pool.Exec(t.Context(), "create table t_b1.later (n int)"); err != nil {
		t.Fatal(err)
	}
	next := later(t, w.db.Pool, map[string]string{"tenant/9001_later.sql": adds, "tenant/9002_more.sql": "create table more (n int)"})
	var last [2]int
	done, err := next.MigrateAll(t.Context(), func(n, all int) { last = [2]int{n, all} })
	if err == nil || !strings.Contains(err.Error(), "1 of 4 tenants") || !strings.Contains(err.Error(), "tenant b1: migration 9001_later.sql") || strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
	if done.Changed != 3 || !slices.Equal(done.Failed, []tenant.ID{"b1"}) || last != [2]int{4, 4} {
		t.Errorf("%+v, %v", done, last)
	}
	if _, err := w.db.Pool.Exec(t.Context(), "drop table t_b1.later"); err != nil {
		t.Fatal(err)
	}
	if done, err := next.MigrateAll(t.Context(), nil); err != nil || done.Changed != 1 {
		t.Errorf("%+v, %v", done, err)
	}
}

// The node dies at each statement; the next call goes on.
func TestMigrationsGoOnWhereTheyWereBrokenOff(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		w := setup(t)
		if err := w.db.Create(t.Context(), "other", "", "", nil); err != nil {
			t.Fatal(err)
		}
		more := map[string]string{"system/9001_later.sql": adds, "tenant/9001_later.sql": adds, "tenant/9002_more.sql": "create table more (n int)"}
		broken := 0
		for at := int64(1); ; at++ {
			db, k := w.mortal(t, at, after)
			err := later(t, db.Pool, more).Migrate(t.Context())
			if err == nil && k.count.Load() < at {
				break
			}
			if err != nil {
				broken++
			}
		}
		for _, id := range []tenant.ID{"demo", "other"} {
			if err := w.db.Tx(t.Context(), id, func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), "select * from later, more"); return err }); err != nil {
				t.Error(err)
			}
		}
		if broken < 10 {
			t.Errorf("it was broken off %d times only", broken)
		}
	}
}

// Two nodes share the work, and neither fails.
func TestManyMayMigrateAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for i := range 6 {
		if err := w.db.Create(t.Context(), tenant.ID(fmt.Sprintf("many%d", i)), "", "", nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.db.StartDelete(t.Context(), "many5", "olga"); err != nil {
		t.Fatal(err)
	}
	more := map[string]string{"system/9001_later.sql": adds, "tenant/9001_later.sql": adds, "tenant/9002_more.sql": "create table more (n int)"}
	var working sync.WaitGroup
	changed := make([]int, 3)
	for i := range changed {
		db := later(t, dbtest.Open(t, w.dsn).Pool, more)
		working.Go(func() {
			done, err := db.MigrateAll(t.Context(), nil)
			if err != nil || done.Tenants != 6 {
				t.Errorf("%+v, %v", done, err)
			}
			changed[i] = done.Changed
		})
	}
	working.Wait()
	if changed[0]+changed[1]+changed[2] < 6 {
		t.Error(changed)
	}
}

// A tenant whose table is in use is waited for without keeping others from it.
func TestAMigrationLetsOthersPass(t *testing.T) {
	t.Parallel()
	w := setup(t)
	conn, err := pgx.Connect(t.Context(), w.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), "begin; select count(*) from t_demo.event"); err != nil {
		t.Fatal(err)
	}
	next := later(t, dbtest.Open(t, w.dsn).Pool, map[string]string{"tenant/9001_later.sql": "alter table event add column later int"})
	done := make(chan error, 1)
	go func() { done <- next.Migrate(t.Context()) }()
	w.until(t, "select exists (select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'alter table event%')")
	count := func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), "select count(*) from event"); return err }
	if err := w.db.Read(t.Context(), dbtest.Tenant, count); err != nil {
		t.Error(err)
	}
	if _, err := conn.Exec(t.Context(), "commit"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// After a restore on another server the roles are missing.
func TestMigrateMakesAMissingRole(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if err := w.db.Create(t.Context(), "roleless", "", "", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.db.Pool.Exec(t.Context(), "drop owned by cutroom_t_roleless; drop role cutroom_t_roleless"); err != nil {
		t.Fatal(err)
	}
	if done, err := w.db.MigrateAll(t.Context(), nil); err != nil || done.Tenants != 2 {
		t.Errorf("%+v, %v", done, err)
	}
	w.whole(t, "roleless")
}
