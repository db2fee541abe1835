package run

import (
	"time"

	"cutroom/internal/event"
)

// ID names a run.
type ID string

// State of a run.
type State string

// queued, dispatched, running, then one of the final ones.
const (
	Queued     State = "queued"
	Dispatched State = "dispatched"
	Running    State = "running"
	Done       State = "done"
	Failed     State = "failed"
	Cancelled  State = "cancelled"
	Superseded State = "superseded"
)

// Final says whether nothing more will happen.
func (s State) Final() bool {
	return s == Done || s == Failed || s == Cancelled || s == Superseded
}

// Run is one processing of an event.
type Run struct {
	ID              ID
	Event           event.ID
	EventTitle      string
	Seq             int64
	Workflow        string
	Rev             int64
	State           State
	Fence           int64
	Attempt         int
	GivenBack       int    // attempts that a node gave back because it stopped: they count for nothing
	Node            string // where it runs, or ran last
	LostNode        string // the worker that was lost last; "": none was
	LostAt          *time.Time
	Position        int // 0: active or final; n: n-th in the event's queue
	WaitsFor        *ID // the run before it
	Steps           []Step
	Progress        float64 // 0 to 1
	EtaMs           *int64
	Speed           *float64 // x realtime
	CancelRequested bool     // it is running still, and stops at its next heartbeat
	RequestedBy     string   // user name
	RequestedName   string   // as shown
	QueuedAt        time.Time
	StartedAt       *time.Time
	EndedAt         *time.Time
	Error           string
}

// Step is one part of a run's work: waiting, running, done, skipped, failed.
type Step struct {
	Name      string
	State     string
	Progress  float64
	StartedAt *time.Time
	EndedAt   *time.Time
	Message   string
}
