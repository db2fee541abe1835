package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/fleet"
	"cutroom/internal/install"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

var olga = user.Who{Tenant: tenant.Operators, User: "operator:olga", Name: "Olga Brandt", Role: "operator"}

// fleetOf makes tenants t1 to tn that have x-1.0.0 where x-1.1.0 is there too.
func fleetOf(t *testing.T, n int) (*fleet.Store, []tenant.ID) {
	t.Helper()
	db := dbtest.New(t)
	installs, err := install.New(db, live.Discard{})
	if err != nil {
		t.Fatal(err)
	}
	exec(t, db, `insert into module (id, product, descriptor) values ('x-1.0.0', 'x', '{"id":"x-1.0.0"}'), ('x-1.1.0', 'x', '{"id":"x-1.1.0"}')`)
	var ids []tenant.ID
	for i := range n {
		id := tenant.ID(fmt.Sprintf("t%d", i+1))
		if err := db.Create(t.Context(), id, fmt.Sprintf("Tenant %03d", i+1), "", []string{string(id) + ".example"}); err != nil {
			t.Fatal(err)
		}
		exec(t, db, "insert into tenant_module (tenant_id, product, module_id) values ($1, 'x', 'x-1.0.0')", id)
		ids = append(ids, id)
	}
	return &fleet.Store{DB: db, Installs: installs}, ids
}

func exec(t *testing.T, db *tenant.DB, sql string, args ...any) {
	t.Helper()
	err := db.System(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func number(t *testing.T, db *tenant.DB, sql string) (n int) {
	t.Helper()
	err := db.System(t.Context(), func(tx pgx.Tx) error { return tx.QueryRow(t.Context(), sql).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// endOne ends an open install as a node would.
func endOne(t *testing.T, db *tenant.DB, state string) {
	t.Helper()
	exec(t, db, `with one as (select id from install where end_date is null order by seq limit 1),
		steps as (update install_module set stage = 'done', status = 'done', message = case when $1 = 'error' then 'it refused' end where install_id = (select id from one))
		update install set state = $1, end_date = clock_timestamp() where id = (select id from one)`, state)
}

func counts(t *testing.T, s *fleet.Store, id fleet.ID) fleet.Batch {
	t.Helper()
	b, err := s.Find(t.Context(), olga, id, 100)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestABatchKeepsItsLimit(t *testing.T) {
	t.Parallel()
	s, ids := fleetOf(t, 7)
	exec(t, s.DB, "update tenant_module set module_id = 'x-1.1.0' where tenant_id = 't4'") // nothing to do there
	id, err := s.Start(t.Context(), olga, ids, 3)
	if err != nil {
		t.Fatal(err)
	}
	for ended := 0; ended < 6; ended++ {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if _, err := s.Step(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if open := number(t, s.DB, "select count(*) from install where end_date is null"); open != min(3, 6-ended) {
			t.Fatalf("%d installs are open after %d ended: %v", open, ended, counts(t, s, id).Counts)
		}
		endOne(t, s.DB, []string{"done", "error"}[ended%2])
	}
	if _, err := s.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := counts(t, s, id)
	if fmt.Sprint(b.Counts) != "map[done:3 error:3 same:1]" || b.Ended == nil {
		t.Errorf("ended %v with %v", b.Ended, b.Counts)
	}
	if b.Tenants[0].State != "error" || b.Tenants[0].Message != "it refused" {
		t.Errorf("first comes %+v", b.Tenants[0])
	}
	if n := number(t, s.DB, "select count(*) from install"); n != 6 {
		t.Errorf("%d installs were made", n)
	}
	again, err := s.Retry(t.Context(), olga, id)
	if err != nil || counts(t, s, again).Counts["running"] != 3 {
		t.Errorf("retried: %v %v", err, counts(t, s, again).Counts)
	}
}

// dying makes the first install and is killed before anybody hears of it.
type dying struct {
	fleet.Installer
	died bool
}

func (d *dying) Upgrade(ctx context.Context, who user.Who, t tenant.ID, o install.Options, h http.Header) (install.Job, error) {
	job, err := d.Installer.Upgrade(ctx, who, t, o, h)
	if !o.Simulate && !d.died {
		d.died = true
		return install.Job{}, errors.New("killed")
	}
	return job, err
}

func TestAKilledNodeMakesNoInstallTwice(t *testing.T) {
	t.Parallel()
	s, ids := fleetOf(t, 2)
	killed := &fleet.Store{DB: s.DB, Installs: &dying{Installer: s.Installs}}
	id, err := killed.Start(t.Context(), olga, ids, 1)
	if err != nil {
		t.Fatal(err)
	}
	if b := counts(t, s, id); b.Counts["running"] != 1 || b.Tenants[0].Install != nil {
		t.Fatalf("after the kill: %+v", b)
	}
	if _, err := s.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, b := number(t, s.DB, "select count(*) from install"), counts(t, s, id); n != 1 || b.Tenants[0].Install == nil {
		t.Errorf("%d installs, %+v", n, b.Tenants[0])
	}
}

func TestAnAbortedBatchBeginsNobody(t *testing.T) {
	t.Parallel()
	s, ids := fleetOf(t, 4)
	id, err := s.Start(t.Context(), olga, ids, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Abort(t.Context(), olga, id); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := counts(t, s, id)
	if b.Counts["aborted"] != 4 || b.Ended == nil || b.Aborting {
		t.Errorf("%+v", b)
	}
	if n := number(t, s.DB, "select count(*) from install"); n != 2 {
		t.Errorf("%d installs were made", n)
	}
}

func TestOnlyOperatorsUpgradeMany(t *testing.T) {
	t.Parallel()
	s, ids := fleetOf(t, 1)
	ada := user.Who{Tenant: "t1", User: "ada", Role: "admin"}
	if _, err := s.Start(t.Context(), ada, ids, 2); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("an admin starts one: %v", err)
	}
	id, err := s.Start(t.Context(), olga, ids, 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Find(t.Context(), ada, id, 1); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an admin finds one: %v", err)
	}
	if err := s.Abort(t.Context(), ada, id); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("an admin aborts one: %v", err)
	}
	for _, most := range []int{0, 51} {
		if _, err := s.Start(t.Context(), olga, ids, most); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%d together: %v", most, err)
		}
	}
}

func TestTheListPagesAndSearches(t *testing.T) {
	t.Parallel()
	s, _ := fleetOf(t, 5)
	exec(t, s.DB, "update tenant_module set module_id = 'x-1.1.0' where tenant_id = 't2'")
	exec(t, s.DB, "update tenant set name = '100 % Ärzte', deleting_at = now() where id = 't5'")
	var seen []string
	for cursor := ""; ; {
		lines, next, err := s.List(t.Context(), fleet.Filter{Limit: 2, Cursor: cursor})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			seen = append(seen, fmt.Sprintf("%s %d %d", l.ID, l.Modules, l.Newer))
		}
		if cursor = next; next == "" {
			break
		}
	}
	if got := strings.Join(seen, ", "); got != "t5 1 1, demo 0 0, t1 1 1, t2 1 0, t3 1 1, t4 1 1" {
		t.Errorf("page by page: %s", got)
	}
	for _, c := range []struct {
		filter fleet.Filter
		want   string
	}{
		{fleet.Filter{Text: "tenant 00"}, "t1 t2 t3 t4"}, {fleet.Filter{Text: "T3.EXAMPLE"}, "t3"}, {fleet.Filter{Text: "100 %"}, "t5"}, {fleet.Filter{Text: "_"}, ""}, {fleet.Filter{Text: "ärzte"}, "t5"},
		{fleet.Filter{Only: "upgradable"}, "t1 t3 t4"}, {fleet.Filter{Only: "deleting"}, "t5"}, {fleet.Filter{Only: "installing"}, ""},
	} {
		lines, _, err := s.List(t.Context(), c.filter)
		var got []string
		for _, l := range lines {
			got = append(got, string(l.ID))
		}
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%+v shows %v %v, want %s", c.filter, got, err, c.want)
		}
	}
	if _, _, err := s.List(t.Context(), fleet.Filter{Cursor: "rubbish"}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a broken cursor: %v", err)
	}
	if c, err := s.Count(t.Context()); err != nil || (c != fleet.Counts{All: 6, Upgradable: 3, Deleting: 1}) {
		t.Errorf("%+v %v", c, err)
	}
	changes, tenants, err := s.Changes(t.Context(), fleet.Filter{}, nil)
	if err != nil || fmt.Sprint(changes, tenants) != "[{x-1.0.0 x-1.1.0 3}] [t1 t3 t4]" {
		t.Errorf("%v %v %v", changes, tenants, err)
	}
	if _, tenants, err := s.Changes(t.Context(), fleet.Filter{}, []tenant.ID{"t1", "t2", "none"}); err != nil || fmt.Sprint(tenants) != "[t1]" {
		t.Errorf("of some: %v %v", tenants, err)
	}
}
