// Package views draws pages: values in, HTML out. Each page is one struct of plain values that handlers fill; texts come
// from the catalogues in text, in the language of the context. Nothing here knows the database.
package views

import "strings"

// Page is what every page has around its body.
type Page struct {
	Title     string   // of the document, without the product's name
	Lang      string   // "en" or "de"; empty: the context's
	Theme     string   // "light", "dark" or "" for the system's
	Who       Who      // who is signed in; zero: nobody
	Nav       string   // the present place: recordings, series, jobs, nodes, tenants, settings, or none
	Host      string   // the tenant's name, "Nordfjord University"
	Above     bool     // above the tenants: an operator on a host that names none
	Pulse     string   // where the page hears that it was drawn for rights that have changed; empty: nowhere
	Path      string   // the present path with its query, so that the language switch comes back to it
	Framed    bool     // inside an LMS frame: no banner links, only the way back
	CourseURL string   // where "Back to the course" goes; empty: not shown
	Styles    []string // more style sheets, as "css/editor.css"
	Scripts   []string // more modules, as "js/watch.js"
	Refresh   int      // seconds after which a page without scripts loads itself again; 0: never
}

// Who is the signed-in person as pages show them.
type Who struct {
	ID   string // the user's id; empty: nobody is signed in
	Name string // "Amara Osei"
	Role string // admin, editor, viewer, operator
}

// Manages says whether the tenant's settings are theirs to change.
func (w Who) Manages() bool { return w.Role == "admin" || w.Role == "operator" }

// Operates says whether nodes and tenants are theirs to see.
func (w Who) Operates() bool { return w.Role == "operator" }

// Initials of a name: two letters, "AO" for Amara Osei.
func Initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '-' || r == '.' || r == '_' })
	if len(words) == 0 {
		return "?"
	}
	first := []rune(words[0])
	if len(words) == 1 {
		return strings.ToUpper(string(first[:min(2, len(first))]))
	}
	last := []rune(words[len(words)-1])
	return strings.ToUpper(string(first[:1]) + string(last[:1]))
}

// link is one place of the banner.
type link struct{ key, href, text string }

// links are the places that a person sees in the banner.
func (p Page) links() []link {
	if p.Above {
		return []link{{"tenants", "/tenants", "nav.tenants"}, {"nodes", "/nodes", "nav.nodes"}}
	}
	all := []link{{"recordings", "/", "nav.recordings"}, {"series", "/series", "nav.series"}}
	if p.Who.Role != "viewer" {
		all = append(all, link{"jobs", "/jobs", "nav.jobs"})
	}
	if p.Who.Operates() {
		all = append(all, link{"nodes", "/nodes", "nav.nodes"}, link{"tenants", "/tenants", "nav.tenants"})
	}
	if p.Who.Manages() {
		all = append(all, link{"settings", "/settings", "nav.settings"})
	}
	return all
}
