package run

import (
	"testing"
	"time"
)

func TestTimeLeftIsToldOnceItIsSteady(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		since    time.Duration
		progress float64
		want     int64 // ms; -1: nothing
	}{
		{time.Second, 0.5, -1}, {time.Minute, 0.01, -1}, {10 * time.Second, 0.5, 10_000}, {9 * time.Second, 0.75, 3000}, {time.Minute, 1, 0},
	} {
		got := timeLeft(c.since, c.progress)
		if (got == nil) != (c.want < 0) || got != nil && *got != c.want {
			t.Errorf("%v at %v: %v", c.since, c.progress, got)
		}
	}
}

func TestReportsNeverGoBackAndAreNotLost(t *testing.T) {
	t.Parallel()
	h := &Held{poke: make(chan struct{}, 1)}
	h.report.begin([]Step{{Name: "cut", State: "waiting"}, {Name: "timeline", State: "waiting"}})
	h.Step("cut")
	h.Progress(0.8, 3)
	h.Note("half")
	first := h.report.take()
	if first.progress != 0.8*weights["cut"] || len(first.steps) != 1 || len(first.lines) != 1 || !first.changed {
		t.Fatalf("%+v", first)
	}
	if again := h.report.take(); again.changed || len(again.steps) != 0 || len(again.lines) != 0 {
		t.Fatalf("told twice: %+v", again)
	}
	h.report.putBack(first)
	h.Progress(0.1, 0)
	h.Note("more")
	next := h.report.take()
	if next.progress != first.progress || len(next.steps) != 1 || next.steps[0].Progress != 0.8 || len(next.lines) != 2 || next.lines[0] != "half" {
		t.Fatalf("%+v", next)
	}
}
