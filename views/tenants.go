package views

import (
	"context"
	"net/url"
	"strings"
	"time"
)

// TenantsPage is "/tenants", for operators. Its forms: POST /tenants with id, name, hosts makes a tenant (303 to it, or the
// page with New.Errors); GET /upgrades/new with tenant repeated, or all=yes with q and filter, asks about an upgrade of many.
type TenantsPage struct {
	Page    Page
	List    TenantList
	Counts  TenantCounts
	New     TenantForm
	Upgrade *UpgradeBatch // the upgrade of many that is under way; nil: none
	Notice  string        // what a form just did, a whole sentence
}

// TenantList is the table; GET /tenants/_list gives TenantRows alone: no tenant can be called that.
type TenantList struct {
	Query  string
	Filter string // "" all, upgradable, installing, deleting
	Rows   []TenantRow
	Next   string // the cursor of the rows after these
}

// TenantCounts are the numbers in the filter's tabs.
type TenantCounts struct{ All, Upgradable, Installing, Deleting int }

// TenantRow is one tenant in the list.
type TenantRow struct {
	ID, Name   string
	Hosts      []string // its own, without the one that every tenant has
	Parent     string   // the one that every tenant has
	Modules    int
	Newer      int // so many of its modules have a newer version
	Recordings int // in the list about as many; -1: not known
	Install    string
	Upgrade    bool // Install is an upgrade
	Done       int  // modules that Install is done with
	Total      int  // modules of Install
	Deleting   bool // it answers nobody any more, a job takes away what it has
}

// TenantForm is what is typed of a tenant: for a new one, and to change one.
type TenantForm struct {
	ID          string
	Name        string
	Description string
	Hosts       string            // one a line
	Errors      map[string]string // by field (id, name, hosts), one sentence each
	Saved       bool
}

func (l TenantList) url(base, key, value string) string {
	q := url.Values{}
	for k, v := range map[string]string{"q": l.Query, "filter": l.Filter} {
		if v != "" {
			q.Set(k, v)
		}
	}
	q.Del(key)
	if value != "" {
		q.Set(key, value)
	}
	return strings.TrimSuffix(base+"?"+q.Encode(), "?")
}

func (l TenantList) self() string { return l.url("/tenants/_list", "cursor", "") }

// choosable says that some row can be upgraded.
func (l TenantList) choosable() bool {
	for _, r := range l.Rows {
		if r.choosable() {
			return true
		}
	}
	return false
}

func (r TenantRow) choosable() bool { return r.Newer > 0 && !r.Deleting && r.Install == "" }

func (p TenantsPage) layout(ctx context.Context) Page {
	page := p.Page.with(T(ctx, "nav.tenants"), "tenants")
	page.Styles = append(page.Styles, "css/tenants.css")
	page.Scripts = append(page.Scripts, "js/progress.js", "js/bulk.js")
	if p.Upgrade != nil && p.Upgrade.live() || p.Counts.Installing > 0 {
		page.Refresh = 10
	}
	return page
}

func (p TenantsPage) filters(ctx context.Context) []choice {
	all := []choice{{"", T(ctx, "recordings.all"), p.Counts.All}, {"upgradable", T(ctx, "tenants.upgradable"), p.Counts.Upgradable}, {"installing", T(ctx, "tenants.inWork"), p.Counts.Installing}}
	if p.Counts.Deleting > 0 || p.List.Filter == "deleting" {
		all = append(all, choice{"deleting", T(ctx, "tenants.deleting"), p.Counts.Deleting})
	}
	return all
}

// tag is a tenant's state where no job runs.
func (r TenantRow) tag(ctx context.Context) Tag {
	switch {
	case r.Deleting:
		return Tag{"running", T(ctx, "tenants.deleting")}
	case r.Newer > 0:
		return Tag{"changed", T(ctx, "tenants.newerCount", "PluralCount", r.Newer)}
	case r.Modules == 0:
		return Tag{"waits", T(ctx, "tenants.noModules")}
	}
	return Tag{"done", T(ctx, "tenants.current")}
}

// share is how much of the running job is done, from 0 to 1.
func (r TenantRow) share() float64 { return outOf(r.Done, r.Total) }

func outOf(done, total int) float64 {
	if total == 0 {
		return 0
	}
	return float64(done) / float64(total)
}

// about says how many recordings there are, where they were not counted one by one.
func (r TenantRow) about(ctx context.Context) string {
	switch {
	case r.Recordings < 0:
		return ""
	case r.Recordings < 20: // the statistics know so few well
		return Count(r.Recordings)
	}
	return T(ctx, "tenants.about", "Count", Count(r.Recordings))
}

// firstHost is the first of its own host names, else the one that every tenant has, and how many more there are.
func (r TenantRow) firstHost() (host string, more int) {
	if len(r.Hosts) == 0 {
		return r.Parent, 0
	}
	return r.Hosts[0], len(r.Hosts) - 1
}

// moment is a time of day, with the day when it was not in the last hours.
func moment(ctx context.Context, t time.Time) string {
	if t.IsZero() || time.Since(t) < 12*time.Hour {
		return TimeOfDay(ctx, t)
	}
	return When(ctx, t)
}
