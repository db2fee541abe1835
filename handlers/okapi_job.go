package handlers

import (
	"slices"
	"strings"
	"time"

	"cutroom/internal/install"
	"cutroom/internal/module"
	"cutroom/internal/user"
)

// okapiJobBody is Okapi's InstallJob. Its schema forbids other keys, so those of full stand apart.
type okapiJobBody struct {
	ID        install.ID `json:"id"`
	Complete  bool       `json:"complete"`
	StartDate string     `json:"startDate"`
	EndDate   string     `json:"endDate,omitempty"`
	Modules   []any      `json:"modules"` // TenantModule, or okapiStep
}

// okapiFullJob is what full=true gives.
type okapiFullJob struct {
	okapiJobBody
	Status    string            `json:"status"` // queued, running, done, error, aborted
	Errors    []install.Problem `json:"errors"`
	Warnings  []install.Problem `json:"warnings"`
	Kind      install.Kind      `json:"kind"`
	Tenant    string            `json:"tenant"`
	StartedBy string            `json:"startedBy"`
}

// okapiStep is one module of it.
type okapiStep struct {
	module.TenantModule
	Status    string            `json:"status,omitempty"`
	Errors    []install.Problem `json:"errors"`
	Warnings  []install.Problem `json:"warnings"`
	StartDate string            `json:"startDate,omitempty"`
	EndDate   string            `json:"endDate,omitempty"`
}

// okapiJobOf shows a job as Okapi does, or with all that is known of it.
func okapiJobOf(j install.Job, full bool) any {
	body := okapiJobBody{ID: j.ID, Complete: j.Complete(), StartDate: okapiTime(&j.Started), EndDate: okapiTime(j.Ended), Modules: []any{}}
	if !full {
		for _, step := range j.Modules {
			body.Modules = append(body.Modules, step.TenantModule)
		}
		return body
	}
	all := okapiFullJob{Status: okapiState(j.State), Errors: []install.Problem{}, Warnings: []install.Problem{}, Kind: j.Kind, Tenant: string(j.Tenant), StartedBy: strings.TrimPrefix(j.StartedBy, user.OperatorPrefix)}
	for _, step := range j.Modules {
		body.Modules = append(body.Modules, okapiStep{step.TenantModule, step.Status, problems(step.Errors), problems(step.Warnings), okapiTime(step.Started), okapiTime(step.Ended)})
		all.Errors = append(all.Errors, ofModule(step.ID, step.Errors)...)
		all.Warnings = append(all.Warnings, ofModule(step.ID, step.Warnings)...)
	}
	all.okapiJobBody = body
	return all
}

func okapiState(s install.State) string {
	if s == install.Dispatched {
		return string(install.Queued) // no node has begun
	}
	return string(s)
}

func okapiTime(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// problems is a list that is never null.
func problems(all []install.Problem) []install.Problem {
	if all == nil {
		return []install.Problem{}
	}
	return all
}

// ofModule adds the module to each problem.
func ofModule(id string, all []install.Problem) []install.Problem {
	named := make([]install.Problem, 0, len(all))
	for _, p := range all {
		p.Parameters = append(slices.Clone(p.Parameters), install.Parameter{Key: "module", Value: id})
		named = append(named, p)
	}
	return named
}

// resolved is the list of modules that an install comes to. Stages are a job's own.
func resolved(j install.Job) []module.TenantModule {
	list := make([]module.TenantModule, 0, len(j.Modules))
	for _, step := range j.Modules {
		m := step.TenantModule
		m.Stage = ""
		list = append(list, m)
	}
	return list
}
