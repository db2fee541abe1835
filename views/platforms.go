package views

import (
	"context"
	"time"
)

// platformsPath is where learning platforms are looked after.
const platformsPath = "/settings/platforms"

// PlatformsPage is "/settings/platforms": the learning platforms that launch Cutroom, and what they want to know of it.
type PlatformsPage struct {
	Page Page
	Rows []PlatformRow // those that wait come first
	At   PlatformAddresses
	Done string // what was done just now: added, changed, approved, removed; empty: nothing
	Name string // of what it was done to
}

// PlatformRow is one registration in the list.
type PlatformRow struct {
	ID        string
	Version   string // 1.3, 1.1
	Waiting   bool
	Name      string
	Issuer    string // 1.3
	ClientID  string // 1.3
	Key       string // 1.1
	Prefix    string // empty: none
	Created   time.Time
	CreatedBy string // empty: the platform itself
}

// PlatformAddresses are what a learning platform wants to know of the tenant.
type PlatformAddresses struct {
	Login, Launch, Keys, DeepLink, Target, Register, V11 string
}

// PlatformPage is a registration's own page: new, or as it is. POST to its address answers 303 back, or the page with Errors (422).
type PlatformPage struct {
	Page  Page
	Form  PlatformForm
	Saved bool
	Error string // what is wrong with no field; empty: nothing
	At    PlatformAddresses
}

// PlatformForm is what was typed, and why it was refused.
type PlatformForm struct {
	ID                              string // empty: a new one
	Version                         string // 1.3, 1.1
	Waiting                         bool
	Name, Issuer, ClientID          string
	Deployment                      string
	AuthURL, TokenURL, JWKSURL, Key string
	Trusted                         bool
	Prefix                          string
	RoleMap                         string // a line for each: theirs = ours, ours
	Frames                          string // an origin a line
	Created                         time.Time
	CreatedBy                       string            // empty: the platform itself
	Errors                          map[string]string // by field
}

// PlatformSecretPage tells the shared secret of a registration by LTI 1.1, this once.
type PlatformSecretPage struct {
	Page             Page
	ID, Name         string
	Key, Secret, V11 string
}

// PlatformRemovePage asks before a registration is removed.
type PlatformRemovePage struct {
	Page    Page
	ID      string
	Name    string
	Waiting bool
}

// RegisterPage is "/lti/register", for a learning platform's admin: who asks, and what would be sent there. Its POST sends.
type RegisterPage struct {
	Page     Page
	Issuer   string
	Product  string // moodle, canvas, ...; empty: not told
	Endpoint string // where it is sent
	Sent     string // JSON text
	Ticket   string
}

// RegisteredPage says that a registration waits for an admin of the tenant.
type RegisteredPage struct {
	Page Page
	Name string
	ID   string
}

func platformLayout(ctx context.Context, p Page, title string) Page {
	page := p.with(title, "settings")
	page.Styles = append(page.Styles[:len(page.Styles):len(page.Styles)], "css/platforms.css")
	page.Scripts = append(page.Scripts, "js/copy.js")
	return page
}

func (p PlatformsPage) done(ctx context.Context) string {
	switch p.Done {
	case "added", "approved", "removed":
		return T(ctx, "platforms.done."+p.Done, "Name", p.Name)
	}
	return ""
}

func (p PlatformsPage) waiting() (rows []PlatformRow) {
	for _, r := range p.Rows {
		if r.Waiting {
			rows = append(rows, r)
		}
	}
	return rows
}

func (p PlatformsPage) active() (rows []PlatformRow) {
	for _, r := range p.Rows {
		if !r.Waiting {
			rows = append(rows, r)
		}
	}
	return rows
}

func (r PlatformRow) href() string { return platformsPath + "/" + r.ID }

// about is who the platform is, in one line.
func (r PlatformRow) about(ctx context.Context) string {
	prefix := ""
	if r.Prefix != "" {
		prefix = T(ctx, "platforms.prefixIs", "Prefix", r.Prefix)
	}
	if r.Version == "1.1" {
		return join(join("LTI 1.1", T(ctx, "platforms.keyIs", "Key", r.Key)), prefix)
	}
	return join(join(join("LTI 1.3", r.Issuer), T(ctx, "platforms.clientIs", "Client", r.ClientID)), prefix)
}

func (r PlatformRow) asked(ctx context.Context) string {
	return T(ctx, "platforms.asked", "Time", When(ctx, r.Created))
}

func (f PlatformForm) action() string {
	if f.ID == "" {
		return platformsPath
	}
	return platformsPath + "/" + f.ID
}

func (f PlatformForm) title(ctx context.Context) string {
	switch {
	case f.ID != "":
		return f.Name
	case f.Version == "1.1":
		return T(ctx, "platforms.new11")
	}
	return T(ctx, "platforms.new13")
}

// since says how the registration came about.
func (f PlatformForm) since(ctx context.Context) string {
	if f.CreatedBy == "" {
		return T(ctx, "platforms.sinceItself", "Time", When(ctx, f.Created))
	}
	return T(ctx, "platforms.since", "Time", When(ctx, f.Created), "By", f.CreatedBy)
}
