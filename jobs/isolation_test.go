package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/live"
	"cutroom/internal/run"
	"cutroom/internal/storage"
	"cutroom/internal/tenant"
)

// A job of one tenant that names what another tenant has, or what both have under the same id with the other's River job, is
// refused, and leaves both as they were. Nothing makes such jobs; a queue that was restored or tampered with could hold them.
func TestJobsOfOneTenantTouchNoOther(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if err := db.Create(t.Context(), "other", "Other", "", nil); err != nil {
		t.Fatal(err)
	}
	files, err := storage.NewLocal(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for n, id := range []tenant.ID{dbtest.Tenant, "other"} {
		fillForJobs(t, db, id, int64(100*(n+1)))
		for _, upload := range []string{"same", "up-" + string(id)} {
			if _, err := files.WriteAt(t.Context(), string(id), "uploads/"+upload, 0, strings.NewReader("x")); err != nil {
				t.Fatal(err)
			}
		}
	}
	runs, err := run.New(db, wholeEdit{}, live.Discard{})
	if err != nil {
		t.Fatal(err)
	}
	render := &Render{Runs: runs, Files: files, Node: "n", Make: func(context.Context, *run.Held) (run.Result, error) {
		t.Error("a run was worked on")
		return run.Result{}, errors.New("no")
	}}
	ingest := &Ingest{Uploads: &event.Uploads{DB: db, Bus: live.Discard{}, Files: files, Jobs: runs.River, Node: "n"}}
	was := tellForJobs(t, db, files)
	for _, args := range []struct {
		run.PublishArgs
		job int64
	}{
		{run.PublishArgs{Tenant: dbtest.Tenant, Event: "e-other", Run: "r-other"}, 201}, {run.PublishArgs{Tenant: dbtest.Tenant, Event: "same", Run: "same"}, 200},
		{run.PublishArgs{Tenant: dbtest.Tenant, Event: "same", Run: "r-other"}, 201}, {run.PublishArgs{Tenant: "other", Event: "same", Run: "same"}, 100},
		{run.PublishArgs{Tenant: "nobody", Event: "same", Run: "same"}, 100}, {run.PublishArgs{Tenant: "../other", Event: "same", Run: "same"}, 200}, {run.PublishArgs{Event: "same", Run: "same"}, 200},
		{run.PublishArgs{Tenant: `other"; set role none; --`, Event: "same", Run: "same"}, 200}, {run.PublishArgs{Tenant: tenant.Operators, Event: "same", Run: "same"}, 200},
	} {
		if err := render.Work(t.Context(), &river.Job[run.PublishArgs]{JobRow: &rivertype.JobRow{ID: args.job}, Args: args.PublishArgs}); err == nil {
			t.Errorf("run %+v was worked on", args)
		}
	}
	for _, args := range []event.IngestArgs{
		{Tenant: dbtest.Tenant, Upload: "up-other", Round: 201}, {Tenant: dbtest.Tenant, Upload: "same", Round: 200}, {Tenant: "other", Upload: "same", Round: 100}, {Tenant: "nobody", Upload: "same", Round: 100},
		{Tenant: "../other", Upload: "same", Round: 200}, {Tenant: tenant.Operators, Upload: "same", Round: 200}, {Tenant: dbtest.Tenant, Upload: "../../other/uploads/same", Round: 200},
	} {
		_ = ingest.Work(t.Context(), &river.Job[event.IngestArgs]{JobRow: &rivertype.JobRow{ID: 1}, Args: args}) // an upload that is not there is no failure of the job
	}
	if now := tellForJobs(t, db, files); now != was {
		t.Errorf("was\n%s\nis\n%s", was, now)
	}
}

// fillForJobs gives a tenant a dispatched run and a finished upload that both tenants have, and of each one of its own.
func fillForJobs(t *testing.T, db *tenant.DB, id tenant.ID, job int64) {
	t.Helper()
	sql := fmt.Sprintf(`
		insert into event (id, title, owner, created_by) values ('same', 'x', 'x', 'x'), ('e-%[1]s', 'x', 'x', 'x');
		insert into edit (event_id) values ('same'), ('e-%[1]s');
		insert into run (id, event_id, seq, workflow, rev, state, river_job_id, requested_by, requested_name) values
		  ('same', 'same', 1, 'publish', 0, 'dispatched', %[2]d, 'x', 'x'), ('r-%[1]s', 'e-%[1]s', 1, 'publish', 0, 'dispatched', %[2]d + 1, 'x', 'x');
		insert into upload (id, event_id, flavor, filename, size, received, created_by, finished_at, fence) values
		  ('same', 'same', 'presenter/source', 'x', 1, 1, 'x', now(), %[2]d), ('up-%[1]s', 'e-%[1]s', 'presenter/source', 'x', 1, 1, 'x', now(), %[2]d + 1)`, id, job)
	err := db.Tx(t.Context(), id, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), sql)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// tellForJobs is all that both tenants have of these.
func tellForJobs(t *testing.T, db *tenant.DB, files *storage.Local) string {
	t.Helper()
	var all strings.Builder
	for _, id := range []tenant.ID{dbtest.Tenant, "other"} {
		err := db.Read(t.Context(), id, func(tx pgx.Tx) error {
			var text string
			err := tx.QueryRow(t.Context(), `select (select string_agg(r::text, e'\n' order by id) from run r) || e'\n' || (select string_agg(u::text, e'\n' order by id) from upload u)
				|| e'\n' || (select string_agg(e::text, e'\n' order by id) from event e) || (select count(*) from asset) || (select count(*) from run_log)`).Scan(&text)
			all.WriteString(text + "\n")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, upload := range []string{"same", "up-" + string(id)} {
			f, err := files.Open(t.Context(), string(id), "uploads/"+upload)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&all, upload, f.Size())
			f.Close()
		}
	}
	return all.String()
}
