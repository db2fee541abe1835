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

// Failure is what a caller who waited for the job is told instead of its modules: the message of the module that ended it. ""
// where it went well, or as well as ignoreErrors asks for.
func (j Job) Failure() string {
	if j.State == Aborted {
		return aborted
	}
	if j.State != Failed {
		return ""
	}
	first := Step{}
	for _, m := range j.Modules {
		if m.Message == "" || j.Options.IgnoreErrors && m.Stage != stageDeploy {
			continue
		}
		if first.Message == "" || first.Ended != nil && m.Ended != nil && m.Ended.Before(*first.Ended) {
			first = m
		}
	}
	return first.Message
}

// Step is one module of a job.
type Step struct {
	module.TenantModule // with Stage, and Message when it failed

	Status   string // running, done, error; "" before it begins
	Errors   []Problem
	Warnings []Problem
	Started  *time.Time
	Ended    *time.Time
}

// The stages of Okapi.
const (
	stagePending = "pending"
	stageDeploy  = "deploy"
	stageInvoke  = "invoke"
	stageDone    = "done"
)

// The statuses of a step.
const (
	stepRunning = "running"
	stepDone    = "done"
	stepError   = "error"
)

// aborted is the message of modules that an abort left out.
const aborted = "aborted"

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
