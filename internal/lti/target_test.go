package lti

import (
	"net/url"
	"strings"
	"testing"
)

func TestTargetsInsideOfOurOrigin(t *testing.T) {
	t.Parallel()
	const own = "https://demo.cutroom.example"
	for target, want := range map[string]bool{
		own: true, own + "/": true, own + "/events/1/edit?x=1#y": true, "HTTPS://Demo.Cutroom.Example:443/a": true,
		"http://demo.cutroom.example/": false, own + ":8443/": false, "https://cutroom.example/": false, "https://demo.cutroom.example.evil.example/": false,
		"https://demo.cutroom.example@evil.example/": false, "https://user@demo.cutroom.example/": false, "https://evil.example/https://demo.cutroom.example/": false,
		own + "\\@evil.example/": false, own + "//evil.example/": false, own + "/a b": false, own + "/\\evil.example": false, own + "/\n": false,
		"//demo.cutroom.example/": false, "/events/1": false, "events": false, "": false, "javascript:alert(1)": false, "https:demo.cutroom.example": false, own + ".": false, "%": false,
	} {
		if _, got := inside(own, target); got != want {
			t.Errorf("%q: got %v", target, got)
		}
	}
	for origin, target := range map[string]string{"http://localhost:8080": "http://localhost:8080/x", "http://[::1]:8080": "http://[::1]:8080/x", "http://127.0.0.1": "http://127.0.0.1:80/"} {
		if _, ok := inside(origin, target); !ok {
			t.Errorf("%s is not inside of %s", target, origin)
		}
	}
}

func TestTargetsThatAreOne(t *testing.T) {
	t.Parallel()
	const own = "https://demo.cutroom.example"
	for _, is := range []struct {
		a, b string
		same bool
	}{
		{own, own + "/", true}, {own + "/a", "https://DEMO.cutroom.example:443/a", true}, {own + "/a#x", own + "/a", true},
		{own + "/a", own + "/b", false}, {own + "/a", own + "/a/", false}, {own + "/a?x=1", own + "/a?x=2", false}, {own + "/a?x=1", own + "/a", false}, {own + "/a%2Fb", own + "/a/b", false}, {own + "/A", own + "/a", false},
	} {
		a, okA := inside(own, is.a)
		b, okB := inside(own, is.b)
		if !okA || !okB || sameTarget(a, b) != is.same {
			t.Errorf("%s and %s: %v %v", is.a, is.b, okA, okB)
		}
	}
}

func TestWhereALaunchGoes(t *testing.T) {
	t.Parallel()
	type custom = map[string]string
	for _, is := range []struct {
		link   string
		custom custom
		want   Place
	}{
		{"/", nil, Place{Path: "/"}},
		{"/lti/launch", nil, Place{Path: "/"}},
		{"/settings/platforms", nil, Place{Path: "/"}},
		{"/events/e1/edit", nil, Place{"/events/e1/edit", "e1", "edit"}},
		{"/events/e1/watch?t=12.5", nil, Place{"/events/e1/watch?t=12.5", "e1", "watch"}},
		{"/events/e1/watch?t=javascript", nil, Place{"/events/e1/watch", "e1", "watch"}},
		{"/events/e1", nil, Place{"/events/e1/edit", "e1", ""}},
		{"/events/e1", custom{"view": "watch"}, Place{"/events/e1/watch", "e1", "watch"}},
		{"/events/e1", custom{"view": "print"}, Place{"/events/e1/edit", "e1", ""}},
		{"/events/e1/edit", custom{"event": "e2", "view": "watch", "tool": "/play/e3"}, Place{"/events/e1/edit", "e1", "edit"}},
		{"/", custom{"event": "e2"}, Place{"/events/e2/edit", "e2", ""}},
		{"/", custom{"event": "e2", "view": "edit"}, Place{"/events/e2/edit", "e2", "edit"}},
		{"/lti/launch", custom{"event": "e2", "view": "watch", "t": "90"}, Place{"/events/e2/watch?t=90", "e2", "watch"}},
		{"/", custom{"event": ""}, Place{Path: "/"}},
		{"/", custom{"tool": "/editor-ui/index.html?id=e3"}, Place{"/events/e3/edit", "e3", "edit"}},
		{"/editor-ui/index.html?id=e3", nil, Place{"/events/e3/edit", "e3", "edit"}},
		{"/events/e1/delete", nil, Place{Path: "/"}},
		{"/events/e1/edit/x", nil, Place{Path: "/"}},
		{"/events/../edit", nil, Place{Path: "/"}},
		{"/events/%2e%2e/edit", nil, Place{Path: "/"}},
		{"/events/a%2Fb/edit", nil, Place{Path: "/"}},
		{"/events/%3Cscript%3E/edit", nil, Place{Path: "/"}},
		{"/x/events/e1/edit", nil, Place{Path: "/"}},
	} {
		link, ok := inside(ourOrigin, ourOrigin+is.link)
		if !ok {
			t.Fatal(is.link)
		}
		if got, err := placeOf(link, is.custom); err != nil || got != is.want {
			t.Errorf("%s %v: got %+v, %v", is.link, is.custom, got, err)
		}
	}
}

func FuzzTarget(f *testing.F) {
	for _, target := range []string{"/", "/events/e1/edit", "/events/e1/watch?t=1", "//evil.example", "/\\evil.example", "/events/%2F/edit", ":80@evil.example/", "/editor-ui/index.html?id=1"} {
		f.Add(target, "e1", "watch", "/play/e1")
	}
	f.Fuzz(func(t *testing.T, target, event, view, tool string) {
		link, ok := inside(ourOrigin, ourOrigin+target)
		if !ok {
			return
		}
		place, err := placeOf(link, map[string]string{"event": event, "view": view, "tool": tool, "t": view})
		if err != nil {
			return
		}
		u, err := url.Parse(place.Path)
		if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(place.Path, "/") || strings.HasPrefix(place.Path, "//") || strings.ContainsAny(place.Path, "\\\r\n\x00 ") {
			t.Errorf("%q leads to %q, %v", target, place.Path, err)
		}
		if resolved := link.ResolveReference(u); resolved.Scheme+"://"+resolved.Host != ourOrigin && !samePlace(resolved, link) {
			t.Errorf("%q leads to %q", target, resolved)
		}
	})
}
