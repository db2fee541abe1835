package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/live"
	"cutroom/internal/lti"
	"cutroom/internal/lti/stubplatform"
	"cutroom/internal/seal"
	"cutroom/internal/user"
)

// courseSite is a site with a learning platform that may launch it, by LTI 1.3 and 1.1. Course bio has the recording bio-1: its
// instructors may edit it, its learners watch it. hidden-1 is amara's alone.
type courseSite struct {
	*site
	*stubplatform.Platform
	id, id11 lti.PlatformID
}

func newCourseSite(t *testing.T) *courseSite {
	t.Helper()
	s := pageSetup(t)
	sealed, err := seal.New([]byte("a secret of the tests"))
	if err != nil {
		t.Fatal(err)
	}
	s.LTI = &lti.Store{DB: s.DB, Bus: live.Discard{}, Users: s.Users, Seal: sealed}
	c := &courseSite{site: s, Platform: stubplatform.New()}
	t.Cleanup(c.Close)
	c.Tool = stubplatform.ToolAt(s.url)
	made, _, err := s.LTI.Add(t.Context(), s.admin, lti.NewPlatform{Issuer: c.URL, ClientID: c.ClientID, Deployment: c.Deployment, AuthURL: c.AuthURL(), TokenURL: c.TokenURL(), JWKSURL: c.JWKSURL()})
	if err != nil {
		t.Fatal(err)
	}
	old, secret, err := s.LTI.Add(t.Context(), s.admin, lti.NewPlatform{Version: lti.V11, Key: c.ConsumerKey, RolePrefix: "OLD_"})
	if err != nil {
		t.Fatal(err)
	}
	c.id, c.id11, c.Secret = made.ID, old.ID, secret
	if _, err := s.Users.Ensure(t.Context(), s.admin, user.NewPerson{Name: "amara", DisplayName: "Amara Osei", Role: "editor"}); err != nil {
		t.Fatal(err)
	}
	amara, err := s.Users.WhoByName(t.Context(), dbtest.Tenant, "amara")
	if err != nil {
		t.Fatal(err)
	}
	own := event.ACLEntry{Role: user.OwnRole("amara"), Action: "write"}
	course := []event.ACLEntry{own, {Role: "bio_Instructor", Action: "write"}, {Role: "bio_Learner", Action: "read"}, {Role: "OLD_bio_Instructor", Action: "write"}, {Role: "OLD_bio_Learner", Action: "read"}}
	for id, acl := range map[event.ID][]event.ACLEntry{"bio-1": course, "hidden-1": {own}} {
		if _, err := s.Events.Create(t.Context(), amara, event.Draft{ID: id, Title: "Waves", ACL: acl}); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// visitor is a browser that keeps cookies as those of a frame are kept, secure ones over loopback too.
type visitor struct {
	*courseSite
	t       *testing.T
	cookies map[string]string
	headers []string
}

func (c *courseSite) visitor(t *testing.T, headers ...string) *visitor {
	return &visitor{c, t, map[string]string{}, headers}
}

func (v *visitor) ask(method, path string, form url.Values, headers ...string) result {
	v.t.Helper()
	headers = append(headers, v.headers...)
	if len(v.cookies) > 0 {
		var all []string
		for name, value := range v.cookies {
			all = append(all, name+"="+value)
		}
		headers = append(headers, "Cookie: "+strings.Join(all, "; "))
	}
	got := v.call(v.t, nil, method, strings.TrimPrefix(path, v.site.url), form.Encode(), headers...)
	for _, line := range got.header.Values("Set-Cookie") {
		cookie, err := http.ParseSetCookie(line)
		if err != nil {
			v.t.Fatal(err)
		}
		if delete(v.cookies, cookie.Name); cookie.MaxAge >= 0 {
			v.cookies[cookie.Name] = cookie.Value
		}
	}
	return got
}

func (v *visitor) get(path string, headers ...string) result {
	return v.ask("GET", path, nil, headers...)
}

// answered begins a login and gives what the platform answers it with.
func (v *visitor) answered(c stubplatform.Click) url.Values {
	v.t.Helper()
	got := v.ask("POST", "/lti/login", v.LaunchForm(c), "Origin: "+v.Platform.URL, "Sec-Fetch-Site: cross-site")
	to := got.header.Get("Location")
	if got.status == http.StatusOK { // the page that keeps a secret in the platform's storage
		to = attribute(got.body, "data-lti-next", "href")
	}
	_, form, err := v.Answer(to)
	if err != nil {
		v.t.Fatalf("login: %d %s: %v", got.status, got.body, err)
	}
	return form
}

// launch clicks a link in a course.
func (v *visitor) launch(c stubplatform.Click) result {
	v.t.Helper()
	return v.post(v.answered(c))
}

func (v *visitor) post(form url.Values, headers ...string) result {
	v.t.Helper()
	return v.ask("POST", "/lti/launch", form, append(headers, "Origin: "+v.Platform.URL, "Sec-Fetch-Site: cross-site")...)
}

// to is a click on a link to a place here, in course bio.
func (c *courseSite) to(path string, roles ...string) stubplatform.Click {
	return stubplatform.Click{Target: c.site.url + path, Roles: roles, Context: "bio", Title: "Biology", Return: c.Platform.URL + "/course/7", Name: "Jonas Weber"}
}

// attribute is that of the element which has the other attribute.
func attribute(page, has, name string) string {
	for _, tag := range strings.Split(page, "<") {
		tag, _, _ = strings.Cut(tag, ">")
		if !strings.Contains(tag, has) {
			continue
		}
		if _, rest, ok := strings.Cut(tag, name+`="`); ok {
			value, _, _ := strings.Cut(rest, `"`)
			return strings.NewReplacer("&amp;", "&", "&#34;", `"`, "&#43;", "+").Replace(value)
		}
	}
	return ""
}

// counts are the rows that a launch makes, and how many lines the audit log has of an action.
func (c *courseSite) counts(t *testing.T, action, reason string) (rows, lines int) {
	t.Helper()
	err := c.DB.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `select (select count(*) from identity) + (select count(*) from membership) + (select count(*) from lti_launch) + (select count(*) from lti_course)
				+ (select count(*) from session) + (select count(*) from lti_nonce), (select count(*) from audit_log where action = $1 and ($2 = '' or detail->>'reason' = $2))`, action, reason).Scan(&rows, &lines)
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, lines
}
