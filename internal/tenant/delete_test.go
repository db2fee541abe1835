package tenant_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

// someJob is a job of a tenant that nobody works on.
type someJob struct {
	Tenant tenant.ID `json:"tenant"`
}

func (someJob) Kind() string { return "some_job" }

// fill gives a tenant something everywhere where a tenant may have something.
func (w *world) fill(t *testing.T, id tenant.ID) {
	t.Helper()
	w.whole(t, id)
	inserter, err := tenant.NewInserter(w.db.Pool)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := inserter.Insert(t.Context(), someJob{id}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, sql := range []string{
		"insert into cutroom.presence (session, node, tenant_id, event_id, user_name, name, since, state) values ('s' || $1, 'n', $1, 'e', 'ben', 'Ben', now(), 'active')",
		"insert into cutroom.install (id, tenant_id, kind, state, started_by, started_name) values (gen_random_uuid(), $1, 'install', 'queued', 'olga', 'Olga')",
		"insert into cutroom.install_module (install_id, ordinal, module_id, action) select id, 0, 'm-1', 'enable' from cutroom.install where tenant_id = $1",
		"insert into cutroom.tenant_host (host, tenant_id) values ($1 || '.example', $1) on conflict do nothing",
	} {
		if _, err := w.db.Pool.Exec(t.Context(), sql, string(id)); err != nil {
			t.Fatal(err)
		}
	}
	files, err := w.files()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = files.Close() }()
	if _, _, err := files.Put(t.Context(), string(id), "assets/a/1.mp4", strings.NewReader("film")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := files.Temp(t.Context(), string(id), "run-1"); err != nil {
		t.Fatal(err)
	}
}

func TestADeletedTenantAnswersNowhereAndLeavesNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, id := range []tenant.ID{"gone", "stays"} {
		if err := w.db.Create(t.Context(), id, "", "", nil); err != nil {
			t.Fatal(err)
		}
		w.fill(t, id)
	}
	before := w.traces(t, "stays")
	if err := w.db.StartDelete(t.Context(), "gone", "olga"); err != nil {
		t.Fatal(err)
	}
	w.answersNowhere(t, "gone")
	deletions, err := w.db.Deleting(t.Context())
	if err != nil || len(deletions) != 1 || deletions[0].ID != "gone" || deletions[0].By != "olga" {
		t.Errorf("%+v, %v", deletions, err)
	}
	if err := w.db.Create(t.Context(), "gone", "", "", nil); fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "being deleted") {
		t.Errorf("made while it is deleted: %v", err)
	}
	if err := w.db.Create(t.Context(), "heir", "", "", []string{"gone.example"}); err != nil {
		t.Errorf("its host is not free: %v", err)
	}
	var said []string
	if err := w.db.Delete(t.Context(), "gone", 0, "n1", func(s string) { said = append(said, s) }); err != nil {
		t.Fatal(err)
	}
	if left := slices.DeleteFunc(w.traces(t, "gone"), func(s string) bool { return strings.Contains(s, "heir") }); len(left) > 0 || len(said) < 6 {
		t.Errorf("left: %v; said: %q", left, said)
	}
	w.answersNowhere(t, "gone")
	if after := w.traces(t, "stays"); !slices.Equal(before, after) {
		t.Errorf("another tenant has %v instead of %v", after, before)
	}
	w.whole(t, "stays")
	if err := w.db.Create(t.Context(), "gone", "", "", nil); err != nil {
		t.Fatal(err)
	}
	w.whole(t, "gone")
}

// answersNowhere fails where something of the tenant can still be reached.
func (w *world) answersNowhere(t *testing.T, id tenant.ID) {
	t.Helper()
	all, err := w.db.List(t.Context())
	if _, there := tenant.ByID(all, id); there || err != nil {
		t.Errorf("%s is listed, %v", id, err)
	}
	if _, there := tenant.ByName(all, string(id)+".localhost", "localhost"); there {
		t.Errorf("%s is found by its host", id)
	}
	if ids, _, err := w.db.Busy(t.Context()); slices.Contains(ids, id) || err != nil {
		t.Errorf("%s is looked at for work, %v", id, err)
	}
	for sql, do := range map[string]func(context.Context, tenant.ID, func(pgx.Tx) error) error{
		"select count(*) from event": w.db.Read, "insert into setting (key, value, modified_by) values ('x', '1', 'ben')": w.db.Tx,
		"select words_of('', '{}', '', '')": w.db.Read, "select count(*) from t_" + string(id) + ".event": w.db.Read,
	} {
		err := do(t.Context(), id, func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), sql); return err })
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// Whoever was in the middle of something finds nothing more, and what they still commit goes too.
func TestWhatIsUnderWayIsFencedOff(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if err := w.db.Create(t.Context(), "fenced", "", "", nil); err != nil {
		t.Fatal(err)
	}
	inserter, err := tenant.NewInserter(w.db.Pool)
	if err != nil {
		t.Fatal(err)
	}
	hold, held, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- w.db.Tx(t.Context(), "fenced", func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), "insert into event (id, title, owner, created_by) values ('e', 'A lecture', 'ben', 'ben')")
			if err == nil {
				err = tenant.AsSystem(t.Context(), tx, func() error {
					_, err := inserter.InsertTx(t.Context(), tx, someJob{"fenced"}, nil)
					return err
				})
			}
			close(held)
			<-hold
			return err
		})
	}()
	<-held
	if err := w.db.StartDelete(t.Context(), "fenced", "olga"); err != nil {
		t.Fatal(err)
	}
	deleted := make(chan error, 1)
	go func() { deleted <- w.db.Delete(t.Context(), "fenced", 0, "n1", nil) }()
	w.until(t, "select exists (select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'drop table%')")
	close(hold)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := <-deleted; err != nil {
		t.Fatal(err)
	}
	if left := w.traces(t, "fenced"); len(left) > 0 {
		t.Error(left)
	}
}

// A worker that says nothing any more and holds a table is ended.
func TestWhoHoldsATableIsEnded(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if err := w.db.Create(t.Context(), "held", "", "", nil); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), w.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), "begin; select count(*) from t_held.event"); err != nil {
		t.Fatal(err)
	}
	if err := w.db.StartDelete(t.Context(), "held", "olga"); err != nil {
		t.Fatal(err)
	}
	if err := w.db.Delete(t.Context(), "held", 0, "n1", nil); err != nil {
		t.Fatal(err)
	}
	if left := w.traces(t, "held"); len(left) > 0 {
		t.Error(left)
	}
}

// until waits for a statement to say true.
func (w *world) until(t *testing.T, sql string, args ...any) {
	t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for deadline := time.After(20 * time.Second); ; {
		var yes bool
		if err := w.db.Pool.QueryRow(t.Context(), sql, args...).Scan(&yes); err != nil {
			t.Fatal(err)
		}
		if yes {
			return
		}
		select {
		case <-look.C:
		case <-deadline:
			t.Fatal("never: " + sql)
		}
	}
}

// The worker dies at each statement, and another one goes on.
func TestADeletionGoesOnWhereItWasBrokenOff(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		w := setup(t)
		if err := w.db.Create(t.Context(), "broken", "", "", nil); err != nil {
			t.Fatal(err)
		}
		w.fill(t, "broken")
		started := false
		for at := int64(1); !started; at++ { // the beginning, too, is all or nothing
			db, _ := w.mortal(t, at, after)
			err := db.StartDelete(t.Context(), "broken", "olga")
			_, notFound := w.db.Find(t.Context(), "broken")
			if started = notFound != nil; err == nil && !started {
				t.Fatal("it began and did not")
			}
			if !started {
				w.whole(t, "broken")
			}
		}
		for at := int64(1); ; at++ {
			w.lost(t, "broken")
			db, k := w.mortal(t, at, after)
			err := db.Delete(t.Context(), "broken", 0, "n1", nil)
			if errors.Is(err, tenant.ErrTaken) {
				break // a try before did all, and only its last answer was lost
			}
			if err == nil && k.count.Load() < at {
				break
			}
		}
		if left := w.traces(t, "broken"); len(left) > 0 {
			t.Errorf("after %t: %v", after, left)
		}
	}
}

// lost lets the lease of a deletion end, as if its worker had been killed a while ago.
func (w *world) lost(t *testing.T, id tenant.ID) {
	t.Helper()
	_, err := w.db.Pool.Exec(t.Context(), "update cutroom.tenant set deleting_node = 'dead', deleting_until = now() - interval '1 s' where id = $1", string(id))
	if err != nil {
		t.Fatal(err)
	}
}

func TestALostDeletionIsOfferedAgain(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if err := w.db.Create(t.Context(), "offered", "", "", nil); err != nil {
		t.Fatal(err)
	}
	if err := w.db.StartDelete(t.Context(), "offered", "olga"); err != nil {
		t.Fatal(err)
	}
	if err := w.db.StartDelete(t.Context(), "offered", "olga"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("begun twice: %v", err)
	}
	first := w.offered(t)
	if n, err := w.db.ReofferDeletes(t.Context()); n != 0 || err != nil {
		t.Errorf("%d offered again, %v", n, err)
	}
	w.lost(t, "offered")
	if n, err := w.db.ReofferDeletes(t.Context()); n != 1 || err != nil {
		t.Errorf("%d offered again, %v", n, err)
	}
	second := w.offered(t)
	if err := w.db.Delete(t.Context(), "offered", first.Round, "n1", nil); !errors.Is(err, tenant.ErrTaken) {
		t.Errorf("the old job: %v", err)
	}
	if err := w.db.Delete(t.Context(), "offered", second.Round, "n2", nil); err != nil {
		t.Error(err)
	}
}

// offered gives the one job that River has.
func (w *world) offered(t *testing.T) (args tenant.DeleteArgs) {
	t.Helper()
	if err := w.db.Pool.QueryRow(t.Context(), "select args from river.river_job where kind = 'tenant_delete'").Scan(&args); err != nil {
		t.Fatal(err)
	}
	return args
}

// A worker that slept while others ended the deletion does nothing to a new tenant of the id.
func TestAWorkerThatSleptTouchesNoNewTenant(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if err := w.db.Create(t.Context(), "slept", "", "", nil); err != nil {
		t.Fatal(err)
	}
	if err := w.db.StartDelete(t.Context(), "slept", "olga"); err != nil {
		t.Fatal(err)
	}
	slept := false
	err := w.db.Delete(t.Context(), "slept", 0, "n1", func(says string) {
		if slept || !strings.Contains(says, "tables") {
			return
		}
		slept = true
		err := tenant.ErrTaken
		for errors.Is(err, tenant.ErrTaken) { // its last heartbeat may be on the way
			w.lost(t, "slept")
			err = w.db.Delete(t.Context(), "slept", 0, "n2", nil)
		}
		if err != nil {
			t.Error(err)
		}
		if err := w.db.Create(t.Context(), "slept", "", "", nil); err != nil {
			t.Error(err)
		}
	})
	if !errors.Is(err, tenant.ErrTaken) || !slept {
		t.Error(err)
	}
	w.whole(t, "slept")
}

// A role that another database of the server needs stays, and has no right here.
func TestARoleThatOthersNeedStays(t *testing.T) {
	t.Parallel()
	here, there := setup(t), setup(t)
	for _, w := range []*world{here, there} {
		if err := w.db.Create(t.Context(), "shared", "", "", nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := here.db.StartDelete(t.Context(), "shared", "olga"); err != nil {
		t.Fatal(err)
	}
	if err := here.db.Delete(t.Context(), "shared", 0, "n1", nil); err != nil {
		t.Fatal(err)
	}
	if left := here.traces(t, "shared"); len(left) > 0 {
		t.Error(left)
	}
	there.whole(t, "shared")
}

// The demo's tenant is made by the template: its role belongs to many databases.
func TestTheTemplatesTenantCanGo(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if err := w.db.StartDelete(t.Context(), dbtest.Tenant, "olga"); err != nil {
		t.Fatal(err)
	}
	if err := w.db.Delete(t.Context(), dbtest.Tenant, 0, "n1", nil); err != nil {
		t.Fatal(err)
	}
	if left := w.traces(t, dbtest.Tenant); len(left) > 0 {
		t.Error(left)
	}
}
