package run

import (
	"strings"
	"sync"
	"testing"

	"cutroom/internal/dbtest"
)

func TestReapGoesOnElsewhereAndFailsInTheEnd(t *testing.T) {
	b := setup(t)
	r, next := b.submit(b.ben), b.submit(b.ben)
	for n := 1; n <= Attempts; n++ {
		b.claim(r, "n1")
		job := b.job(r.ID)
		if n, err := b.Reap(t.Context(), dbtest.Tenant); n != 0 || err != nil {
			t.Fatalf("a good lease was reaped: %d %v", n, err)
		}
		b.expire(r.ID)
		if n, err := b.Reap(t.Context(), dbtest.Tenant); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		got := b.reload(r.ID)
		if state := b.riverState(job); state != "cancelled" {
			t.Fatalf("the old River job is %s", state)
		}
		if n < Attempts && (got.State != Dispatched || got.Attempt != n+1 || b.job(r.ID) == job || got.Progress != 0) {
			t.Fatalf("%+v", got)
		}
		if n == Attempts && (got.State != Failed || !strings.Contains(got.Error, "Worker n1 was lost")) {
			t.Fatalf("%+v", got)
		}
	}
	if got := b.states(next); got[0] != Dispatched {
		t.Fatalf("the next one is %v", got)
	}
}

func TestReapOffersAgainWhatNobodyTook(t *testing.T) {
	b := setup(t)
	r := b.submit(b.ben)
	job := b.job(r.ID)
	if n, err := b.Reap(t.Context(), dbtest.Tenant); n != 0 || err != nil {
		t.Fatalf("a waiting job was reaped: %d %v", n, err)
	}
	for _, sql := range []string{
		"update river.river_job set state = 'running', attempted_at = now() - interval '1 minute' where id = $1",
		"update river.river_job set state = 'discarded', finalized_at = now() where id = $1",
		"delete from river.river_job where id = $1",
	} {
		if _, err := b.DB.Pool.Exec(t.Context(), sql, job); err != nil {
			t.Fatal(err)
		}
		if n, err := b.Reap(t.Context(), dbtest.Tenant); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if now := b.job(r.ID); now == job || b.riverState(now) != "available" {
			t.Fatalf("job %d after %d", now, job)
		}
		job = b.job(r.ID)
	}
	if got := b.reload(r.ID); got.State != Dispatched || got.Attempt-got.GivenBack != 1 {
		t.Fatalf("%+v", got)
	}
}

func TestReapEndsWhatWasCancelled(t *testing.T) {
	b := setup(t)
	r := b.submit(b.ben)
	b.claim(r, "n1")
	if _, err := b.Cancel(t.Context(), b.ben, r.ID); err != nil {
		t.Fatal(err)
	}
	b.expire(r.ID)
	if _, err := b.Reap(t.Context(), dbtest.Tenant); err != nil {
		t.Fatal(err)
	}
	if got := b.states(r); got[0] != Cancelled {
		t.Fatal(got)
	}
}

func TestManyReapersMoveARunOnce(t *testing.T) {
	b := setup(t)
	r := b.submit(b.ben)
	b.claim(r, "n1")
	b.expire(r.ID)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := b.Reap(t.Context(), dbtest.Tenant); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := b.reload(r.ID); got.Attempt != 2 || got.State != Dispatched {
		t.Fatalf("%+v", got)
	}
}

func TestListPagesAndRights(t *testing.T) {
	b := setup(t)
	for range 5 {
		b.submit(b.ben)
	}
	var seen []int64
	f := Filter{Event: b.event, Limit: 2}
	for {
		runs, next, err := b.List(t.Context(), b.ben, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range runs {
			seen = append(seen, r.Seq)
		}
		if f.Cursor = next; next == "" {
			break
		}
	}
	if len(seen) != 5 || seen[0] != 5 || seen[4] != 1 {
		t.Fatal(seen)
	}
	if runs, _, err := b.List(t.Context(), b.vera, Filter{}); err != nil || len(runs) != 0 {
		t.Fatal(runs, err)
	}
	if runs, _, err := b.List(t.Context(), b.ada, Filter{States: []State{Queued}}); err != nil || len(runs) != 4 {
		t.Fatal(len(runs), err)
	}
	if n, err := b.CancelAll(t.Context(), b.ada, Filter{}); err != nil || n != 5 {
		t.Fatal(n, err)
	}
	if n, err := b.RetryAll(t.Context(), b.ada, Filter{States: []State{Cancelled}}); err != nil || n != 1 {
		t.Fatal(n, err)
	}
}
