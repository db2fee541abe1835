package install

import (
	"time"

	"cutroom/internal/module"
	"cutroom/internal/tenant"
)

// ID names an install: a UUID.
type ID string

// Kind is what was asked for.
type Kind string

// The kinds.
const (
	Install Kind = "install"
	Upgrade Kind = "upgrade"
)

// State of an install. The last three are ends.
type State string

// The states.
const (
	Queued     State = "queued"     // another install of the tenant is before it
	Dispatched State = "dispatched" // has its River job
	Running    State = "running"    // held by a node
	Done       State = "done"
	Failed     State = "error"
	Aborted    State = "aborted"
)

// Options are those of Okapi's install call, with its names and defaults.
type Options struct {
	Simulate         bool   `json:"simulate,omitempty"`
	Async            bool   `json:"async,omitempty"`
	Deploy           bool   `json:"deploy,omitempty"`
	Purge            bool   `json:"purge,omitempty"`
	Reinstall        bool   `json:"reinstall,omitempty"`
	IgnoreErrors     bool   `json:"ignoreErrors,omitempty"`
	DepCheck         bool   `json:"depCheck"`
	Invoke           string `json:"invoke"` // true, false, or a regular expression on module ids
	Parallel         int    `json:"parallel"`
	TenantParameters string `json:"tenantParameters,omitempty"` // k=v,k2=v2
	PreRelease       string `json:"preRelease"`                 // true, false, only
	NpmSnapshot      string `json:"npmSnapshot"`                // true, false, only
}

// Defaults are the options of a call that names none.
func Defaults() Options {
	return Options{DepCheck: true, Invoke: "true", Parallel: 1, PreRelease: "true", NpmSnapshot: "true"}
}

// Job is one install or upgrade of a tenant's modules.
type Job struct {
	ID          ID
	Tenant      tenant.ID
	Kind        Kind
	State       State
	Options     Options
	StartedBy   string // user name
	StartedName string
	Node        string // that works on it now, or did last
	Attempt     int    // how often a node took it
	Aborting    bool   // asked to abort, and not ended yet
	Started     time.Time
	Ended       *time.Time
	Modules     []Step // in the order of work
}

// Complete says whether nothing of it runs any more.
func (j Job) Complete() bool { return j.State == Done || j.State == Failed || j.State == Aborted }

// Step is one module of a job.
type Step struct {
	module.TenantModule // with Stage, and Message when it failed

	Status   string // running, done, error; "" before it begins
	Errors   []Problem
	Warnings []Problem
	Started  *time.Time
	Ended    *time.Time
}

// Problem is an error or warning in FOLIO's form.
type Problem struct {
	Message    string      `json:"message"`
	Type       string      `json:"type,omitempty"`
	Code       string      `json:"code,omitempty"`
	Parameters []Parameter `json:"parameters,omitempty"`
}

// Parameter is a key with its value, as FOLIO's errors and tenant calls have them.
type Parameter struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}
