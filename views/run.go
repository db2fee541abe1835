package views

import (
	"context"
	"time"
)

// RunPage is "/runs/{id}": one publishing of a recording, live.
type RunPage struct {
	Page       Page
	EventID    string
	EventTitle string
	Nth        int // the how-manieth publishing of the recording; 0: not told
	Run        RunProgress
}

// RunProgress is what changes while a run works; GET /runs/{id}/progress gives it alone.
type RunProgress struct {
	ID          string
	EventID     string
	State       string  // queued, dispatched, running, done, failed, cancelled, superseded
	Progress    float64 // 0 to 1
	Left        int64   // milliseconds until it is done; 0: not steady yet
	Speed       float64 // times the speed of the lecture; 0: unknown
	Node        string
	Strip       Strip // the source and what of it goes out
	Steps       []Step
	Position    int       // place in line, 1 is next; 0: does not wait
	WaitsBy     string    // whose run it waits for
	WaitsAt     time.Time // when that was started
	Attempt     int
	Attempts    int    // so many are made at most; 0: 3
	LostNode    string // the worker before, which was lost
	LostAt      time.Time
	Log         []LogLine // the last lines, oldest first
	LogMore     bool      // there are earlier lines: ?log=all shows them
	Error       string    // failed: why, one sentence
	By          string
	QueuedAt    time.Time
	StartedAt   time.Time
	EndedAt     time.Time
	Rev         int64
	Next        string // whose run waits after this one; empty: nothing waits
	Cancelling  bool   // asked to stop, not stopped yet
	MayCancel   bool
	MayRetry    bool
	MayWatch    bool
	Unencodable bool // the file needs full encoding: slow, and said so
}

// Step is one step of a run.
type Step struct {
	Name     string // prepare, inspect, cut, joins, text, swap, or as it came
	State    string // waiting, running, done, skipped, failed
	Progress float64
	Took     time.Duration
	Message  string // already a sentence or a few words
}

// LogLine is a line of a run's log.
type LogLine struct {
	At   time.Time
	Text string
}

// live says that the page has to look again.
func (r RunProgress) live() bool {
	return r.State == "queued" || r.State == "dispatched" || r.State == "running"
}

// tag tells the state of a run.
func (r RunProgress) tag(ctx context.Context) Tag { return runTag(ctx, r.State) }

func runTag(ctx context.Context, state string) Tag {
	switch state {
	case "running":
		return Tag{"running", T(ctx, "run.running")}
	case "done":
		return Tag{"done", T(ctx, "run.done")}
	case "failed":
		return Tag{"failed", T(ctx, "run.failed")}
	case "cancelled":
		return Tag{"waits", T(ctx, "run.cancelled")}
	case "superseded":
		return Tag{"waits", T(ctx, "run.superseded")}
	}
	return Tag{"waits", T(ctx, "run.waiting")}
}

// made is how much of the result is ready, in milliseconds, by the share of the whole.
func (r RunProgress) made() int64 {
	if r.State == "done" {
		return r.Strip.Stays()
	}
	return int64(r.Progress * float64(r.Strip.Stays()))
}
