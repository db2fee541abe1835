package views

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// TenantPage is "/tenants/{id}". Its forms:
//
//	GET  /tenants/{id}            do=preview with the fields of InstallForm, do=disable with module, do=upgrade: what would happen
//	POST /tenants/{id}/install    the same, and does it: 303 to the page, or the page with Form.Error
//	POST /tenants/{id}            name, description, hosts
//	POST /installs/{id}/abort, /retry
//
// GET /tenants/{id}/jobs gives TenantJobs alone, GET /tenants/{id}/modules TenantModules.
type TenantPage struct {
	Page    Page
	Tenant  TenantRow
	Parent  string // the host that every tenant has: "hsnord.cutroom.example"
	Created time.Time
	Jobs    []InstallJob // that are not done, and the one that ended just now; the running one first
	Modules []TenantModule
	Form    InstallForm
	History []InstallJob // newest first
	More    bool         // there are older ones: ?history=all shows them
	Details TenantForm
	Notice  string // what a form just did, a whole sentence
}

// TenantModule is one module that a tenant has.
type TenantModule struct {
	Name, Version string
	Newer         string // the version that could be installed; empty: up to date
	State         string // enabled, waits (in the running job), installing, off (built in, and disabled)
	BuiltIn       bool
}

// InstallForm is what is asked of the modules.
type InstallForm struct {
	Do         string // what stands there: "" or preview: install; disable; upgrade
	Offers     []ModuleOffer
	Chosen     []string // products
	Other      string   // ids as typed, with their versions
	Stop       bool     // "Stop at the first failure"
	Purge      bool     // "Clear its old data first"; with disable "Delete its data too"
	Parallel   string   // so many modules at once, as typed
	Parameters string   // k=v,k2=v2 for the modules
	Asked      bool     // Preview is filled
	Preview    []PreviewLine
	Error      string // why it was refused, one sentence
	Field      string // that the error is about: module, parallel, parameters
}

// ModuleOffer is a product that can be chosen.
type ModuleOffer struct {
	Product, Newest string
	Has             string // the version that the tenant has; empty: none
}

// PreviewLine is one thing that would happen.
type PreviewLine struct {
	Action        string // enable, disable, uptodate, suggest, conflict
	Module        string // product
	Version, From string
	Added         bool // was not asked for: something else needs it
	Message       string
	Replaces      string // the product that it takes the place of
}

func (p TenantPage) about(ctx context.Context) string {
	hosts := p.Tenant.Hosts
	if len(hosts) == 0 && p.Parent != "" {
		hosts = []string{p.Parent}
	}
	line := join(p.Tenant.ID, strings.Join(hosts, ", "))
	line = join(line, T(ctx, "tenants.modules", "PluralCount", p.Tenant.Modules))
	if p.Tenant.Recordings >= 0 {
		line = join(line, T(ctx, "series.count", "PluralCount", p.Tenant.Recordings, "Count", Count(p.Tenant.Recordings)))
	}
	return line
}

func (p TenantPage) address() string { return "/tenants/" + url.PathEscape(p.Tenant.ID) }

// live says that a job is not done yet.
func (p TenantPage) live() bool { return slices.ContainsFunc(p.Jobs, InstallJob.live) }

func (p TenantPage) layout() Page {
	page := p.Page.with(p.Tenant.Name, "tenants")
	page.Styles = append(page.Styles, "css/tenants.css")
	page.Scripts = append(page.Scripts, "js/progress.js")
	if p.live() && !p.Form.Asked && p.Form.Error == "" {
		page.Refresh = 5
	}
	return page
}

// newer counts the modules that could be upgraded.
func (p TenantPage) newer() int {
	n := 0
	for _, m := range p.Modules {
		if m.Newer != "" {
			n++
		}
	}
	return n
}

func (m TenantModule) tag(ctx context.Context) Tag {
	switch {
	case m.State == "installing":
		return Tag{"running", T(ctx, "tenants.installing")}
	case m.State == "waits":
		return Tag{"waits", T(ctx, "tenants.waits")}
	case m.State == "off":
		return Tag{"waits", T(ctx, "tenants.off")}
	case m.Newer != "":
		return Tag{"changed", T(ctx, "tenants.newer", "Version", m.Newer)}
	}
	return Tag{"done", T(ctx, "tenants.enabled")}
}

func (m TenantModule) id() string {
	if m.Version == "" {
		return m.Name
	}
	return m.Name + "-" + m.Version
}

// ask is the address that shows what would happen with a module.
func (p TenantPage) ask(do, module string) string {
	q := url.Values{"do": {do}}
	if module != "" {
		q.Set("module", module)
	}
	return p.address() + "?" + q.Encode() + "#install"
}

func (f InstallForm) chosen(product string) bool { return slices.Contains(f.Chosen, product) }

func (f InstallForm) disable() bool { return f.Do == "disable" }
func (f InstallForm) upgrade() bool { return f.Do == "upgrade" }

// something says that the preview changes anything.
func (f InstallForm) something() bool {
	return slices.ContainsFunc(f.Preview, func(l PreviewLine) bool { return l.Action == "enable" || l.Action == "disable" })
}

// unfolded says that the less usual fields were used.
func (f InstallForm) unfolded() bool {
	return f.Other != "" || f.Parameters != "" || f.Parallel != "" && f.Parallel != "1" || f.Field == "parallel" || f.Field == "parameters"
}

// versioned finds where the version of a module id begins.
var versioned = regexp.MustCompile(`([a-z0-9_])-([0-9])`)

func (f InstallForm) heading(ctx context.Context) string {
	switch {
	case f.disable():
		return T(ctx, "install.disableTitle", "Module", versioned.ReplaceAllString(strings.Join(f.Chosen, ", "), "$1 $2"))
	case f.upgrade():
		return T(ctx, "install.upgradeTitle")
	}
	return T(ctx, "install.heading")
}

func (o ModuleOffer) text(ctx context.Context) string {
	if o.Has == "" {
		return ""
	}
	return T(ctx, "install.has", "Version", o.Has)
}

func (l PreviewLine) text(ctx context.Context) string {
	text := l.sentence(ctx)
	if l.Added {
		text += T(ctx, "install.needed")
	}
	return text
}

func (l PreviewLine) sentence(ctx context.Context) string {
	name := strings.TrimSpace(l.Module + " " + l.Version)
	switch {
	case l.Message != "":
		return name + ": " + l.Message
	case l.Action == "disable":
		return T(ctx, "install.wouldDisable", "Module", name)
	case l.Action == "uptodate":
		return T(ctx, "install.wouldStay", "Module", name)
	case l.Action != "enable":
		return name
	case l.Replaces != "":
		return T(ctx, "install.wouldReplace", "Module", name, "Other", l.Replaces)
	case l.From == l.Version && l.From != "":
		return T(ctx, "install.wouldAgain", "Module", name)
	case l.From != "":
		return T(ctx, "install.wouldUpgrade", "Module", l.Module, "From", l.From, "Version", l.Version)
	}
	return T(ctx, "install.wouldEnable", "Module", name)
}
