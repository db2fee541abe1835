package views

import (
	"context"
	"time"
)

// InstallPage is "/installs/{id}": one job with its errors in full. Operators and the tenant's admins see it; GET
// /installs/{id}/progress gives InstallProgress alone.
type InstallPage struct {
	Page     Page
	Tenant   TenantRow
	Operates bool // may see the tenant's own page
	Job      InstallJob
}

// InstallJob is one install or upgrade.
type InstallJob struct {
	ID       string
	Upgrade  bool
	State    string // queued, dispatched, running, done, error, aborted
	By       string
	Node     string // that works on it, or did last
	LostNode string // the worker before, which was lost
	Attempt  int    // 1 is the first
	Behind   bool   // another job of the tenant is before it
	Started  time.Time
	Ended    time.Time
	Modules  []InstallStep
	Options  []string // what was chosen, a few words each; empty: nothing unusual
	Batch    string   // the upgrade of many tenants that it belongs to; empty: none
	Aborting bool
	MayAbort bool
	MayRetry bool
}

// InstallStep is one module of an install.
type InstallStep struct {
	Module   string // "cutroom-core 1.4.0"
	From     string // the version before; empty: new
	Action   string // enable, disable, uptodate
	State    string // waiting, running, done, error, aborted
	Stage    string // pending, deploy, invoke, undeploy, done
	Note     string // what it does now or needs
	Progress float64
	Took     time.Duration
	Errors   []string // whole
	Warnings []string
}

func (j InstallJob) live() bool {
	return j.State == "running" || j.State == "dispatched" || j.State == "queued"
}

func (j InstallJob) title(ctx context.Context) string {
	id := "install.title"
	if j.Upgrade {
		id = "install.upgrade"
	}
	return T(ctx, id, "PluralCount", len(j.Modules))
}

// short names a job in the history: its only module, or how many.
func (j InstallJob) short(ctx context.Context) string {
	if len(j.Modules) == 1 && !j.Upgrade && j.Modules[0].Module != "" {
		if j.Modules[0].Action == "disable" {
			return T(ctx, "install.disabled", "Module", j.Modules[0].Module)
		}
		return j.Modules[0].Module
	}
	return j.title(ctx)
}

// historyLine tells who, and how it ended if not well.
func (j InstallJob) historyLine(ctx context.Context) string {
	switch j.State {
	case "done":
		return j.By
	case "error", "aborted":
		return join(T(ctx, "install."+j.State), j.By)
	}
	return join(j.tag(ctx).Text, j.By)
}

func (j InstallJob) tag(ctx context.Context) Tag {
	switch {
	case j.State == "running" && j.Aborting:
		return Tag{"running", T(ctx, "install.aborting")}
	case j.State == "running":
		return Tag{"running", T(ctx, "install.runningFor", "Time", Clock(time.Since(j.Started).Milliseconds()))}
	case j.State == "done":
		return Tag{"done", T(ctx, "install.done")}
	case j.State == "error":
		return Tag{"failed", T(ctx, "install.error")}
	case j.State == "aborted":
		return Tag{"waits", T(ctx, "install.aborted")}
	case j.Behind:
		return Tag{"waits", T(ctx, "install.behind")}
	}
	return Tag{"waits", T(ctx, "install.queued")}
}

// done counts the modules that nothing is to be done for any more.
func (j InstallJob) done() int {
	n := 0
	for _, m := range j.Modules {
		if m.State == "done" {
			n++
		}
	}
	return n
}

// spoken is what screen readers hear when it changes.
func (j InstallJob) spoken(ctx context.Context) string {
	if j.live() {
		return T(ctx, "install.ofModules", "Done", number(j.done()), "Total", number(len(j.Modules)), "PluralCount", len(j.Modules))
	}
	return j.title(ctx) + ": " + j.tag(ctx).Text
}

func jobsSpoken(ctx context.Context, jobs []InstallJob) string {
	if len(jobs) == 0 {
		return ""
	}
	return jobs[0].spoken(ctx)
}

// about is who, when, where and how it goes on.
func (j InstallJob) about(ctx context.Context) string {
	line := T(ctx, "install.startedBy", "Name", j.By, "At", moment(ctx, j.Started))
	switch {
	case j.State == "running" && j.Node != "":
		line = T(ctx, "install.startedOn", "Name", j.By, "At", moment(ctx, j.Started), "Node", j.Node)
	case !j.Ended.IsZero():
		line += " " + T(ctx, "install.took", "Length", Length(ctx, whole(j.Ended.Sub(j.Started))))
	}
	switch {
	case j.live() && j.Aborting:
		line += " " + T(ctx, "install.abortNote")
	case j.live() && j.LostNode != "" && j.Attempt > 1:
		line += " " + T(ctx, "install.lost", "Node", j.LostNode, "Attempt", number(j.Attempt))
	case j.live():
		line += " " + T(ctx, "install.goesOn")
	}
	return line
}

// step shows a module as a step of work.
func (s InstallStep) step(ctx context.Context) Step {
	note := s.Note
	if s.From != "" {
		note = join(T(ctx, "install.from", "Version", s.From), note)
	}
	switch {
	case s.Action == "disable":
		note = join(T(ctx, "install.disables"), note)
	case s.Action == "uptodate":
		note = join(T(ctx, "install.same"), note)
	case s.State == "running" && s.Note == "":
		note = join(note, s.stage(ctx))
	}
	state := s.State
	if state == "error" {
		state = "failed"
	}
	return Step{Name: s.Module, State: state, Progress: s.Progress, Took: s.Took, Message: note}
}

func (s InstallStep) stage(ctx context.Context) string {
	if s.Stage == "invoke" {
		return T(ctx, "install.prepares")
	}
	return ""
}

// says is the state of a module for those who do not see its shape.
func (s InstallStep) says(ctx context.Context) string {
	if s.State == "running" {
		return T(ctx, "run.running")
	}
	return s.word(ctx)
}

// word stands where a module has no bar.
func (s InstallStep) word(ctx context.Context) string {
	switch s.State {
	case "done":
		return T(ctx, "install.done")
	case "error":
		return T(ctx, "install.error")
	case "aborted":
		return T(ctx, "install.aborted")
	}
	return T(ctx, "install.waits")
}

func (p InstallPage) layout(ctx context.Context) Page {
	page := p.Page.with(p.Job.title(ctx)+" · "+p.Tenant.Name, "tenants")
	page.Styles = append(page.Styles, "css/tenants.css")
	page.Scripts = append(page.Scripts, "js/progress.js")
	if p.Job.live() {
		page.Refresh = 3
	}
	return page
}

func (p InstallPage) crumbs(ctx context.Context) []Crumb {
	if !p.Operates {
		return []Crumb{{"/", T(ctx, "nav.recordings")}}
	}
	return []Crumb{{"/tenants", T(ctx, "nav.tenants")}, {"/tenants/" + p.Tenant.ID, p.Tenant.Name}}
}
