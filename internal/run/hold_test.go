package run

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/lease"
)

func TestClaimIsForTheRunsOwnJobAlone(t *testing.T) {
	b := setup(t)
	r := b.submit(b.ben)
	args := PublishArgs{Tenant: dbtest.Tenant, Event: b.event, Run: r.ID}
	if _, err := b.Claim(t.Context(), args, b.job(r.ID)+1, "n1"); !errors.Is(err, ErrStale) {
		t.Fatal(err)
	}
	b.claim(r, "n1")
	if _, err := b.Claim(t.Context(), args, b.job(r.ID), "n2"); !errors.Is(err, ErrStale) {
		t.Fatal(err)
	}
	if got := b.reload(r.ID); got.State != Running || got.Node != "n1" || got.StartedAt == nil {
		t.Fatalf("%+v", got)
	}
}

func TestProgressIsWrittenByHeartbeats(t *testing.T) {
	b := setup(t)
	r := b.submit(b.ben)
	h := b.claim(r, "n1")
	h.Step("cut")
	h.Note("Cutting the picture.")
	h.Progress(0.5, 30)
	h.Progress(0.4, 30)
	if err := h.beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := b.reload(r.ID)
	if got.Progress != 0.375 || got.Steps[0].State != "running" || got.Steps[0].Progress != 0.5 || got.Steps[0].Message != "Cutting the picture." || *got.Speed != 30 {
		t.Fatalf("%+v", got)
	}
	h.Step("timeline")
	if err := h.beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got = b.reload(r.ID); got.Progress != 0.75 || got.Steps[0].State != "done" || got.Steps[0].EndedAt == nil || got.Steps[1].State != "running" {
		t.Fatalf("%+v", got)
	}
}

func TestDoPublishesInTheTransactionThatEnds(t *testing.T) {
	b := setup(t)
	r := b.submit(b.ben)
	h := b.claim(r, "n1")
	err := h.Do(t.Context(), nil, func(_ context.Context, h *Held) (Result, error) {
		h.Step("publish")
		return Result{Swap: func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "update event set published_rev = 0, published_at = now() where id = $1", b.event)
			return err
		}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got := b.reload(r.ID)
	if got.State != Done || got.Progress != 1 || got.EndedAt == nil || got.Error != "" {
		t.Fatalf("%+v", got)
	}
	for _, st := range got.Steps {
		if st.State != "done" || st.Progress != 1 {
			t.Fatalf("%+v", st)
		}
	}
	if state := b.riverState(b.job(r.ID)); state != "completed" {
		t.Fatalf("River job is %s", state)
	}
}

func TestFailureKeepsItsWordsForPeople(t *testing.T) {
	for want, err := range map[string]error{
		"The disk is full.":    fault.New(fault.Unavailable, "disk-full", "The disk is full."),
		"Something went wrong": errors.New("pq: secret of the house"),
	} {
		t.Run(want, func(t *testing.T) {
			b := setup(t)
			r, next := b.submit(b.ben), b.submit(b.ada)
			if err := b.claim(r, "n1").Do(t.Context(), nil, func(context.Context, *Held) (Result, error) { return Result{}, err }); err != nil {
				t.Fatal(err)
			}
			got := b.reload(r.ID)
			if got.State != Failed || !strings.HasPrefix(got.Error, want) || strings.Contains(got.Error, "secret") {
				t.Fatalf("%+v", got)
			}
			if got := b.states(next); got[0] != Dispatched {
				t.Fatalf("the next one is %v", got)
			}
		})
	}
}

func TestAResultThatIsRefusedFailsTheRun(t *testing.T) {
	b := setup(t)
	r := b.submit(b.ben)
	err := b.claim(r, "n1").Do(t.Context(), nil, func(context.Context, *Held) (Result, error) {
		return Result{Swap: func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "update event set duration = -1 where id = $1", b.event)
			return err
		}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := b.reload(r.ID); got.State != Failed || !strings.HasPrefix(got.Error, "Something went wrong") {
		t.Fatalf("%+v", got)
	}
}

func TestADatabaseThatWasAwayIsTriedAgain(t *testing.T) {
	b := setup(t)
	r := b.submit(b.ben)
	for n := 1; n <= Attempts; n++ {
		err := b.claim(b.reload(r.ID), "n1").Do(t.Context(), nil, func(context.Context, *Held) (Result, error) {
			return Result{}, fault.New(fault.Unavailable, "error.database", "The database cannot be reached.")
		})
		if err != nil {
			t.Fatal(err)
		}
		want := Dispatched
		if n == Attempts {
			want = Failed
		}
		if got := b.reload(r.ID); got.State != want {
			t.Fatalf("attempt %d: %+v", n, got)
		}
	}
}

func TestCancelStopsTheWorker(t *testing.T) {
	b := setup(t)
	b.Lease = 3 * time.Second
	r := b.submit(b.ben)
	h := b.claim(r, "n1")
	begun, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- h.Do(t.Context(), nil, func(ctx context.Context, _ *Held) (Result, error) {
			close(begun)
			<-ctx.Done()
			return Result{}, ctx.Err()
		})
	}()
	<-begun
	if _, err := b.Cancel(t.Context(), b.vera, r.ID); fault.KindOf(err) != fault.Forbidden {
		t.Fatal(err)
	}
	asked, err := b.Cancel(t.Context(), b.ada, r.ID)
	if err != nil || !asked.CancelRequested {
		t.Fatalf("%+v %v", asked, err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if got := b.states(r); got[0] != Cancelled {
		t.Fatal(got)
	}
	_, err = b.Cancel(t.Context(), b.ben, r.ID)
	wantKind(t, err, fault.Conflict)
	again, err := b.Retry(t.Context(), b.ben, r.ID)
	if err != nil || again.ID == r.ID || again.Rev != r.Rev || again.State != Dispatched {
		t.Fatalf("%+v %v", again, err)
	}
}

func TestCancelBeforeAnyWorker(t *testing.T) {
	b := setup(t)
	first, second := b.submit(b.ben), b.submit(b.ben)
	job := b.job(first.ID)
	if _, err := b.Cancel(t.Context(), b.ben, first.ID); err != nil {
		t.Fatal(err)
	}
	if got := b.states(first, second); got[0] != Cancelled || got[1] != Dispatched {
		t.Fatal(got)
	}
	if state := b.riverState(job); state != "cancelled" {
		t.Fatalf("River job is %s", state)
	}
}

func TestAStoppingNodeGivesItsRunBack(t *testing.T) {
	b := setup(t)
	r := b.submit(b.ben)
	for n := range 4 { // more often than workers may be lost
		h := b.claim(r, "n1")
		job := b.job(r.ID)
		ctx, stop := context.WithCancel(t.Context())
		err := h.Do(ctx, nil, func(ctx context.Context, _ *Held) (Result, error) {
			stop()
			<-ctx.Done()
			return Result{}, ctx.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		got := b.reload(r.ID)
		if got.State != Dispatched || got.Attempt != n+2 || b.job(r.ID) == job || b.riverState(job) != "cancelled" {
			t.Fatalf("%+v", got)
		}
	}
}

func TestAFrozenClaimCannotFinish(t *testing.T) {
	b := setup(t)
	r := b.submit(b.ben)
	frozen := b.claim(r, "n1")
	b.expire(r.ID)
	if n, err := b.Reap(t.Context(), dbtest.Tenant); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	published := false
	swap := Result{Swap: func(context.Context, pgx.Tx) error { published = true; return nil }}
	for name, try := range map[string]func() error{
		"beat":   func() error { return frozen.beat(t.Context()) },
		"finish": func() error { return frozen.Finish(t.Context(), nil, swap) },
		"fail":   func() error { return frozen.end(t.Context(), Failed, "no") },
		"give":   func() error { return frozen.GiveBack(t.Context()) },
	} {
		if err := try(); !errors.Is(err, lease.ErrFenced) {
			t.Errorf("%s answered %v", name, err)
		}
	}
	second := b.claim(r, "n2")
	if err := frozen.Finish(t.Context(), nil, swap); !errors.Is(err, lease.ErrFenced) || published {
		t.Fatal(err, published)
	}
	if err := second.Finish(t.Context(), nil, swap); err != nil || !published {
		t.Fatal(err, published)
	}
	if got := b.reload(r.ID); got.State != Done || got.Node != "n2" || got.Attempt != 2 {
		t.Fatalf("%+v", got)
	}
}

func TestALostLeaseStopsTheWorkWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	ctx, stop := lease.Keep(t.Context(), 300*time.Millisecond, nil, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	defer stop()
	<-ctx.Done()
	if !errors.Is(context.Cause(ctx), lease.ErrLeaseLost) || time.Since(begun) < 290*time.Millisecond {
		t.Fatal(context.Cause(ctx), time.Since(begun))
	}
}

func TestAPurgedEventIsNoErrorOfTheWorker(t *testing.T) {
	b := setup(t)
	r := b.submit(b.ben)
	h := b.claim(r, "n1")
	b.exec("delete from event where id = $1", event.ID("e1"))
	if err := h.Do(t.Context(), nil, func(context.Context, *Held) (Result, error) { return Result{}, nil }); err != nil {
		t.Fatal(err)
	}
}
