package stubmodule

import "time"

// Plan is how a module behaves. The zero Plan does right, at once.
type Plan struct {
	// How long it takes.
	Work time.Duration // of the job when Async, else of the call
	Hold bool          // does not end before Release

	// Async begins a job (tenant interface 2.0) and answers with its Location.
	Async bool

	// What it answers.
	Status   int            // to the call; 0: 201 with Async, 200 to others
	Body     string         // of that answer, instead of the right one
	Location string         // instead of the right one; without Async it is a lie
	JobError string         // the job's error
	Messages []string       // of the job
	More     map[string]any // keys that answers have too: status, errors, warnings

	// How it fails.
	PurgeStatus  int    // answer to purges
	LookStatus   int    // answer to looks at the job
	LookBody     string // of looks, instead of the right one
	RemoveStatus int    // answer to the job's removal
	NoID         bool   // the job has no id
	Never        bool   // the job is never complete
	HangUps      int    // so many connections are cut instead of answered; counted down
	HangUpAfter  int    // so many connections are cut after the work was taken on; counted down
	RemoveHangUp int    // so many connections are cut after the job was removed; counted down
	Endless      bool   // the answer never ends
}
