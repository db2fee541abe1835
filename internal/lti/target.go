package lti

import (
	"net/url"
	"regexp"
	"strings"

	"cutroom/internal/fault"
)

// Views of a recording that a launch may ask for.
const (
	ViewEdit  = "edit"
	ViewWatch = "watch"
)

// Where launches go that name no recording, and those that want one chosen. The latter gets the launch's id.
const (
	targetHome     = "/"
	targetDeepLink = "/lti/deep-link"
)

// eventForm is an id as addresses have it.
var eventForm = regexp.MustCompile(`^[A-Za-z0-9._~!*:@,;-]{1,128}$`)

// startForm is a start time of the player in seconds.
var startForm = regexp.MustCompile(`^[0-9]{1,7}(\.[0-9]{1,3})?$`)

// inside gives a target link when it is an address of ours: absolute, of the same scheme, host and port.
func inside(origin, target string) (*url.URL, bool) {
	u, err := url.Parse(target)
	own, ownErr := url.Parse(origin)
	if err != nil || ownErr != nil || u.Host == "" || u.User != nil || u.Opaque != "" || !samePlace(u, own) {
		return nil, false
	}
	if strings.ContainsAny(target, "\\\t\r\n ") || u.Path != "" && !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") {
		return nil, false
	}
	return u, true
}

// samePlace compares scheme, host and port as browsers do.
func samePlace(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && (a.Scheme == "https" || a.Scheme == "http") && strings.EqualFold(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}

func portOf(u *url.URL) string {
	switch port := u.Port(); {
	case port != "":
		return port
	case u.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}

// sameTarget says whether two links inside of our origin are one: what a browser would ask for is the same.
func sameTarget(a, b *url.URL) bool {
	return samePlace(a, b) && pathOf(a) == pathOf(b) && a.RawQuery == b.RawQuery
}

func pathOf(u *url.URL) string {
	if u.Path == "" {
		return "/"
	}
	return u.EscapedPath()
}

// placeOf finds what a launch is about: the target link wins over the custom parameters tool, as Opencast has it, and event with view.
// Without a recording it is the first page. A start time in seconds, t, comes along.
func placeOf(link *url.URL, custom map[string]string) (Place, error) {
	event, view := eventOf(link)
	switch {
	case event != "" && view == "":
		return eventPlace(event, viewOf(custom["view"]), link.Query().Get("t"))
	case event != "":
		return eventPlace(event, view, link.Query().Get("t"))
	case strings.HasPrefix(link.Path, "/editor-ui/"):
		return Opencast(link.RequestURI(), nil)
	case custom["tool"] != "":
		return Opencast(custom["tool"], nil)
	}
	return eventPlace(custom["event"], custom["view"], custom["t"])
}

// eventPlace is a recording's place: the player for view=watch, from start seconds on, else the editor, which is for who may. Without a
// recording it is the first page.
func eventPlace(event, view, start string) (Place, error) {
	switch {
	case event == "":
		return Place{Path: targetHome}, nil
	case eventID(event) == "":
		return Place{}, fault.Newf(fault.Invalid, "lti.event", "The custom parameter event is %q, which no recording can be called. Copy the id from the recording's address.", shown(event)).With(map[string]any{"Event": shown(event)})
	case view != "" && viewOf(view) == "":
		return Place{}, fault.Newf(fault.Invalid, "lti.view", "The custom parameter view is %q. Use edit or watch.", shown(view)).With(map[string]any{"View": shown(view)})
	}
	place := Place{Path: "/events/" + event + "/" + firstOf(view, ViewEdit), Event: event, View: view}
	if view == ViewWatch && startForm.MatchString(start) {
		place.Path += "?t=" + start
	}
	return place, nil
}

// eventOf reads /events/{id}, /events/{id}/edit and /events/{id}/watch.
func eventOf(link *url.URL) (event, view string) {
	parts := strings.Split(strings.TrimPrefix(link.EscapedPath(), "/"), "/")
	if len(parts) < 2 || len(parts) > 3 || parts[0] != "events" {
		return "", ""
	}
	id, err := url.PathUnescape(parts[1])
	if err != nil || eventID(id) == "" {
		return "", ""
	}
	if len(parts) == 2 {
		return id, ""
	}
	if view = viewOf(parts[2]); view == "" {
		return "", ""
	}
	return id, view
}

// eventID gives an id, or "" for what cannot be one: also a variable that the platform did not fill in.
func eventID(text string) string {
	if !eventForm.MatchString(text) || strings.Trim(text, ".") == "" {
		return ""
	}
	return text
}

func viewOf(text string) string {
	if text == ViewEdit || text == ViewWatch {
		return text
	}
	return ""
}
