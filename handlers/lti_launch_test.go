package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cutroom/internal/live"
	"cutroom/internal/lti"
	"cutroom/internal/lti/stubplatform"
)

func TestALaunchOpensWhatOneMay(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	for _, try := range []struct {
		name  string
		click stubplatform.Click
		want  string
	}{
		{"a teacher", c.to("/events/bio-1/edit", stubplatform.Instructor), "/events/bio-1/edit"},
		{"a learner with a link to edit", c.to("/events/bio-1/edit", stubplatform.Learner), "/events/bio-1/watch"},
		{"a teacher with a link to watch", c.to("/events/bio-1/watch?t=62", stubplatform.Instructor), "/events/bio-1/watch?t=62"},
		{"a teacher with a link to the recording", c.to("/events/bio-1", stubplatform.Instructor), "/events/bio-1/edit"},
		{"a learner with a link to the recording", c.to("/events/bio-1", stubplatform.Learner), "/events/bio-1/watch"},
		{"no recording", c.to("/", stubplatform.Learner), "/"},
	} {
		click := try.click
		click.Subject = try.name
		v := c.visitor(t)
		got := v.launch(click)
		if got.status != http.StatusSeeOther || got.header.Get("Location") != try.want {
			t.Errorf("%s: %d, to %s: %s", try.name, got.status, got.header.Get("Location"), got.body)
			continue
		}
		if page := v.get(try.want); page.status != http.StatusOK {
			t.Errorf("%s: %s answers %d", try.name, try.want, page.status)
		}
	}
	custom := c.to("/", stubplatform.Instructor)
	custom.Custom = map[string]any{"event": "bio-1", "view": "watch"}
	if got := c.visitor(t).launch(custom); got.header.Get("Location") != "/events/bio-1/watch" {
		t.Errorf("custom parameters: %d, to %s", got.status, got.header.Get("Location"))
	}
	pick := c.to("/lti/deep-link", stubplatform.Instructor)
	pick.Message = stubplatform.DeepLinking
	if got := c.visitor(t).launch(pick); !strings.HasPrefix(got.header.Get("Location"), "/lti/deep-link?launch=") {
		t.Errorf("deep linking: %d, to %s", got.status, got.header.Get("Location"))
	}
	if _, lines := c.counts(t, "lti.launch", ""); lines != 8 {
		t.Errorf("the audit log has %d launches", lines)
	}
}

func TestTheCookiesOfALaunch(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t)
	login := v.ask("POST", "/lti/login", v.LaunchForm(c.to("/events/bio-1")))
	if login.status != http.StatusFound || !strings.HasPrefix(login.header.Get("Location"), c.AuthURL()+"?") || login.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("login: %d %v", login.status, login.header)
	}
	got := c.visitor(t).launch(c.to("/events/bio-1", stubplatform.Learner))
	for _, header := range []http.Header{login.header, got.header} {
		good := 0
		for _, line := range header.Values("Set-Cookie") {
			k, err := http.ParseSetCookie(line)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(k.Name, "__Host-lti") {
				continue
			}
			good++
			if !k.HttpOnly || !k.Secure || !k.Partitioned || k.SameSite != http.SameSiteNoneMode || k.Path != "/" || k.Domain != "" {
				t.Errorf("%+v", k)
			}
		}
		if good == 0 {
			t.Errorf("no cookie for frames: %v", header)
		}
	}
	if n := len(v.cookies); n != 1 {
		t.Errorf("%d cookies after a login", n)
	}
}

func TestALoginByAddress(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t)
	got := v.get("/lti/login?" + v.LaunchForm(c.to("/events/bio-1", stubplatform.Learner)).Encode())
	_, form, err := v.Answer(got.header.Get("Location"))
	if err != nil {
		t.Fatal(got.status, err)
	}
	if got := v.post(form); got.header.Get("Location") != "/events/bio-1/watch" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestALaunchIsGoodOnce(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t)
	form := v.answered(c.to("/events/bio-1", stubplatform.Learner))
	kept := map[string]string{}
	for name, value := range v.cookies {
		kept[name] = value
	}
	if got := v.post(form); got.status != http.StatusSeeOther {
		t.Fatalf("%d %s", got.status, got.body)
	}
	rows, _ := c.counts(t, "", "")
	v.cookies = kept
	if got := v.post(form); got.status != http.StatusConflict || !strings.Contains(got.body, "used already") || len(got.header.Values("Set-Cookie")) > 0 {
		t.Errorf("again: %d %s", got.status, got.body)
	}
	if now, lines := c.counts(t, "lti.refused", "lti.used"); now != rows || lines != 1 {
		t.Errorf("%d rows instead of %d, %d lines", now, rows, lines)
	}
}

func TestAnotherBrowserDoesNotEnter(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t)
	form := v.answered(c.to("/events/bio-1", stubplatform.Learner))
	other := c.visitor(t)
	other.cookies[lti.CookieName(form.Get("state"))] = "guessed"
	if got := other.post(form); got.status != http.StatusForbidden || !strings.Contains(got.body, "another browser") {
		t.Errorf("a wrong cookie: %d %s", got.status, got.body)
	}
	form.Set("storage", "guessed")
	if got := c.visitor(t).post(form); got.status != http.StatusForbidden {
		t.Errorf("wrong storage: %d", got.status)
	}
	form.Del("storage")
	if rows, lines := c.counts(t, "lti.refused", "lti.browser"); rows != 0 || lines != 2 {
		t.Errorf("%d rows, %d lines", rows, lines)
	}
	if got := v.post(form); got.status != http.StatusSeeOther {
		t.Errorf("the right one afterwards: %d %s", got.status, got.body)
	}
}

func TestABrowserWithoutCookiesGetsAWindow(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	form := c.visitor(t).answered(c.to("/events/bio-1", stubplatform.Learner))
	got := c.visitor(t).post(form, "Sec-Fetch-Dest: iframe")
	again := attribute(got.body, `target="_blank"`, "href")
	if got.status != http.StatusOK || !strings.Contains(got.body, "Your browser blocks sign-in inside the course page.") || !strings.HasPrefix(again, "/lti/login?") {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if rows, _ := c.counts(t, "", ""); rows != 0 {
		t.Errorf("%d rows were made", rows)
	}
	window := c.visitor(t)
	_, form, err := window.Answer(window.get(again).header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	if got := window.post(form); got.header.Get("Location") != "/events/bio-1/watch" {
		t.Errorf("in its own window: %d %s", got.status, got.body)
	}
}

func TestThePlatformKeepsTheSecretWhereCookiesAreRefused(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	click := c.to("/events/bio-1", stubplatform.Learner)
	click.Storage = "keeper"
	framed := c.visitor(t, "Sec-Fetch-Dest: iframe")
	put := framed.ask("POST", "/lti/login", framed.LaunchForm(click))
	key, secret := attribute(put.body, "data-lti-put", "data-key"), attribute(put.body, "data-lti-put", "data-value")
	if put.status != http.StatusOK || key == "" || secret == "" || attribute(put.body, "data-lti-put", "data-frame") != "keeper" || attribute(put.body, "data-lti-put", "data-origin") != c.Platform.URL {
		t.Fatalf("put: %d %s", put.status, put.body)
	}
	_, form, err := c.Answer(attribute(put.body, "data-lti-next", "href"))
	if err != nil {
		t.Fatal(err)
	}
	refusing := c.visitor(t, "Sec-Fetch-Dest: iframe")
	load := refusing.post(form)
	if load.status != http.StatusOK || attribute(load.body, "data-lti-get", "data-key") != key || attribute(load.body, `name="state"`, "value") != form.Get("state") || !strings.HasPrefix(attribute(load.body, `target="_blank"`, "href"), "/lti/login?") {
		t.Fatalf("get: %d %s", load.status, load.body)
	}
	form.Set("storage", secret)
	page := refusing.ask("POST", "/lti/launch", form)
	ticket := attribute(page.body, `name="ticket"`, "value")
	if page.status != http.StatusOK || ticket == "" || !strings.Contains(page.body, "Open in its own window") {
		t.Fatalf("with it: %d %s", page.status, page.body)
	}
	window := c.visitor(t)
	if got := window.ask("POST", "/lti/window", url.Values{"ticket": {ticket}}); got.header.Get("Location") != "/events/bio-1/watch" {
		t.Fatalf("the window: %d %s", got.status, got.body)
	}
	if got := window.get("/events/bio-1/watch"); got.status != http.StatusOK {
		t.Errorf("and in it: %d", got.status)
	}
	for _, spent := range []string{ticket, "", "x"} {
		if got := c.visitor(t).ask("POST", "/lti/window", url.Values{"ticket": {spent}}); got.status != http.StatusForbidden || len(got.header.Values("Set-Cookie")) > 0 {
			t.Errorf("ticket %q: %d", spent, got.status)
		}
	}
}

func TestWhoMayNeitherWatchNorEditHearsWhomToAsk(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	click := c.to("/events/hidden-1/edit", stubplatform.Learner)
	got := c.visitor(t, "Sec-Fetch-Dest: iframe", "Accept-Language: en").launch(click)
	if got.status != http.StatusForbidden || !strings.Contains(got.body, "You may neither watch nor edit this recording") || !strings.Contains(got.body, "Ask Amara Osei") || !strings.Contains(got.body, `href="`+click.Return+`" target="_top"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	click.Locale = "de-AT"
	if got := c.visitor(t, "Accept-Language: en").launch(click); got.status != http.StatusForbidden || !strings.Contains(got.body, "weder ansehen noch bearbeiten") || !strings.Contains(got.body, "Zurück zum Kurs") {
		t.Errorf("in German: %d %s", got.status, got.body)
	}
	gone := c.to("/events/none/edit", stubplatform.Learner)
	if got := c.visitor(t).launch(gone); got.status != http.StatusNotFound || !strings.Contains(got.body, "is not here, or was deleted") || !strings.Contains(got.body, click.Return) {
		t.Errorf("not there: %d %s", got.status, got.body)
	}
}

func TestASessionOfALaunchIsAnOrdinaryOne(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t)
	if got := v.launch(c.to("/", stubplatform.Learner)); got.status != http.StatusSeeOther {
		t.Fatal(got.status, got.body)
	}
	if got := v.get("/api/v1/me"); got.status != http.StatusOK || !strings.Contains(got.body, "bio_Learner") {
		t.Errorf("the API: %d %s", got.status, got.body)
	}
	if got := v.ask("POST", "/sign-out", nil); got.status != http.StatusSeeOther {
		t.Errorf("signing out: %d", got.status)
	}
	if got := v.get("/api/v1/me"); got.status != http.StatusUnauthorized {
		t.Errorf("afterwards: %d %s", got.status, got.body)
	}
}

// TestAPlatformFramesFromItsFirstLaunchOn: commands tell no node of what they register.
func TestAPlatformFramesFromItsFirstLaunchOn(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t, "Sec-Fetch-Dest: iframe")
	v.get("/sign-in") // who may frame is known from now on
	other := stubplatform.New()
	t.Cleanup(other.Close)
	other.Tool = c.Tool
	command := &lti.Store{DB: c.DB, Bus: live.Discard{}, Users: c.Users, Seal: c.LTI.Seal}
	if _, _, err := command.Add(t.Context(), c.admin, lti.NewPlatform{Issuer: other.URL, ClientID: other.ClientID, Deployment: other.Deployment, AuthURL: other.AuthURL(), JWKSURL: other.JWKSURL(), RolePrefix: "B_"}); err != nil {
		t.Fatal(err)
	}
	click := c.to("/events/bio-1", stubplatform.Learner)
	click.Storage = "_parent"
	got := v.ask("POST", "/lti/login", other.LaunchForm(click))
	if policy := got.header.Get("Content-Security-Policy"); got.status != http.StatusOK || !strings.Contains(policy, other.URL) {
		t.Errorf("%d %s", got.status, policy)
	}
}
