package run

import (
	"math"
	"sync"
	"time"
)

// weights say how much of the whole work a step is, for the progress of the run.
var weights = map[string]float64{"cut": 0.75, "timeline": 0.15, "thumbnail": 0.05, "publish": 0.05}

// The time left is told once there is enough to go by.
const (
	steadyAfter    = 2 * time.Second
	steadyProgress = 0.05
)

// report gathers what a worker tells between two heartbeats.
type report struct {
	mu       sync.Mutex
	steps    []Step
	dirty    map[string]bool
	lines    []string
	begun    time.Time
	progress float64
	speed    *float64
	changed  bool
}

// findings is what a heartbeat takes with it.
type findings struct {
	progress float64
	etaMs    *int64
	speed    *float64
	steps    []Step
	lines    []string
	changed  bool // since the last heartbeat
}

func (r *report) begin(steps []Step) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps, r.dirty, r.begun = append([]Step(nil), steps...), map[string]bool{}, time.Now()
}

// Step ends the step before and begins the named one.
func (h *Held) Step(name string) {
	h.change(func(r *report) {
		now := time.Now()
		for i := range r.steps {
			st := &r.steps[i]
			switch {
			case st.Name == name && st.State == "waiting":
				st.State, st.StartedAt = "running", &now
				r.dirty[st.Name] = true
			case st.State == "running" && st.Name != name:
				st.State, st.Progress, st.EndedAt = "done", 1, &now
				r.dirty[st.Name] = true
			}
		}
		r.speed = nil
	})
}

// Progress tells how far the running step is (0 to 1; it never goes back), and how much faster than real time it is (0: not known).
func (h *Held) Progress(fraction, speed float64) {
	h.change(func(r *report) {
		for i := range r.steps {
			if st := &r.steps[i]; st.State == "running" && fraction > st.Progress {
				st.Progress = min(fraction, 1)
				r.dirty[st.Name] = true
			}
		}
		r.speed = nil
		if speed > 0 && !math.IsInf(speed, 0) && !math.IsNaN(speed) {
			r.speed = &speed
		}
	})
}

// Note writes a line into the run's log, in plain words, and shows it beside the running step.
func (h *Held) Note(line string) {
	h.change(func(r *report) {
		r.lines = append(r.lines, line)
		for i := range r.steps {
			if st := &r.steps[i]; st.State == "running" {
				st.Message = line
				r.dirty[st.Name] = true
			}
		}
	})
}

func (h *Held) change(fn func(*report)) {
	h.report.mu.Lock()
	fn(&h.report)
	h.report.changed = true
	h.report.mu.Unlock()
	select {
	case h.poke <- struct{}{}:
	default:
	}
}

func (r *report) take() findings {
	r.mu.Lock()
	defer r.mu.Unlock()
	whole := 0.0
	now := findings{speed: r.speed, lines: r.lines, changed: r.changed}
	for _, st := range r.steps {
		if st.State == "done" || st.State == "skipped" {
			whole += weights[st.Name]
		} else {
			whole += weights[st.Name] * st.Progress
		}
		if r.dirty[st.Name] {
			now.steps = append(now.steps, st)
		}
	}
	r.progress = max(r.progress, min(whole, 1))
	now.progress, now.etaMs = r.progress, timeLeft(time.Since(r.begun), r.progress)
	r.dirty, r.lines, r.changed = map[string]bool{}, nil, false
	return now
}

// putBack is for a heartbeat that did not get through.
func (r *report) putBack(now findings) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, st := range now.steps {
		r.dirty[st.Name] = true
	}
	r.lines = append(now.lines, r.lines...)
	r.changed = r.changed || now.changed
}

// timeLeft is what is left at the speed so far, in milliseconds; nil while that says nothing.
func timeLeft(since time.Duration, progress float64) *int64 {
	if since < steadyAfter || progress < steadyProgress {
		return nil
	}
	left := int64(float64(since.Milliseconds()) * (1 - progress) / progress)
	return &left
}
