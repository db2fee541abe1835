package run

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"cutroom/internal/fault"
	"cutroom/internal/lease"
)

func TestSubmitDispatchesWithItsRiverJob(t *testing.T) {
	b := setup(t)
	r := b.submit(b.ben)
	if r.State != Dispatched || r.Seq != 1 || r.Attempt != 1 || r.Position != 0 || r.WaitsFor != nil || r.RequestedName != "Ben Example" {
		t.Fatalf("%+v", r)
	}
	var names []string
	for _, st := range r.Steps {
		names = append(names, st.Name+" "+st.State)
	}
	if want := []string{"cut waiting", "timeline waiting", "thumbnail waiting", "publish waiting"}; !slices.Equal(names, want) {
		t.Fatalf("steps are %v", names)
	}
	if state := b.riverState(b.job(r.ID)); state != "available" {
		t.Fatalf("River job is %s", state)
	}
	if !b.bus.saw("runs:e1") || !b.bus.saw("run:"+string(r.ID)) {
		t.Fatalf("told %v", b.bus.topics)
	}
}

func TestSubmitRefuses(t *testing.T) {
	b := setup(t)
	ctx := t.Context()
	rev := func(n int64) *int64 { return &n }
	_, err := b.Submit(ctx, b.vera, b.event, Workflow, nil)
	wantKind(t, err, fault.Forbidden)
	_, err = b.Submit(ctx, b.nobody, b.event, Workflow, nil)
	wantKind(t, err, fault.NotFound)
	_, err = b.Submit(ctx, b.ben, "no-such-event", Workflow, nil)
	wantKind(t, err, fault.NotFound)
	_, err = b.Submit(ctx, b.ben, b.event, "no-such-workflow", nil)
	wantKind(t, err, fault.Invalid)
	for _, n := range []int64{-1, 10} {
		_, err = b.Submit(ctx, b.ben, b.event, Workflow, rev(n))
		if f := wantKind(t, err, fault.Invalid); f.Fields[0].Path != "/rev" {
			t.Fatalf("field %v", f.Fields)
		}
	}
	_, err = b.Submit(ctx, b.ben, b.event, Workflow, nil) // rev 9 keeps nothing
	if f := wantKind(t, err, fault.Invalid); f.Text != "At least one part has to stay." {
		t.Fatal(f.Text)
	}
	b.exec("update event set state = 'processing'")
	_, err = b.Submit(ctx, b.ben, b.event, Workflow, rev(0))
	wantKind(t, err, fault.Conflict)
	b.exec("update event set state = 'empty'")
	b.exec("delete from asset")
	_, err = b.Submit(ctx, b.ben, b.event, Workflow, rev(0))
	wantKind(t, err, fault.Conflict)
	b.exec("update event set deleted_at = now(), deleted_by = 'ben'")
	_, err = b.Submit(ctx, b.ben, b.event, Workflow, rev(0))
	wantKind(t, err, fault.NotFound)
	runs, _, err := b.List(ctx, b.ada, Filter{})
	if err != nil || len(runs) != 0 {
		t.Fatalf("%d runs were made, %v", len(runs), err)
	}
}

func TestQueueWaitsInOrder(t *testing.T) {
	b := setup(t)
	first, second, third := b.submit(b.ben), b.submit(b.ada), b.submit(b.ben)
	if second.State != Queued || second.Position != 1 || second.WaitsFor == nil || *second.WaitsFor != first.ID {
		t.Fatalf("%+v", second)
	}
	if third.Position != 2 || *third.WaitsFor != second.ID {
		t.Fatalf("%+v", third)
	}
	for _, r := range []Run{first, second, third} {
		if got := b.reload(r.ID); got.State != Dispatched {
			t.Fatalf("run %d is %s", got.Seq, got.State)
		}
		if err := b.claim(r, "n1").Finish(t.Context(), nil, Result{}); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.states(first, second, third); !slices.Equal(got, []State{Done, Done, Done}) {
		t.Fatal(got)
	}
}

func TestRejectNamesWhoAndWhat(t *testing.T) {
	b := setup(t)
	b.policy("reject")
	first := b.submit(b.ben)
	h := b.claim(first, "n1")
	h.Step("cut")
	h.Progress(0.56, 12)
	if err := h.beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := b.Submit(t.Context(), b.ada, b.event, Workflow, &rev0)
	f := wantKind(t, err, fault.Conflict)
	if f.Text != "Ben Example is publishing this already (42 %)." {
		t.Fatal(f.Text)
	}
	if current, ok := f.Current.(Run); !ok || current.ID != first.ID {
		t.Fatalf("current is %v", f.Current)
	}
	if err := h.Finish(t.Context(), nil, Result{}); err != nil {
		t.Fatal(err)
	}
	b.submit(b.ada)
}

func TestSupersedeReplacesTheWaiting(t *testing.T) {
	b := setup(t)
	b.policy("supersede")
	first := b.submit(b.ben)
	b.claim(first, "n1")
	second, third := b.submit(b.ada), b.submit(b.ben)
	if got := b.states(first, second, third); !slices.Equal(got, []State{Running, Superseded, Queued}) {
		t.Fatal(got)
	}
}

func TestReplaceCancelsTheRunning(t *testing.T) {
	b := setup(t)
	b.policy("replace")
	zero := b.submit(b.ben)
	first := b.submit(b.ben) // nobody had claimed zero: gone at once
	if got := b.states(zero, first); !slices.Equal(got, []State{Cancelled, Dispatched}) {
		t.Fatal(got)
	}
	h := b.claim(first, "n1")
	second := b.submit(b.ada)
	if err := h.beat(t.Context()); !errors.Is(err, lease.ErrCancelled) {
		t.Fatalf("the heartbeat answered %v", err)
	}
	if err := h.Finish(t.Context(), nil, Result{}); err != nil {
		t.Fatal(err)
	}
	if got := b.states(first, second); !slices.Equal(got, []State{Cancelled, Dispatched}) {
		t.Fatal(got)
	}
	lines, err := b.Log(t.Context(), b.ben, first.ID, 10)
	if err != nil || !strings.Contains(lines[len(lines)-2].Text, "Ada Example published a newer version") {
		t.Fatalf("%v %v", lines, err)
	}
}

func TestPausedStartsNothing(t *testing.T) {
	b := setup(t)
	if err := b.Pause(t.Context(), b.ben, true); fault.KindOf(err) != fault.Forbidden {
		t.Fatal(err)
	}
	if err := b.Pause(t.Context(), b.ada, true); err != nil {
		t.Fatal(err)
	}
	r := b.submit(b.ben)
	if r.State != Queued || r.WaitsFor != nil {
		t.Fatalf("%+v", r)
	}
	if c, err := b.Counts(t.Context(), b.ben); err != nil || !c.Paused || c.By[Queued] != 1 || c.OldestWait == nil {
		t.Fatalf("%+v %v", c, err)
	}
	if err := b.Pause(t.Context(), b.ada, false); err != nil {
		t.Fatal(err)
	}
	if got := b.states(r); got[0] != Dispatched {
		t.Fatal(got)
	}
}
