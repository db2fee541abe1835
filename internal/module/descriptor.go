package module

import "encoding/json"

// Descriptor is an Okapi ModuleDescriptor, as far as Cutroom reads it. The whole of it is kept as it came.
type Descriptor struct {
	ID       string      `json:"id"`
	Name     string      `json:"name,omitempty"`
	Requires []Reference `json:"requires,omitempty"`
	Optional []Reference `json:"optional,omitempty"`
	Provides []Interface `json:"provides,omitempty"`
	Replaces []string    `json:"replaces,omitempty"` // products that this one takes the place of

	Raw json.RawMessage `json:"-"` // the descriptor as it was given
}

// Reference names an interface that is needed: the version may name several, with blanks between them ("1.2 2.0").
type Reference struct {
	ID      string   `json:"id"`
	Version string   `json:"version"`
	Scope   []string `json:"scope,omitempty"` // names that a list of modules may be narrowed by; nothing else
}

// Interface is one that a module provides.
type Interface struct {
	ID       string    `json:"id"`
	Version  string    `json:"version"`
	Scope    []string  `json:"scope,omitempty"`
	Type     string    `json:"interfaceType,omitempty"` // absent or "proxy": takes part in dependencies; system, multiple: does not
	Handlers []Handler `json:"handlers,omitempty"`
}

// Handler is one route of an interface.
type Handler struct {
	Methods     []string `json:"methods,omitempty"`
	PathPattern string   `json:"pathPattern,omitempty"`
	Path        string   `json:"path,omitempty"`
}

// Action is what an install does, or would do, with a module.
type Action string

// The actions of Okapi's TenantModuleDescriptor.
const (
	Enable   Action = "enable"
	Disable  Action = "disable"
	UpToDate Action = "uptodate"
	Suggest  Action = "suggest"
	Conflict Action = "conflict"
)

// TenantModule is Okapi's TenantModuleDescriptor: what a call asks for, and what it comes to.
type TenantModule struct {
	ID      string `json:"id"`
	From    string `json:"from,omitempty"` // the version before: upgrade, reinstall
	Action  Action `json:"action,omitempty"`
	Message string `json:"message,omitempty"` // why it failed
	Stage   string `json:"stage,omitempty"`   // in a job: pending, deploy, invoke, undeploy, done
}
