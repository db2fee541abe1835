package views

import (
	"context"
	"strings"
	"time"
)

// AccountPage is "/account": where somebody is signed in, their tokens, their password. Its forms post below /account; they
// answer 303 back, or the page with what was wrong (422). A new token's page is answered at once, as its secret is never shown again.
type AccountPage struct {
	Page     Page
	Devices  []Device
	Tokens   []Token
	Secret   string // of the token that was made just now
	Done     string // what was done just now: "session", "elsewhere", "token", "password"; empty: nothing
	Password PasswordForm
	Error    string // what was wrong with the token's form
	Scope    string // as chosen: read, write
	Days     string // as chosen: 30, 90, 365, never
}

// Device is a browser that somebody is signed in with.
type Device struct {
	ID      string
	Agent   string // User-Agent; empty: not known
	How     string // password, link, lti, oidc; empty: not known
	Source  string // the platform's or institution's name; empty: not known
	Address string // empty: not known
	Since   time.Time
	Used    time.Time
	Current bool
}

// Token lets a program do what the person may.
type Token struct {
	ID      string
	Scope   string // read, write; empty: all
	Made    time.Time
	Expires time.Time // zero: never
}

// PasswordForm changes one's own password.
type PasswordForm struct {
	May    bool // offered at all
	Asks   bool // there is one already, which is asked for
	Errors map[string]string
}

func (p AccountPage) layout(ctx context.Context) Page {
	page := p.Page.with(T(ctx, "account.title"), "account")
	page.Styles = append(page.Styles[:len(page.Styles):len(page.Styles)], "css/account.css")
	return page
}

// done says what was done just now.
func (p AccountPage) done(ctx context.Context) string {
	switch p.Done {
	case "session", "elsewhere", "token", "password":
		return T(ctx, "account.done."+p.Done)
	}
	return ""
}

// name is the browser and what it runs on: "Firefox on Linux".
func (d Device) name(ctx context.Context) string {
	browser, system := browserOf(d.Agent), systemOf(d.Agent)
	switch {
	case browser == "" && system == "":
		return T(ctx, "account.unknown")
	case system == "":
		return browser
	case browser == "":
		return T(ctx, "account.unknownOn", "System", system)
	}
	return T(ctx, "account.browserOn", "Browser", browser, "System", system)
}

// about is how it came in, and from where.
func (d Device) about(ctx context.Context) string {
	how := ""
	switch d.How {
	case "password", "link", "lti", "oidc":
		how = T(ctx, "account.how."+d.How)
	}
	if d.Source != "" {
		how += " (" + d.Source + ")"
	}
	return join(how, d.Address)
}

// used is when it was used: since when, where it is in use.
func (d Device) used(ctx context.Context) string {
	if d.Current {
		return T(ctx, "account.since", "Time", When(ctx, d.Since))
	}
	return T(ctx, "account.used", "Time", When(ctx, d.Used))
}

// others says whether there is another device than this one.
func (p AccountPage) others() bool {
	for _, d := range p.Devices {
		if !d.Current {
			return true
		}
	}
	return false
}

func (t Token) scope(ctx context.Context) string {
	switch t.Scope {
	case "read", "write":
		return T(ctx, "account.scope."+t.Scope)
	}
	return T(ctx, "account.scope.all")
}

func (t Token) ends(ctx context.Context) string {
	if t.Expires.IsZero() {
		return T(ctx, "account.neverEnds")
	}
	return T(ctx, "account.ends", "Time", Day(ctx, t.Expires))
}

func scopeChoices(ctx context.Context) []Option {
	return []Option{{"read", T(ctx, "account.scope.read")}, {"write", T(ctx, "account.scope.write")}}
}

func dayChoices(ctx context.Context) []Option {
	return []Option{{"30", T(ctx, "account.days30")}, {"90", T(ctx, "account.days90")}, {"365", T(ctx, "account.days365")}, {"never", T(ctx, "account.never")}}
}

// agents are looked for in this order: most browsers say that they are others, too.
var agents = [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"}, {"CriOS/", "Chrome"},
	{"Chrome/", "Chrome"}, {"Version/", "Safari"}, {"curl/", "curl"}}

var systems = [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}}

func browserOf(agent string) string { return firstIn(agent, agents) }

func systemOf(agent string) string { return firstIn(agent, systems) }

func firstIn(agent string, names [][2]string) string {
	for _, name := range names {
		if strings.Contains(agent, name[0]) {
			return name[1]
		}
	}
	return ""
}
