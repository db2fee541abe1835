package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/lti"
	"cutroom/internal/lti/otherplatform"
	"cutroom/internal/user"
)

// otherSite is a site that a platform by others may launch too. Its course bio has the recording other-1.
func otherSite(t *testing.T) (*courseSite, *otherplatform.Platform, lti.PlatformID) {
	t.Helper()
	c := newCourseSite(t)
	p := otherplatform.Start(t, c.site.url)
	made, _, err := c.LTI.Add(t.Context(), c.admin, lti.NewPlatform{Issuer: p.URL, ClientID: otherplatform.ClientID, Deployment: otherplatform.Deployment, AuthURL: p.URL + "/auth",
		TokenURL: p.URL + "/token", JWKSURL: p.URL + "/jwks", RolePrefix: "OTHER_"})
	if err != nil {
		t.Fatal(err)
	}
	amara, err := c.Users.WhoByName(t.Context(), dbtest.Tenant, "amara")
	if err != nil {
		t.Fatal(err)
	}
	acl := []event.ACLEntry{{Role: user.OwnRole("amara"), Action: "write"}, {Role: "OTHER_bio_Instructor", Action: "write"}, {Role: "OTHER_bio_Learner", Action: "read"}}
	if _, err := c.Events.Create(t.Context(), amara, event.Draft{ID: "other-1", Title: "Tides", ACL: acl}); err != nil {
		t.Fatal(err)
	}
	return c, p, made.ID
}

// comes goes a whole launch with a browser: the click, our login, the platform's answer, our launch.
func (v *visitor) comes(p *otherplatform.Platform, click otherplatform.Click) result {
	v.t.Helper()
	login := v.get(p.Login(v.t, click), "Sec-Fetch-Site: cross-site")
	if login.status != http.StatusFound || !strings.HasPrefix(login.header.Get("Location"), p.URL+"/auth?") {
		v.t.Fatalf("the login: %d %v %s", login.status, login.header, login.body)
	}
	return v.ask("POST", "/lti/launch", p.Answer(v.t, login.header.Get("Location")), "Origin: "+p.URL, "Sec-Fetch-Site: cross-site")
}

func inBio(name string, roles ...string) otherplatform.Click {
	return otherplatform.Click{User: name, Name: "Name of " + name, Roles: roles, Course: "bio", Title: "Biology"}
}

const (
	otherInstructor = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
	otherLearner    = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
)

func TestAPlatformByOthersLaunches(t *testing.T) {
	t.Parallel()
	c, p, _ := otherSite(t)
	for _, try := range []struct{ role, target, want string }{
		{otherInstructor, "/events/other-1/edit", "/events/other-1/edit"},
		{otherLearner, "/events/other-1/watch", "/events/other-1/watch"},
	} {
		v := c.visitor(t)
		click := inBio("of"+try.want[len(try.want)-4:], try.role)
		click.Target = c.site.url + try.target
		got := v.comes(p, click)
		if got.status != http.StatusSeeOther || got.header.Get("Location") != try.want {
			t.Errorf("%s: %d, to %s: %s", try.target, got.status, got.header.Get("Location"), got.body)
			continue
		}
		if page := v.get(try.want); page.status != http.StatusOK || !strings.Contains(page.body, "Tides") {
			t.Errorf("%s: %d", try.want, page.status)
		}
	}
	custom := inBio("custom", otherInstructor)
	custom.Target, custom.Custom = c.site.url+"/", map[string]any{"event": "other-1", "view": "watch"}
	if got := c.visitor(t).comes(p, custom); got.header.Get("Location") != "/events/other-1/watch" {
		t.Errorf("custom parameters: %d, to %s: %s", got.status, got.header.Get("Location"), got.body)
	}
}

func TestAPlatformByOthersTakesWhatWasChosen(t *testing.T) {
	t.Parallel()
	c, p, _ := otherSite(t)
	v := c.visitor(t)
	click := inBio("chooser", otherInstructor)
	click.Deep = true
	got := v.comes(p, click)
	to, err := url.Parse(got.header.Get("Location"))
	if err != nil || got.status != http.StatusSeeOther || to.Path != "/lti/deep-link" {
		t.Fatalf("%d, to %s: %s", got.status, got.header.Get("Location"), got.body)
	}
	page := v.ask("POST", "/lti/deep-link", url.Values{"launch": {to.Query().Get("launch")}, "event": {"other-1"}}, "Origin: "+v.site.url, "Sec-Fetch-Site: same-origin")
	if page.status != http.StatusOK || attribute(page.body, "data-send", "action") != p.URL+"/choice" {
		t.Fatalf("%d %s", page.status, page.body)
	}
	items := p.Choose(t, attribute(page.body, `name="JWT"`, "value"))
	if len(items) != 1 || items[0]["type"] != "ltiResourceLink" || items[0]["title"] != "Tides" {
		t.Fatalf("%v", items)
	}
	address, _ := items[0]["url"].(string)
	again := inBio("reader", otherLearner)
	again.Target = address
	if got := c.visitor(t).comes(p, again); got.status != http.StatusSeeOther || got.header.Get("Location") != "/events/other-1/watch" {
		t.Errorf("the link that was chosen: %d, to %s: %s", got.status, got.header.Get("Location"), got.body)
	}
}

func TestAPlatformByOthersTellsWhoIsInACourse(t *testing.T) {
	t.Parallel()
	c, p, id := otherSite(t)
	click := inBio("m1", otherInstructor)
	click.Target = c.site.url + "/events/other-1/edit"
	if got := c.visitor(t).comes(p, click); got.status != http.StatusSeeOther {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if err := c.LTI.SyncMembers(t.Context(), dbtest.Tenant, id, "bio"); err != nil {
		t.Fatal(err)
	}
	var people, learners int
	err := c.DB.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `select count(*), count(*) filter (where roles @> '{OTHER_bio_Learner}') from membership where source = $1 and context = 'bio'`, "lti:"+string(id)).Scan(&people, &learners)
	})
	if err != nil || people != 5 || learners != 4 {
		t.Errorf("%d people, %d learners, %v", people, learners, err)
	}
}

func TestLaunchesOfLTI11SignedByOthers(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	params := map[string]string{"user_id": "u1", "roles": "Instructor", "context_id": "bio", "context_title": "Biologie & Ökologie", "lis_person_name_full": "Zoë O'Neil + Söhne", "custom_tool": "/editor-ui/index.html?id=bio-1",
		"ext_tilde": "~*!'()", "empty": ""}
	form := otherplatform.Sign11(t, c.Tool.Launch11, c.ConsumerKey, c.Secret, params)
	v := c.visitor(t)
	if got := v.post11(form); got.status != http.StatusSeeOther || got.header.Get("Location") != "/events/bio-1/edit" {
		t.Fatalf("%d, to %s: %s", got.status, got.header.Get("Location"), got.body)
	}
	if got := v.post11(form); got.status < 400 || got.status >= 500 {
		t.Errorf("once more: %d", got.status)
	}
	if got := c.visitor(t).post11(otherplatform.Sign11(t, c.Tool.Launch11, c.ConsumerKey, "another secret", params)); got.status < 400 || got.status >= 500 {
		t.Errorf("another secret: %d", got.status)
	}
	bent := otherplatform.Sign11(t, c.Tool.Launch11, c.ConsumerKey, c.Secret, params)
	bent.Set("roles", "Administrator")
	if got := c.visitor(t).post11(bent); got.status < 400 || got.status >= 500 {
		t.Errorf("bent on its way: %d", got.status)
	}
}
