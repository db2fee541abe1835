package views

import (
	"context"
	"time"
)

// TenantsPage is "/tenants", for operators.
type TenantsPage struct {
	Page Page
	Rows []TenantRow
}

// TenantRow is one tenant in the list.
type TenantRow struct {
	ID, Name   string
	Host       string
	Modules    int
	Recordings int
	Install    string // the running install's id; empty: none
}

// TenantPage is "/tenants/{id}". Its forms: POST /tenants/{id}/install with module, stopAtFailure=yes, purge=yes and
// do=preview|install (preview: the page with Preview filled; install: 303 to it); POST /installs/{id}/abort.
type TenantPage struct {
	Page    Page
	Tenant  TenantRow
	Running *InstallJob // nil: nothing is being installed
	Modules []TenantModule
	Offers  []Option // modules that can be chosen
	Chosen  string
	Stop    bool     // "Stop at the first failure"
	Purge   bool     // "Clear its old data first"
	Preview []string // "Enable opencast-events 2.1.0"; nil: not asked
	Error   string   // why the choice was refused, one sentence
	History []InstallJob
}

// TenantModule is one module that a tenant has.
type TenantModule struct {
	Name, Version string
	Newer         string // the version that could be installed; empty: up to date
	State         string // enabled, waits (in the running job), installing
}

// InstallPage is "/installs/{id}": one job with its errors in full.
type InstallPage struct {
	Page   Page
	Tenant TenantRow
	Job    InstallJob
}

// InstallJob is one install or upgrade; GET /installs/{id}/progress gives InstallJobCard alone.
type InstallJob struct {
	ID       string
	Upgrade  bool
	State    string // queued, running, done, error, aborted
	By       string
	Node     string
	Started  time.Time
	Ended    time.Time
	Modules  []InstallStep
	Aborting bool
	MayAbort bool
}

// InstallStep is one module of an install.
type InstallStep struct {
	Module   string // "cutroom-core 1.4.0"
	From     string // the version before; empty: new
	Action   string // enable, disable, uptodate
	State    string // waiting, running, done, error
	Note     string // what it does now or needs
	Progress float64
	Took     time.Duration
	Errors   []string // whole
	Warnings []string
}

func (j InstallJob) live() bool { return j.State == "running" || j.State == "queued" }

func (j InstallJob) title(ctx context.Context) string {
	id := "install.title"
	if j.Upgrade {
		id = "install.upgrade"
	}
	return T(ctx, id, "PluralCount", len(j.Modules))
}

func (j InstallJob) tag(ctx context.Context) Tag {
	switch j.State {
	case "running":
		return Tag{"running", T(ctx, "install.runningFor", "Time", Clock(time.Since(j.Started).Milliseconds()))}
	case "done":
		return Tag{"done", T(ctx, "run.done")}
	case "error":
		return Tag{"failed", T(ctx, "run.failed")}
	case "aborted":
		return Tag{"waits", T(ctx, "run.cancelled")}
	}
	return Tag{"waits", T(ctx, "run.waiting")}
}

func (s InstallStep) step(ctx context.Context) Step {
	note := s.Note
	if s.From != "" {
		note = join(T(ctx, "install.from", "Version", s.From), note)
	}
	state := s.State
	if state == "error" {
		state = "failed"
	}
	return Step{Name: s.Module, State: state, Progress: s.Progress, Took: s.Took, Message: note}
}

func (m TenantModule) tag(ctx context.Context) Tag {
	switch {
	case m.State == "installing":
		return Tag{"running", T(ctx, "tenants.installing")}
	case m.State == "waits":
		return Tag{"waits", T(ctx, "tenants.waits")}
	case m.Newer != "":
		return Tag{"changed", T(ctx, "tenants.newer", "Version", m.Newer)}
	}
	return Tag{"done", T(ctx, "tenants.enabled")}
}

func (p TenantPage) about(ctx context.Context) string {
	return join(join(p.Tenant.ID, p.Tenant.Host), join(T(ctx, "tenants.modules", "PluralCount", p.Tenant.Modules), T(ctx, "series.count", "PluralCount", p.Tenant.Recordings)))
}

func (p TenantPage) layout() Page {
	page := p.Page.with(p.Tenant.Name, "tenants")
	page.Scripts = append(page.Scripts, "js/progress.js")
	return page
}

func (p InstallPage) layout(ctx context.Context) Page {
	page := p.Page.with(p.Job.title(ctx)+" · "+p.Tenant.Name, "tenants")
	page.Scripts = append(page.Scripts, "js/progress.js")
	if p.Job.live() {
		page.Refresh = 3
	}
	return page
}
