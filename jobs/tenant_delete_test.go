package jobs

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"cutroom/internal/dbtest"
	"cutroom/internal/run"
	"cutroom/internal/tenant"
)

// The job takes the tenant away with all its jobs, itself included, though a worker is at one of them; and a job that is lost
// is offered again.
func TestTheJobDeletesTheTenantAndItself(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	for _, id := range []tenant.ID{"gonejob", "lostjob"} {
		if err := db.Create(t.Context(), id, "", "", nil); err != nil {
			t.Fatal(err)
		}
	}
	runs, err := hammerStore(db)
	if err != nil {
		t.Fatal(err)
	}
	working := &waits{begun: make(chan struct{}), ended: make(chan error, 1)}
	workers := river.NewWorkers()
	river.AddWorker(workers, &TenantDelete{DB: db, Node: "n1"})
	river.AddWorker(workers, working)
	node := &Node{DB: db, Runs: runs, Workers: workers, Name: "n1", Log: slog.New(slog.DiscardHandler), Reap: 50 * time.Millisecond}
	if err := node.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = node.Stop(context.WithoutCancel(t.Context())) }()
	if _, err := runs.River.Insert(t.Context(), waitArgs{"gonejob"}, &river.InsertOpts{Queue: run.Queue}); err != nil {
		t.Fatal(err)
	}
	<-working.begun
	for _, id := range []tenant.ID{"gonejob", "lostjob"} {
		if err := db.StartDelete(t.Context(), id, "olga"); err != nil {
			t.Fatal(err)
		}
	}
	// The second waits behind the first; its job vanishes.
	_, err = db.Pool.Exec(t.Context(), `with lost as (delete from river.river_job where kind = 'tenant_delete' and args ->> 'tenant' = 'lostjob' returning 1)
		update cutroom.tenant set deleting_until = now() where id = 'lostjob'`)
	if err != nil {
		t.Fatal(err)
	}
	if err := <-working.ended; err == nil {
		t.Error("the worker was not told to stop")
	}
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for deadline := time.After(60 * time.Second); ; {
		var left int
		err := db.Pool.QueryRow(t.Context(), `select (select count(*) from river.river_job where args ->> 'tenant' in ('gonejob', 'lostjob'))
			+ (select count(*) from cutroom.tenant where id in ('gonejob', 'lostjob')) + (select count(*) from pg_namespace where nspname in ('t_gonejob', 't_lostjob'))`).Scan(&left)
		if err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return
		}
		select {
		case <-look.C:
		case <-deadline:
			t.Fatalf("%d things are left", left)
		}
	}
}

type waitArgs struct {
	Tenant tenant.ID `json:"tenant"`
}

// Kind names the job.
func (waitArgs) Kind() string { return "wait" }

// waits works until it is told to stop.
type waits struct {
	river.WorkerDefaults[waitArgs]
	begun chan struct{}
	ended chan error
}

// Work waits.
func (w *waits) Work(ctx context.Context, _ *river.Job[waitArgs]) error {
	close(w.begun)
	<-ctx.Done()
	w.ended <- ctx.Err()
	return ctx.Err()
}
