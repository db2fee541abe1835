package views

import (
	"context"
	"net/url"
	"strconv"
	"time"
)

// AuditPage is "/audit": who did what, for admins; above the tenants for operators.
type AuditPage struct {
	Page   Page
	List   AuditList
	Groups []string // that What chooses from: sign-ins, access, ...
}

// AuditList is the lines that a filter finds; GET /audit/list gives them alone, with the next "Show more".
type AuditList struct {
	Who, What, About string
	From, Until      string            // days, YYYY-MM-DD
	Wrong            map[string]string // by field, one sentence each; then there are no rows
	Rows             []AuditRow
	Next             string
}

// AuditRow is one line.
type AuditRow struct {
	ID      int64
	At      time.Time
	Actor   string // user name
	Action  string // acl.change
	Subject string
	Text    string   // the whole sentence
	More    []string // sentences that belong to it
	Href    string   // to what it is about; empty: it has no page
	Raw     string   // the detail as JSON; empty: there is none
}

func (l AuditList) address(base, cursor string) string {
	q := url.Values{}
	for key, value := range map[string]string{"who": l.Who, "what": l.What, "about": l.About, "from": l.From, "until": l.Until, "cursor": cursor} {
		if value != "" {
			q.Set(key, value)
		}
	}
	if len(q) == 0 {
		return base
	}
	return base + "?" + q.Encode()
}

func (l AuditList) filtered() bool { return l.address("", "") != "" }

func (p AuditPage) layout(ctx context.Context) Page {
	page := p.Page.with(T(ctx, "audit.title"), "")
	page.Styles = append(page.Styles, "css/audit.css")
	return page
}

func (p AuditPage) groups(ctx context.Context) []Option {
	all := []Option{{"", T(ctx, "audit.group.all")}}
	for _, name := range p.Groups {
		all = append(all, Option{name, T(ctx, "audit.group."+name)})
	}
	return all
}

func (p AuditPage) intro(ctx context.Context) string {
	if p.Page.Above {
		return T(ctx, "audit.above")
	}
	return join(p.Page.Host, T(ctx, "audit.intro"))
}

func (r AuditRow) id() string { return "line-" + strconv.FormatInt(r.ID, 10) }
