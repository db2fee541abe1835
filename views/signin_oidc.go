package views

import (
	"context"
	"net/url"
)

// Institution is a button of the sign-in page: a provider of the tenant that is active.
type Institution struct{ ID, Name string }

// href begins the sign-in there, and leads to next afterwards.
func (i Institution) href(next string) string {
	at := "/sign-in/oidc/" + i.ID
	if next != "" && next != "/" {
		at += "?next=" + url.QueryEscape(next)
	}
	return at
}

// ProvidersPage is "/settings/sign-in", for admins. Its form: POST /settings/sign-in with the fields of ProviderForm adds one
// (303 to it, or the page with New.Errors); POST /settings/sign-in/_try with the same asks the provider.
type ProvidersPage struct {
	Page   Page
	Rows   []ProviderRow
	New    ProviderForm
	Notice string // what a form just did, a whole sentence
}

// ProviderRow is one provider in the list.
type ProviderRow struct {
	ID, Name, Issuer string
	Active           bool
}

// ProviderPage is "/settings/sign-in/{id}", for admins. Its forms: POST /settings/sign-in/{id} changes it, .../active with
// active=yes or no switches it, .../remove with confirm=yes removes it.
type ProviderPage struct {
	Page  Page
	Form  ProviderForm
	Saved bool
}

// ProviderForm is what is typed of a provider: id, name, issuer, client, secret, scopes, nameClaim, groupClaim, groups.
// A secret that is kept is not shown; an empty field leaves it.
type ProviderForm struct {
	ID, Name, Issuer, ClientID, Scopes, NameClaim, GroupClaim string
	Groups                                                    string // group = role, role; one a line
	Kept                                                      bool   // it is there: id and issuer stay
	HasSecret                                                 bool
	Active                                                    bool
	Redirect                                                  string            // the address to enter at the provider
	Errors                                                    map[string]string // by field, one sentence each
	Trial                                                     ProviderTrial
}

// ProviderTrial is what asking a provider brought, line by line.
type ProviderTrial struct{ Lines []ProviderFinding }

// ProviderFinding is one line: State is done, waits (not known) or failed.
type ProviderFinding struct{ State, Text string }

func (r ProviderRow) tag(ctx context.Context) Tag {
	if r.Active {
		return Tag{"done", T(ctx, "provider.on")}
	}
	return Tag{"waits", T(ctx, "provider.off")}
}

func (f ProviderForm) action() string {
	if f.Kept {
		return "/settings/sign-in/" + f.ID
	}
	return "/settings/sign-in"
}

func (p ProvidersPage) layout(ctx context.Context) Page {
	page := p.Page.with(T(ctx, "provider.title"), "settings")
	page.Styles = append(page.Styles, "css/providers.css")
	return page
}

func (p ProviderPage) layout() Page {
	page := p.Page.with(p.Form.Name, "settings")
	page.Styles = append(page.Styles, "css/providers.css")
	return page
}

// more says whether the rarely changed fields are shown at once: something there was refused, or is other than usual.
func (f ProviderForm) more() bool {
	return f.Errors["scopes"] != "" || f.Errors["nameClaim"] != "" || f.Kept && (f.Scopes != "profile email" || f.NameClaim != "preferred_username")
}
