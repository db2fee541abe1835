package handlers

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/lti/stubplatform"
)

// picks is a click on "choose content" in the course.
func (c *courseSite) picks(roles ...string) stubplatform.Click {
	click := c.to("/lti/deep-link", roles...)
	click.Message, click.Data = stubplatform.DeepLinking, "platform's own"
	return click
}

// picking opens the picker and gives the launch that it is about.
func (v *visitor) picking(c stubplatform.Click) (launch string) {
	v.t.Helper()
	got := v.launch(c)
	to, err := url.Parse(got.header.Get("Location"))
	if err != nil || got.status != http.StatusSeeOther || to.Path != "/lti/deep-link" {
		v.t.Fatalf("the launch leads to %s: %d %s", got.header.Get("Location"), got.status, got.body)
	}
	return to.Query().Get("launch")
}

// send posts a choice, and the page that comes to the platform as a browser does.
func (v *visitor) send(form url.Values) result {
	v.t.Helper()
	got := v.ask("POST", "/lti/deep-link", form, "Origin: "+v.site.url, "Sec-Fetch-Site: same-origin")
	if got.status != http.StatusOK {
		return got
	}
	to := html.UnescapeString(attribute(got.body, "data-send", "action"))
	if policy := got.header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "form-action "+v.Platform.URL) || strings.Count(policy, "form-action") != 1 {
		v.t.Errorf("the policy of the answer is %q", policy)
	}
	if got.header.Get("Cache-Control") != "no-store" {
		v.t.Error("the answer may be kept")
	}
	res, err := http.PostForm(to, url.Values{"JWT": {attribute(got.body, `name="JWT"`, "value")}})
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		v.t.Errorf("the platform answers %s", res.Status)
	}
	return got
}

// chose gives the links of the last answer.
func (c *courseSite) chose(t *testing.T, answers int) []map[string]any {
	t.Helper()
	all := c.Choices()
	if len(all) != answers {
		t.Fatalf("the platform got %d answers, want %d", len(all), answers)
	}
	if answers == 0 {
		return nil
	}
	last := all[len(all)-1]
	if last.Claims["https://purl.imsglobal.org/spec/lti-dl/claim/data"] != "platform's own" {
		t.Errorf("data came back as %v", last.Claims["https://purl.imsglobal.org/spec/lti-dl/claim/data"])
	}
	return last.Items
}

func TestOneRecordingGoesIntoTheCourseAtOnce(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t)
	launch := v.picking(c.picks(stubplatform.Instructor))
	page := v.get("/lti/deep-link?launch=" + launch)
	if page.status != http.StatusOK || !strings.Contains(page.body, "Add to Biology") || !strings.Contains(page.body, `value="bio-1"`) || !strings.Contains(page.body, "Add to the course") || strings.Contains(page.body, "hidden-1") {
		t.Fatalf("the picker: %d %s", page.status, page.body)
	}
	v.send(url.Values{"launch": {launch}, "event": {"bio-1"}})
	items := c.chose(t, 1)
	if len(items) != 1 || items[0]["type"] != "ltiResourceLink" || items[0]["url"] != v.site.url+"/events/bio-1/watch" || items[0]["title"] != "Waves" {
		t.Errorf("the link is %v", items)
	}
	if again := v.send(url.Values{"launch": {launch}, "event": {"bio-1"}}); again.status != http.StatusConflict || !strings.Contains(again.body, "was sent to your course already") {
		t.Errorf("again: %d", again.status)
	}
	c.chose(t, 1)
}

func TestSeveralLinksWithTitleStartAndPlace(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t)
	launch := v.picking(c.picks(stubplatform.Instructor))
	made := c.recordingFor(t, "bio_Learner", "bio-2", "Tides")
	v.send(url.Values{"launch": {launch}, "item": {"bio-1", string(made.ID)}, "title.bio-1": {" <b>Cut it</b> "}, "view.bio-1": {"edit"}, "start.bio-1": {"1:02:03"}, "place.bio-1": {"window"},
		"title.bio-2": {"Tides, later"}, "start.bio-2": {"17:54"}, "place.bio-2": {"iframe"}})
	items := c.chose(t, 1)
	if len(items) != 2 {
		t.Fatalf("%d links", len(items))
	}
	for i, want := range []string{
		`map[custom:map[event:bio-1 t:3723 view:edit] title:<b>Cut it</b> type:ltiResourceLink url:` + v.site.url + `/events/bio-1/edit?t=3723 window:map[targetName:_blank]]`,
		`map[custom:map[event:bio-2 t:1074 view:watch] iframe:map[height:640 width:1000] title:Tides, later type:ltiResourceLink url:` + v.site.url + `/events/bio-2/watch?t=1074]`,
	} {
		if got := fmt.Sprint(items[i]); got != want {
			t.Errorf("link %d is\n%s, want\n%s", i, got, want)
		}
	}
}

// recordingFor is one of amara's that others with a role may watch.
func (c *courseSite) recordingFor(t *testing.T, role string, id event.ID, title string) event.Event {
	t.Helper()
	amara, err := c.Users.WhoByName(t.Context(), c.tenantID(), "amara")
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.Events.Create(t.Context(), amara, event.Draft{ID: id, Title: title, ACL: []event.ACLEntry{{Role: "ROLE_USER_AMARA", Action: "write"}, {Role: role, Action: "read"}, {Role: "bio_Instructor", Action: "read"}}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAWrongChoiceIsToldAndKept(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t)
	launch := v.picking(c.picks(stubplatform.Instructor))
	c.recordingFor(t, "bio_Learner", "bio-2", "Tides")
	for name, try := range map[string]struct {
		form url.Values
		says string
	}{
		"nothing":                     {url.Values{}, "Choose a recording first."},
		"no time":                     {url.Values{"item": {"bio-1"}, "start.bio-1": {"soon"}}, "Type a time like 17:54 or 1:02:03."},
		"minutes that are none":       {url.Values{"item": {"bio-1"}, "start.bio-1": {"1:75:00"}}, "Type a time like"},
		"no title":                    {url.Values{"item": {"bio-1"}, "title.bio-1": {"  "}}, "Write a title."},
		"a long title":                {url.Values{"item": {"bio-1"}, "title.bio-1": {strings.Repeat("x", 1025)}}, "up to 1,024 bytes"},
		"to edit without the right":   {url.Values{"item": {"bio-2"}, "view.bio-2": {"edit"}}, "You may watch this recording, not change it."},
		"a view that is none":         {url.Values{"item": {"bio-1"}, "view.bio-1": {"destroy"}}, "You may watch this recording, not change it."},
		"a recording of others":       {url.Values{"item": {"hidden-1"}}, "is not there any more, or not for you"},
		"one of others beside a good": {url.Values{"item": {"bio-1", "hidden-1"}}, "is not there any more, or not for you"},
		"an id that is none":          {url.Values{"event": {"../../x"}}, "is not there any more, or not for you"},
	} {
		try.form.Set("launch", launch)
		got := v.send(try.form)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(got.body), try.says) {
			t.Errorf("%s: %d, without %q", name, got.status, try.says)
		}
		if start := try.form.Get("start.bio-1"); start != "" && !strings.Contains(got.body, `value="`+start+`"`) {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
	c.chose(t, 0)
	many := url.Values{"launch": {launch}}
	for i := range 101 {
		id := fmt.Sprintf("many-%d", i)
		c.recordingFor(t, "bio_Learner", event.ID(id), id)
		many.Add("item", id)
	}
	if got := v.send(many); got.status != http.StatusUnprocessableEntity {
		t.Errorf("101 links: %d", got.status)
	}
}

func TestACourseThatTakesOneGetsOne(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t)
	click := c.picks(stubplatform.Instructor)
	click.One = true
	launch := v.picking(click)
	c.recordingFor(t, "bio_Learner", "bio-2", "Tides")
	if got := v.send(url.Values{"launch": {launch}, "item": {"bio-1", "bio-2"}}); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "one recording at a time") {
		t.Errorf("two: %d", got.status)
	}
	tray := v.get("/lti/deep-link/picked?launch=" + launch + "&item=bio-1&add=bio-2")
	if tray.status != http.StatusOK || strings.Contains(tray.body, `data-picked="bio-1"`) || !strings.Contains(tray.body, `data-picked="bio-2"`) {
		t.Errorf("another one is chosen: %d %s", tray.status, tray.body)
	}
	v.send(url.Values{"launch": {launch}, "item": {"bio-1"}, "event": {"bio-2"}})
	if items := c.chose(t, 1); len(items) != 1 || items[0]["title"] != "Tides" {
		t.Errorf("the links are %v", items)
	}
}

func TestWhatIsChosenStandsInTheAddress(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t)
	launch := v.picking(c.picks(stubplatform.Instructor))
	c.recordingFor(t, "bio_Learner", "bio-2", "Tides")
	page := v.get("/lti/deep-link?launch=" + launch + "&q=Tides&item=bio-1&title.bio-1=Mine&start.bio-1=90&add=bio-2&item=hidden-1")
	for _, want := range []string{`data-picked="bio-1"`, `value="Mine"`, `value="90"`, `data-picked="bio-2"`, "Add 2 to the course", `name="q" value="Tides"`, "was taken out"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page.body, `data-choose="bio-1"`) || !strings.Contains(page.body, `data-choose="bio-2"`) {
		t.Error("the list is not that of the search")
	}
	page = v.get("/lti/deep-link?launch=" + launch + "&item=bio-1&item=bio-2&remove=bio-1")
	if strings.Contains(page.body, `data-picked="bio-1"`) || !strings.Contains(page.body, `data-picked="bio-2"`) {
		t.Error("what was taken out stays")
	}
	for path, want := range map[string]string{"/list?launch=" + launch: `<li class="recording"`, "/list?whole=yes&launch=" + launch: `<div id="recordings"`, "/list?q=hamster&launch=" + launch: "Nothing found", "/picked?launch=" + launch: `<div id="picked"`} {
		if got := v.get("/lti/deep-link" + path); got.status != http.StatusOK || strings.Contains(got.body, "<html") || !strings.Contains(got.body, want) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

func TestAChoiceIsOnePersons(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v, other := c.visitor(t), c.visitor(t)
	launch := v.picking(c.picks(stubplatform.Instructor))
	click := c.picks(stubplatform.Instructor)
	click.Subject = "person-2"
	other.picking(click)
	for _, path := range []string{"", "/list", "/picked"} {
		if got := other.get("/lti/deep-link" + path + "?launch=" + launch); got.status != http.StatusNotFound {
			t.Errorf("somebody else's %q: %d", path, got.status)
		}
	}
	if got := other.send(url.Values{"launch": {launch}, "event": {"bio-1"}}); got.status != http.StatusNotFound || !strings.Contains(got.body, "Go back to your course") {
		t.Errorf("answered for somebody else: %d %s", got.status, got.body)
	}
	c.execute(t, "update lti_launch set expires_at = now() where id = $1", launch)
	if got := v.get("/lti/deep-link?launch=" + launch); got.status != http.StatusConflict || !strings.Contains(got.body, "open for too long") {
		t.Errorf("too late: %d %s", got.status, got.body)
	}
	if got := v.send(url.Values{"launch": {launch}, "event": {"bio-1"}}); got.status != http.StatusConflict {
		t.Errorf("answered too late: %d", got.status)
	}
	c.chose(t, 0)
}

func TestWhatTheCourseMayNotWatchIsShared(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t)
	launch := v.picking(c.picks(stubplatform.Instructor))
	c.recordingFor(t, "STAFF", "bio-2", "Tides") // the course's teachers may watch it, not change it
	c.recordingFor(t, "STAFF", "bio-3", "Shores")
	c.execute(t, "insert into event_acl (event_id, role, action) values ('bio-3', 'bio_Instructor', 'write')")
	tray := v.get("/lti/deep-link/picked?launch=" + launch + "&item=bio-1&item=bio-2&item=bio-3")
	if strings.Contains(tray.body, "share.bio-1") || strings.Contains(tray.body, "share.bio-2") || !strings.Contains(html.UnescapeString(tray.body), "The course's students may not watch it.") || !strings.Contains(tray.body, `name="share.bio-3"`) {
		t.Errorf("what is asked: %s", tray.body)
	}
	v.send(url.Values{"launch": {launch}, "item": {"bio-2", "bio-3"}, "share.bio-2": {"yes"}, "share.bio-3": {"yes"}})
	c.chose(t, 1)
	wantACL(t, "what may be shared", c.aclOf(t, "bio-3"), "read STAFF", "read bio_Instructor", "read bio_Learner", "write ROLE_USER_AMARA", "write bio_Instructor")
	wantACL(t, "what may not", c.aclOf(t, "bio-2"), "read STAFF", "read bio_Instructor", "write ROLE_USER_AMARA")
}

func TestAddingNothingGoesBack(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t)
	launch := v.picking(c.picks(stubplatform.Instructor))
	v.send(url.Values{"launch": {launch}, "cancel": {"yes"}, "item": {"bio-1"}})
	if items := c.chose(t, 1); len(items) != 0 {
		t.Errorf("the links are %v", items)
	}
}

func TestACourseThatTakesNoLinks(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t)
	launch := v.picking(c.picks(stubplatform.Instructor))
	c.execute(t, `update lti_launch set deep_link = deep_link || '{"types": ["file"]}' where id = $1`, launch)
	if page := v.get("/lti/deep-link?launch=" + launch); page.status != http.StatusOK || !strings.Contains(page.body, "takes no links here") || strings.Contains(page.body, `value="bio-1"`) {
		t.Errorf("the page: %d", page.status)
	}
	if got := v.send(url.Values{"launch": {launch}, "event": {"bio-1"}}); got.status != http.StatusConflict {
		t.Errorf("a link all the same: %d", got.status)
	}
	v.send(url.Values{"launch": {launch}, "cancel": {"yes"}})
	c.chose(t, 1)
}

func TestStartTimes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{"": 0, "0": 0, "90": 90, "1074": 1074, "17:54": 1074, "0:07": 7, "75:30": 4530, "1:02:03": 3723, "17:54.5": 1074, "17:54,25": 1074} {
		if got, err := startOf(text, 0); err != nil || got.Seconds() != want {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"x", "-1", "1:2:3:4", "17:60", "1:60:00", "1:", ":5", "1e3", "17.54.3", "9999999", "١٧", "17:54 "} {
		if got, err := startOf(text, 0); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
	if _, err := startOf("0:50", 50_000); fault.KindOf(err) != fault.Invalid || err == nil {
		t.Error("a start at the end")
	}
	if got, err := startOf("0:49", 50_000); err != nil || got.Seconds() != 49 {
		t.Errorf("a start before the end: %v, %v", got, err)
	}
}

func TestAddressesStartWhereTheySay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"": 0, "1074": 1_074_000, "17.5": 17_500, "17:54": 1_074_000, "1:02:03": 3_723_000, "-5": 0, "x": 0, "NaN": 0, "Inf": 0, "1e99": 0, "0x10": 0} {
		if got := startParameter(text); got != want {
			t.Errorf("t=%s starts at %d ms, want %d", text, got, want)
		}
	}
}

func FuzzStart(f *testing.F) {
	for _, text := range []string{"17:54", "1:02:03.5", "", "99999999999"} {
		f.Add(text, int64(3_000_000))
	}
	f.Fuzz(func(t *testing.T, text string, length int64) {
		if start, err := startOf(text, length); err == nil && (start < 0 || length > 0 && text != "" && start.Milliseconds() >= length) {
			t.Errorf("%q in %d is %v", text, length, start)
		}
	})
}
