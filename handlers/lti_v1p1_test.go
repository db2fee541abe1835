package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"cutroom/internal/lti/stubplatform"
)

// launch11 posts a launch by LTI 1.1 as a course's page does; more sets parameters.
func (v *visitor) launch11(more map[string]string, headers ...string) result {
	v.t.Helper()
	form := map[string]string{"context_id": "bio", "context_title": "Biology", "launch_presentation_return_url": v.Platform.URL + "/course/7"}
	for name, value := range more {
		form[name] = value
	}
	return v.post11(v.Launch11(v.Tool.Launch11, form), headers...)
}

func (v *visitor) post11(form url.Values, headers ...string) result {
	v.t.Helper()
	return v.ask("POST", "/lti", form, append(headers, "Origin: "+v.Platform.URL, "Sec-Fetch-Site: cross-site")...)
}

func TestLinksOfOpencastOpenByLTI11(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	for _, try := range []struct{ roles, tool, want string }{
		{"Instructor", "/editor-ui/index.html?id=bio-1", "/events/bio-1/edit?lang=de"},
		{"urn:lti:role:ims/lis/Learner", "/editor-ui/index.html?id=bio-1", "/events/bio-1/watch?lang=de"},
		{"Instructor", "/play/bio-1", "/events/bio-1/watch?lang=de"},
		{"Learner", "/paella7/ui/watch.html?id=bio-1", "/events/bio-1/watch?lang=de"},
		{"Learner", "/engage/theodul/ui/core.html?id=bio-1", "/events/bio-1/watch?lang=de"},
		{"Learner", "/ltitools/index.html?subtool=series&series=s1", "/series/s1?lang=de"},
	} {
		got := c.visitor(t).launch11(map[string]string{"roles": try.roles, "custom_tool": try.tool, "custom_lang": "de", "user_id": try.roles})
		if got.status != http.StatusSeeOther || got.header.Get("Location") != try.want {
			t.Errorf("%s, %s: %d, to %s: %s", try.roles, try.tool, got.status, got.header.Get("Location"), got.body)
		}
	}
	for _, elsewhere := range []string{"https://evil.example/editor-ui/index.html?id=bio-1", "//evil.example", "/\\evil.example", "/admin-ui/index.html"} {
		got := c.visitor(t).launch11(map[string]string{"custom_tool": elsewhere})
		if got.status != http.StatusUnprocessableEntity || got.header.Get("Location") != "" || !strings.Contains(got.body, "Cutroom has no tool") {
			t.Errorf("%s: %d, to %s", elsewhere, got.status, got.header.Get("Location"))
		}
	}
	if _, lines := c.counts(t, "lti.refused", "lti.tool"); lines != 4 {
		t.Errorf("the audit log has %d", lines)
	}
}

func TestTheLanguageOfALaunchByLTI11(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t, "Accept-Language: en")
	if got := v.launch11(map[string]string{"launch_presentation_locale": "de_AT"}); got.status != http.StatusSeeOther {
		t.Fatal(got.status, got.body)
	}
	if got := v.get("/"); !strings.Contains(got.body, `lang="de"`) {
		t.Errorf("the pages speak otherwise: %d", got.status)
	}
	if got := c.visitor(t, "Accept-Language: en").launch11(map[string]string{"launch_presentation_locale": "de", "custom_tool": "x"}); !strings.Contains(got.body, "Cutroom hat kein Werkzeug") {
		t.Errorf("a refusal speaks otherwise: %s", got.body)
	}
}

// TestInAFrameCookiesAreTriedFirst: by LTI 1.1 nothing tells beforehand whether the browser keeps our cookies in a frame.
func TestInAFrameCookiesAreTriedFirst(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	link := map[string]string{"custom_event": "bio-1", "launch_presentation_locale": "de"}
	keeps := c.visitor(t, "Sec-Fetch-Dest: iframe")
	hop := keeps.launch11(link)
	at := hop.header.Get("Location")
	if hop.status != http.StatusSeeOther || !strings.HasPrefix(at, "/lti/window?") {
		t.Fatalf("%d, to %s", hop.status, at)
	}
	if got := keeps.get(at); got.status != http.StatusSeeOther || got.header.Get("Location") != "/events/bio-1/watch" {
		t.Errorf("who keeps cookies: %d %s", got.status, got.body)
	}
	if got := keeps.get("/events/bio-1/watch"); got.status != http.StatusOK {
		t.Errorf("and then: %d", got.status)
	}
	refuses := c.visitor(t, "Sec-Fetch-Dest: iframe")
	at = refuses.launch11(link).header.Get("Location")
	refuses.cookies = map[string]string{}
	page := refuses.get(at)
	ticket := attribute(page.body, `name="ticket"`, "value")
	if page.status != http.StatusOK || ticket == "" || !strings.Contains(page.body, "In eigenem Fenster öffnen") && !strings.Contains(page.body, `lang="de"`) {
		t.Fatalf("who refuses them: %d %s", page.status, page.body)
	}
	// Whoever sends somebody else to a ticket of theirs does not sign them in.
	victim := c.visitor(t)
	victim.cookies[ticketCookie] = ticketHash("another")
	if got := victim.get(at); got.status != http.StatusOK || len(victim.cookies) != 1 {
		t.Errorf("with another's ticket: %d", got.status)
	}
	window := c.visitor(t)
	if got := window.ask("POST", "/lti/window", url.Values{"ticket": {ticket}}, "Sec-Fetch-Site: same-origin"); got.header.Get("Location") != "/events/bio-1/watch" {
		t.Errorf("in its own window: %d %s", got.status, got.body)
	}
}

func TestRefusalsOfLTI11AreAlikeAndLogged(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	without := func(body string) string {
		_, rest, _ := strings.Cut(body, "<h1")
		before, _, _ := strings.Cut(rest, "failure-request")
		return before
	}
	good := c.Launch11(c.Tool.Launch11, nil)
	unknown := c.Launch11(c.Tool.Launch11, map[string]string{"oauth_consumer_key": "nobody's"})
	wrong := c.Launch11(c.Tool.Launch11, nil)
	wrong.Set("roles", "Instructor")
	a, b := c.visitor(t).post11(unknown), c.visitor(t).post11(wrong)
	if a.status != http.StatusForbidden || b.status != a.status || without(a.body) != without(b.body) || !strings.Contains(a.body, "not signed with a consumer key") || !strings.Contains(a.body, a.header.Get("X-Request-Id")) {
		t.Errorf("%d %s\n%d %s", a.status, a.body, b.status, b.body)
	}
	if rows, lines := c.counts(t, "lti.refused", "lti.oauth-signature"); rows != 0 || lines != 2 {
		t.Errorf("%d rows, %d lines", rows, lines)
	}
	if got := c.visitor(t).post11(good); got.status != http.StatusSeeOther {
		t.Fatalf("a right one: %d %s", got.status, got.body)
	}
	if got := c.visitor(t).post11(good); got.status != http.StatusConflict {
		t.Errorf("again: %d", got.status)
	}
}

// TestANonceOfLTI11IsGoodOnceForAll posts one launch many times at once.
func TestANonceOfLTI11IsGoodOnceForAll(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	form := c.Launch11(c.Tool.Launch11, nil)
	var wait sync.WaitGroup
	entered := make(chan int, 10)
	for range 10 {
		wait.Go(func() { entered <- c.visitor(t).post11(form).status })
	}
	wait.Wait()
	close(entered)
	good := 0
	for status := range entered {
		if status == http.StatusSeeOther {
			good++
		} else if status != http.StatusConflict {
			t.Error(status)
		}
	}
	if good != 1 {
		t.Errorf("%d entered", good)
	}
}

func TestLaunchesAreFormsOf256kB(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	for _, path := range []string{"/lti", "/lti/launch", "/lti/login"} {
		got := c.visitor(t).ask("POST", path, url.Values{"x": {strings.Repeat("x", maxLaunch)}})
		if got.status != http.StatusRequestEntityTooLarge || !strings.Contains(got.body, "larger than 256 kB") {
			t.Errorf("%s: %d %.200s", path, got.status, got.body)
		}
		if got := c.call(t, nil, "POST", path, `{"a":1}`, "Content-Type: application/json"); got.status != http.StatusUnsupportedMediaType {
			t.Errorf("%s: JSON: %d", path, got.status)
		}
		if got := c.call(t, nil, "POST", path, "a=%zz"); got.status != http.StatusBadRequest {
			t.Errorf("%s: no form: %d", path, got.status)
		}
	}
	big := c.visitor(t).launch11(map[string]string{"custom_x": strings.Repeat("x", maxLaunch-4000)})
	if big.status != http.StatusSeeOther {
		t.Errorf("a large one: %d", big.status)
	}
}

func TestLinksOfOpencastOutsideOfCourses(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	for path, want := range map[string]string{
		"/editor-ui/index.html?id=bio-1": "/events/bio-1/edit", "/play/bio-1": "/events/bio-1/watch", "/paella/ui/watch.html?id=bio-1": "/events/bio-1/watch",
		"/paella7/ui/watch.html?id=bio-1&t=3": "/events/bio-1/watch?t=3", "/engage/theodul/ui/core.html?id=bio-1": "/events/bio-1/watch", "/ltitools/index.html?subtool=series&series=s": "/series/s",
	} {
		if got := c.call(t, c.signedIn(t, "amara"), "GET", path, ""); got.status != http.StatusSeeOther || got.header.Get("Location") != want {
			t.Errorf("%s: %d, to %s", path, got.status, got.header.Get("Location"))
		}
	}
	for _, path := range []string{"/editor-ui/index.html", "/editor-ui/index.html?id=%2F%2Fevil.example", "/ltitools/index.html?subtool=upload"} {
		if got := c.visitor(t).get(path); got.status != http.StatusUnprocessableEntity || got.header.Get("Location") != "" {
			t.Errorf("%s: %d, to %s", path, got.status, got.header.Get("Location"))
		}
	}
}

// TestALectureHallComesAtOnce: limits count by registration and are wide; failures of somebody else hold nobody up.
func TestALectureHallComesAtOnce(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	form := c.LaunchForm(c.to("/events/bio-1", stubplatform.Learner))
	work := make(chan int)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range work {
				if got := c.visitor(t).ask("POST", "/lti/login", form); got.status != http.StatusFound {
					t.Errorf("a login: %d", got.status)
				}
			}
		})
	}
	for i := range 1000 {
		work <- i
	}
	close(work)
	wait.Wait()
}

func TestFailedLaunchesAreCountedByRegistration(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	for c.launches.fail("demo/" + string(c.id11)) {
		continue
	}
	wrong := func(key string) result {
		form := c.Launch11(c.Tool.Launch11, map[string]string{"oauth_consumer_key": key})
		form.Set("roles", "Instructor")
		return c.visitor(t).post11(form)
	}
	if got := wrong(c.ConsumerKey); got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") == "" || !strings.Contains(got.body, "Too many launches") {
		t.Errorf("one more: %d %s", got.status, got.body)
	}
	if got := wrong("another"); got.status != http.StatusForbidden {
		t.Errorf("another registration: %d", got.status)
	}
	if got := c.visitor(t).launch11(nil); got.status != http.StatusSeeOther {
		t.Errorf("a right launch of the same: %d %s", got.status, got.body)
	}
	if _, lines := c.counts(t, "lti.refused", ""); lines != 1 {
		t.Errorf("%d lines", lines)
	}
	var l launchLimits
	for i := range mostLaunchLimits * 2 {
		l.fail(fmt.Sprint(i))
	}
	if len(l.failed) > mostLaunchLimits+1 {
		t.Errorf("%d registrations are remembered", len(l.failed))
	}
}
