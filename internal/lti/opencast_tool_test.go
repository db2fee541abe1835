package lti

import (
	"net/url"
	"strings"
	"testing"

	"cutroom/internal/fault"
)

func TestLinksOfOpencastOpenHere(t *testing.T) {
	t.Parallel()
	for tool, want := range map[string]Place{
		"/editor-ui/index.html?id=ev-1":              {"/events/ev-1/edit", "ev-1", "edit"},
		"editor-ui/index.html?id=ev-1":               {"/events/ev-1/edit", "ev-1", "edit"},
		"%2Feditor-ui%2Findex.html%3Fid%3Dev-1":      {"/events/ev-1/edit", "ev-1", "edit"},
		"/editor-ui/index.html?id=ev-1&mode=x%26y#z": {"/events/ev-1/edit?mode=x%26y", "ev-1", "edit"},
		"/play/ev-1":                                             {"/events/ev-1/watch", "ev-1", "watch"},
		"/play/ev-1?t=62":                                        {"/events/ev-1/watch?t=62", "ev-1", "watch"},
		"/paella/ui/watch.html?id=ev-1":                          {"/events/ev-1/watch", "ev-1", "watch"},
		"/paella7/ui/watch.html?id=ev-1":                         {"/events/ev-1/watch", "ev-1", "watch"},
		"/engage/theodul/ui/core.html?id=ev-1":                   {"/events/ev-1/watch", "ev-1", "watch"},
		"/ltitools/index.html?subtool=player&id=ev-1":            {"/events/ev-1/watch", "ev-1", "watch"},
		"/ltitools/index.html?subtool=series&series=s1":          {"/series/s1", "", ""},
		"ltitools/index.html?subtool=series&series=s1":           {"/series/s1", "", ""},
		"/ltitools/series/index.html?series=s1&deletion=true":    {"/series/s1?deletion=true", "", ""},
		"/ltitools/index.html?subtool=series&series=s1&edit=yes": {"/series/s1?edit=yes", "", ""},
	} {
		if got, err := Opencast(tool, nil); err != nil || got != want {
			t.Errorf("%s: %+v, %v", tool, got, err)
		}
	}
}

func TestOtherCustomParametersGoAlong(t *testing.T) {
	t.Parallel()
	got, err := Opencast("/editor-ui/index.html", url.Values{"id": {"ev-1"}, "lang": {"de", "en"}, "a b": {"c&d=e#f"}})
	if want := "/events/ev-1/edit?a+b=c%26d%3De%23f&lang=de&lang=en"; err != nil || got.Path != want || got.Event != "ev-1" {
		t.Errorf("%+v, %v, want %s", got, err, want)
	}
	if got, err = Opencast("/play/ev-1?id=other", url.Values{"id": {"third"}}); err != nil || got.Event != "ev-1" || got.Path != "/events/ev-1/watch?id=other" {
		t.Errorf("what the link says wins: %+v, %v", got, err)
	}
}

func TestNoToolLeadsElsewhere(t *testing.T) {
	t.Parallel()
	for tool, want := range map[string]string{
		"/admin-ui/index.html?id=1": "lti.tool", "": "lti.tool", "//evil.example/editor-ui/index.html?id=1": "lti.tool", "https://evil.example/editor-ui/index.html?id=1": "lti.tool",
		"///evil.example": "lti.tool", "javascript:alert(1)": "lti.tool", `/\evil.example`: "lti.tool", "/ltitools/index.html?subtool=upload": "lti.tool", "/play/a/b": "lti.tool", "%2F%2Fevil.example": "lti.tool",
		"/editor-ui/index.html?%zz": "lti.tool", "/editor-ui/../play/x": "lti.tool", "/play/": "lti.tool",
		"/editor-ui/index.html": "lti.tool-id", "/editor-ui/index.html?id=//evil.example": "lti.tool-id", "/play/..": "lti.tool-id", "/play/%2e%2e": "lti.tool-id", "/editor-ui/index.html?id=a%2Fb": "lti.tool-id",
		"/editor-ui/index.html?id=x%0d%0aSet-Cookie:a=b": "lti.tool-id", "/play/x y": "lti.tool-id",
		"/play/x?long=" + strings.Repeat("x", 4080): "lti.tool-long", "/play/x?longer=" + strings.Repeat("x", 9000): "lti.tool",
	} {
		got, err := Opencast(tool, nil)
		if f := fault.As(err); f == nil || f.ID != want || f.Kind != fault.Invalid {
			t.Errorf("%.60q: %+v, %v, want %s", tool, got, err, want)
		}
	}
}

func FuzzOpencast(f *testing.F) {
	for _, tool := range []string{"/editor-ui/index.html?id=x", "/play/x?t=1", "//evil.example", "%2Fplay%2Fx", "/ltitools/index.html?subtool=series&series=s"} {
		f.Add(tool, "next", "//evil.example")
	}
	f.Fuzz(func(t *testing.T, tool, name, value string) {
		got, err := Opencast(tool, url.Values{name: {value}})
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%q: %v", tool, err)
			}
			return
		}
		u, err := url.Parse(got.Path)
		if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(got.Path, "/events/") && !strings.HasPrefix(got.Path, "/series/") || strings.ContainsAny(got.Path, "\r\n\\ ") || strings.Contains(u.Path, "..") && strings.Contains(u.Path, "/../") {
			t.Errorf("%q leads to %q", tool, got.Path)
		}
	})
}
