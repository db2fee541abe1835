package views

import "context"

// LaunchFailedPage is the page of a launch from a course that came to nothing.
type LaunchFailedPage struct {
	Page    Page
	Status  int
	Request string // the request's id, for the support team
	Reason  string // what is wrong, in words that those who look after a learning platform can act on
}

func (p LaunchFailedPage) layout(ctx context.Context) Page {
	return p.Page.with(T(ctx, "lti.failedTitle"), "none")
}

// LaunchDeniedPage is for who came from a course to a recording that they may neither watch nor edit.
type LaunchDeniedPage struct {
	Page    Page
	Request string
	Ask     string // whom to ask, "Amara Osei"; empty: whoever teaches the course
}

func (p LaunchDeniedPage) layout(ctx context.Context) Page {
	return p.Page.with(T(ctx, "lti.deniedTitle"), "none")
}

func (p LaunchDeniedPage) text(ctx context.Context) string {
	if p.Ask != "" {
		return T(ctx, "lti.deniedAsk", "Name", p.Ask)
	}
	return T(ctx, "lti.deniedText")
}

// LaunchWindowPage is for a browser that keeps no cookies inside the course's page. Either Window or Ticket is there.
type LaunchWindowPage struct {
	Page   Page
	Window string // begins the login again in a window of its own: a path here
	Ticket string // signs in once in a window of its own: POST /lti/window
}

// LaunchStorePage keeps a login's secret in the learning platform, beside the cookie that the browser may not take, and goes on.
type LaunchStorePage struct {
	Page   Page
	Next   string // the platform's address for logins
	Frame  string // of the platform, that keeps things
	Origin string // of that frame
	Key    string
	Value  string
}

// LaunchLoadPage gets a login's secret back from the learning platform, and posts the launch again with it.
type LaunchLoadPage struct {
	Page    Page
	IDToken string
	State   string
	Frame   string
	Origin  string
	Key     string
	Window  string // as in LaunchWindowPage, for where that does not work
}

// launchScripts are those of pages that talk with the learning platform around them.
func launchScripts(p Page) Page {
	p.Scripts = append(p.Scripts, "js/lti_storage.js")
	return p
}
