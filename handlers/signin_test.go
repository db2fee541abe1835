package handlers

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
)

func TestForeignPlacesAreNotGoneTo(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"/events/x?tab=1#y": "/events/x?tab=1#y", "/": "/", "": "/", "events": "/", "https://evil.example/": "/", "//evil.example": "/", "///evil.example": "/",
		`/\evil.example`: "/", `\\evil.example`: "/", "/\t/evil.example": "/", "/\n/evil.example": "/", "javascript:alert(1)": "/", " /x": "/", "/%2f/evil.example": "/",
		"/a//b": "/a//b", "/%zz": "/", "http:/evil.example": "/", "/x?next=https://evil.example": "/x?next=https://evil.example",
	} {
		if got := localPath(next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

func TestPagesSendToSignInAndBack(t *testing.T) {
	t.Parallel()
	var s *site
	s = setup(t, route{"GET /test/who", people, whoPage(&s)}, route{"GET /api/test/who", people, whoPage(&s)}, route{"POST /test/who", people, whoPage(&s)})
	if err := s.Users.SetPassword(t.Context(), s.admin, "ben", "correct horse"); err != nil {
		t.Fatal(err)
	}
	got := s.call(t, nil, "GET", "/test/who?a=1&b=2", "")
	if got.status != 303 || got.header.Get("Location") != "/sign-in?next="+url.QueryEscape("/test/who?a=1&b=2") {
		t.Errorf("a page: %d %v", got.status, got.header)
	}
	if got := s.call(t, nil, "GET", "/api/test/who", ""); got.status != 401 || !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer") {
		t.Errorf("the API: %d", got.status)
	}
	got = s.call(t, nil, "GET", "/test/who", "", "HX-Request: true", "Referer: "+s.url+"/events/7")
	if got.status != 401 || got.header.Get("HX-Redirect") != "/sign-in?next=%2Fevents%2F7" {
		t.Errorf("a fragment: %d %v", got.status, got.header)
	}
	b := s.browser(t)
	page := s.call(t, b, "GET", "/sign-in?next=/test/who", "")
	if page.status != 200 || !regexp.MustCompile(`name="next" value="/test/who"`).MatchString(page.body) || len(page.header.Values("Set-Cookie")) > 0 {
		t.Errorf("the page: %d %v", page.status, page.header)
	}
	wrong := s.call(t, b, "POST", "/sign-in", "name=ben&password=wrong&next=/test/who")
	unknown := s.call(t, b, "POST", "/sign-in", "name=nobody&password=wrong&next=/test/who")
	for _, got := range []result{wrong, unknown} {
		if got.status != 401 || !strings.Contains(got.body, "User name and password do not match.") || len(got.header.Values("Set-Cookie")) > 0 {
			t.Errorf("a wrong password: %d %s", got.status, got.body)
		}
	}
	got = s.call(t, b, "POST", "/sign-in", "name=+ben+&password=correct+horse&next=/test/who")
	if got.status != 303 || got.header.Get("Location") != "/test/who" {
		t.Errorf("signing in: %d %v", got.status, got.header)
	}
	if got := s.call(t, b, "GET", "/test/who", ""); got.body != "ben" {
		t.Errorf("afterwards: %d %s", got.status, got.body)
	}
	if got := s.call(t, b, "GET", "/sign-in?next=//evil.example", ""); got.status != 303 || got.header.Get("Location") != "/" {
		t.Errorf("signed in already: %d %v", got.status, got.header)
	}
	got = s.call(t, nil, "POST", "/sign-in", "name=ben&password=correct+horse&next=https://evil.example")
	if got.header.Get("Location") != "/" {
		t.Errorf("led to %s", got.header.Get("Location"))
	}
}

func TestTooManyTriesAtThePage(t *testing.T) {
	t.Parallel()
	s := setup(t)
	var got result
	for range 7 {
		got = s.call(t, nil, "POST", "/sign-in", "name=ben&password=wrong")
	}
	if got.status != 429 || got.header.Get("Retry-After") == "" || !strings.Contains(got.body, "Too many tries. Wait a minute") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestTheLinkAsksForAClick(t *testing.T) {
	t.Parallel()
	var s *site
	s = setup(t, route{"GET /test/who", people, whoPage(&s)})
	link, _, err := s.Users.CreateLink(t.Context(), s.admin, "vera")
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser(t)
	page := s.call(t, b, "GET", "/sign-in/link?token="+link, "")
	form := regexp.MustCompile(`(?s)<form[^>]*>.*?</form>`).FindString(page.body)
	if page.status != 200 || len(page.header.Values("Set-Cookie")) > 0 || !strings.Contains(form, `action="/sign-in/link"`) || !strings.Contains(form, link) {
		t.Errorf("%d, the first form: %s", page.status, form)
	}
	if got := s.call(t, b, "GET", "/test/who", ""); got.status != 303 {
		t.Errorf("looking at it signed in: %d", got.status)
	}
	for range 2 {
		if got := s.call(t, b, "POST", "/sign-in/link", "token="+link); got.status != 303 {
			t.Errorf("the click: %d", got.status)
		}
	}
	if got := s.call(t, b, "GET", "/test/who", ""); got.body != "vera" {
		t.Errorf("afterwards: %d %s", got.status, got.body)
	}
	for _, method := range []string{"GET", "POST"} {
		if got := s.call(t, nil, method, "/sign-in/link?token=x", ""); got.status != 401 || !strings.Contains(got.body, "<html") {
			t.Errorf("%s with a wrong one: %d", method, got.status)
		}
	}
}

func TestTheCookie(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]string{"http://localhost:8080": "sid", "https://cutroom.example": "__Host-sid"} {
		s := setupAt(t, public, dbtest.New(t))
		link, _, err := s.Users.CreateLink(t.Context(), s.admin, "ben")
		if err != nil {
			t.Fatal(err)
		}
		got := s.call(t, nil, "POST", "/sign-in/link", "token="+link)
		c, err := http.ParseSetCookie(got.header.Get("Set-Cookie"))
		if err != nil {
			t.Fatal(err)
		}
		if c.Name != want || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != strings.HasPrefix(public, "https") {
			t.Errorf("%s: %+v", public, c)
		}
		if c.Value == link || len(c.Value) < 43 {
			t.Errorf("%s: its value is no secret of its own", public)
		}
	}
}

func TestSigningOutEndsIt(t *testing.T) {
	t.Parallel()
	var s *site
	begun, ended := make(chan struct{}), make(chan struct{})
	s = setup(t, route{"GET /test/who", people, whoPage(&s)}, route{"GET /test/slow", people, func(w http.ResponseWriter, r *http.Request) error {
		close(begun)
		<-ended
		return whoPage(&s)(w, r)
	}})
	b := s.signedIn(t, "ben")
	stolen := b.Jar.Cookies(mustURL(t, s.url))
	slow := make(chan result, 1)
	go func() { slow <- s.call(t, b, "GET", "/test/slow", "") }()
	<-begun
	got := s.call(t, b, "POST", "/sign-out", "")
	close(ended)
	if got.status != 303 || got.header.Get("Location") != "/sign-in" {
		t.Errorf("%d %v", got.status, got.header)
	}
	if late := <-slow; len(late.header.Values("Set-Cookie")) > 0 {
		t.Errorf("the request in flight gave a cookie: %v", late.header)
	}
	for name, cookies := range map[string][]*http.Cookie{"the browser": b.Jar.Cookies(mustURL(t, s.url)), "its old cookie": stolen} {
		var headers []string
		for _, c := range cookies {
			headers = append(headers, "Cookie: "+c.String())
		}
		if got := s.call(t, nil, "GET", "/test/who", "", headers...); got.status != 303 {
			t.Errorf("%s is still signed in: %d %s", name, got.status, got.body)
		}
	}
	if got := s.call(t, nil, "POST", "/sign-out", ""); got.status != 303 {
		t.Errorf("without a session: %d", got.status)
	}
}

func mustURL(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestGuestsAreSentToSignInWhereSomethingIsHidden(t *testing.T) {
	t.Parallel()
	s := setup(t, route{"GET /test/hidden", guests, func(http.ResponseWriter, *http.Request) error { return fault.Gone() }})
	if got := s.call(t, nil, "GET", "/test/hidden", ""); got.status != 303 {
		t.Errorf("a guest: %d", got.status)
	}
	if got := s.call(t, s.signedIn(t, "ben"), "GET", "/test/hidden", ""); got.status != 404 {
		t.Errorf("somebody: %d", got.status)
	}
}

func TestTheLanguageIsKept(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := s.browser(t)
	if got := s.call(t, b, "GET", "/sign-in", "", "Accept-Language: de-CH, en;q=0.5"); !strings.Contains(got.body, `lang="de"`) || !strings.Contains(got.body, "Anmelden") {
		t.Error("the browser's wish does not count")
	}
	got := s.call(t, b, "POST", "/language", "lang=de&back=/sign-in?next=/x")
	if got.status != 303 || got.header.Get("Location") != "/sign-in?next=/x" {
		t.Errorf("%d %v", got.status, got.header)
	}
	if got := s.call(t, b, "GET", "/sign-in", "", "Accept-Language: en"); !strings.Contains(got.body, "Anmelden") {
		t.Error("the choice was forgotten")
	}
	if got := s.call(t, b, "POST", "/language", "lang=xx&back=/"); got.status != 422 {
		t.Errorf("an unknown language: %d", got.status)
	}
	if got := s.call(t, b, "POST", "/language", "lang=en&back=//evil.example"); got.header.Get("Location") != "/" {
		t.Errorf("led to %s", got.header.Get("Location"))
	}
}
