package views

import (
	"context"
	"time"
)

// NewUpgradePage is "/upgrades/new": many tenants are about to be upgraded. POST /upgrades with tenant repeated, or all=yes
// with q and filter, and most, stopAtFailure=yes: 303 to the upgrade, or the page with Error.
type NewUpgradePage struct {
	Page    Page
	IDs     []string // the chosen tenants; empty with All
	All     bool     // everything that Query and Filter show
	Query   string
	Filter  string
	Tenants int // so many have something to upgrade
	Changes []UpgradeChange
	Most    string // so many together, as typed
	Error   string // of Most, one sentence
}

// UpgradeChange is one module that gets a newer version in some of the tenants.
type UpgradeChange struct {
	Module, From, To string
	Tenants          int
}

// UpgradePage is "/upgrades/{id}": an upgrade of many tenants, live. GET /upgrades/{id}/progress gives UpgradeProgress alone.
type UpgradePage struct {
	Page  Page
	Batch UpgradeBatch
}

// UpgradeBatch is an upgrade of many tenants.
type UpgradeBatch struct {
	ID       string
	By       string
	Started  time.Time
	Ended    time.Time
	Most     int // so many run together
	Counts   UpgradeCounts
	Rows     []UpgradeRow // those that run and those that failed first
	Shown    string       // "" the first ones, all
	Aborting bool
	MayAbort bool
	MayRetry bool // some failed or were never begun
}

// UpgradeCounts are the tenants of an upgrade by state.
type UpgradeCounts struct{ Waiting, Running, Done, Same, Failed, Aborted int }

// UpgradeRow is one tenant of it.
type UpgradeRow struct {
	Tenant, Name string
	State        string // waiting, running, done, same (nothing to upgrade), error, aborted
	Install      string
	Done, Total  int // modules
	Error        string
	Took         time.Duration
}

func (c UpgradeCounts) total() int {
	return c.Waiting + c.Running + c.Done + c.Same + c.Failed + c.Aborted
}
func (c UpgradeCounts) ended() int { return c.Done + c.Same + c.Failed + c.Aborted }

func (b UpgradeBatch) live() bool { return b.Ended.IsZero() }

func (b UpgradeBatch) title(ctx context.Context) string {
	return T(ctx, "upgrade.title", "PluralCount", b.Counts.total())
}

func (b UpgradeBatch) tag(ctx context.Context) Tag {
	switch {
	case b.live() && b.Aborting:
		return Tag{"running", T(ctx, "install.aborting")}
	case b.live():
		return Tag{"running", T(ctx, "install.runningFor", "Time", Clock(time.Since(b.Started).Milliseconds()))}
	case b.Counts.Failed > 0:
		return Tag{"failed", T(ctx, "upgrade.someFailed", "PluralCount", b.Counts.Failed)}
	case b.Counts.Aborted > 0:
		return Tag{"waits", T(ctx, "install.aborted")}
	}
	return Tag{"done", T(ctx, "install.done")}
}

// words are how far it is, a sentence.
func (b UpgradeBatch) words(ctx context.Context) string {
	return T(ctx, "upgrade.ofTenants", "Done", Count(b.Counts.ended()), "Total", Count(b.Counts.total()), "PluralCount", b.Counts.total())
}

func (b UpgradeBatch) about(ctx context.Context) string {
	line := T(ctx, "install.startedBy", "Name", b.By, "At", moment(ctx, b.Started)) + " "
	switch {
	case !b.live():
		return line + T(ctx, "install.took", "Length", Length(ctx, whole(b.Ended.Sub(b.Started))))
	case b.Aborting:
		return line + T(ctx, "upgrade.abortNote")
	}
	return line + T(ctx, "upgrade.most", "PluralCount", b.Most) + " " + T(ctx, "upgrade.goesOn")
}

func (b UpgradeBatch) spoken(ctx context.Context) string {
	if b.live() {
		tenth := b.Counts.ended() * 10 / max(b.Counts.total(), 1)
		return T(ctx, "upgrade.spoken", "Percent", Percent(float64(tenth)/10))
	}
	return b.tag(ctx).Text
}

func (b UpgradeBatch) more() int { return b.Counts.total() - len(b.Rows) }

func (p UpgradePage) layout(ctx context.Context) Page {
	page := p.Page.with(p.Batch.title(ctx), "tenants")
	page.Styles = append(page.Styles, "css/tenants.css")
	page.Scripts = append(page.Scripts, "js/progress.js")
	if p.Batch.live() {
		page.Refresh = 5
	}
	return page
}

func (p NewUpgradePage) layout(ctx context.Context) Page {
	page := p.Page.with(p.title(ctx), "tenants")
	page.Styles = append(page.Styles, "css/tenants.css")
	return page
}

func (p NewUpgradePage) title(ctx context.Context) string {
	return T(ctx, "upgrade.ask", "PluralCount", p.Tenants)
}

func (r UpgradeRow) tag(ctx context.Context) Tag {
	switch r.State {
	case "running":
		return Tag{"running", T(ctx, "install.ofModules", "Done", Count(r.Done), "Total", Count(r.Total), "PluralCount", r.Total)}
	case "done":
		return Tag{"done", T(ctx, "install.done")}
	case "same":
		return Tag{"done", T(ctx, "upgrade.same")}
	case "error":
		return Tag{"failed", T(ctx, "install.error")}
	case "aborted":
		return Tag{"waits", T(ctx, "install.aborted")}
	}
	return Tag{"waits", T(ctx, "install.waits")}
}

// query keeps what is shown when the fragment asks again.
func (b UpgradeBatch) query() string {
	if b.Shown == "" {
		return ""
	}
	return "?show=" + b.Shown
}
