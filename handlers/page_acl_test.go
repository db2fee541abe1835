package handlers

import (
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/lti"
	"cutroom/internal/user"
)

// courseOf makes the course "Biology 101" of a learning platform, from which somebody comes with a role.
func (s *site) courseOf(t *testing.T, name, role string) {
	t.Helper()
	err := s.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `
			insert into lti_platform (id, version, status, name, issuer, client_id, deployment, auth_url, jwks_url, created_by, approved_at, approved_by)
			values ('p', '1.3', 'active', 'Moodle', 'https://m.example', 'c', '1', 'https://m.example/a', 'https://m.example/k', 'ada', now(), 'ada');
			insert into lti_course (platform_id, context, title, roles) values ('p', 'bio', 'Biology 101', '{bio_Instructor}')`)
		if err == nil {
			_, err = tx.Exec(t.Context(), "insert into membership (user_name, source, context, roles, rank, until) values ($1, 'lti:p', 'bio', array[$2], 'editor', $3)", name, role, time.Now().Add(time.Hour))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *site) acl(t *testing.T, id event.ID) string {
	t.Helper()
	e, err := s.Events.Find(t.Context(), s.admin, id, event.ToRead)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(e.ACL)
}

// has fails unless an answer has a status and the texts.
func (r result) has(t *testing.T, status int, texts ...string) {
	t.Helper()
	if r.status != status {
		t.Errorf("status %d, want %d: %s", r.status, status, r.body)
	}
	body := strings.Join(strings.Fields(html.UnescapeString(r.body)), " ")
	for _, text := range texts {
		if !strings.Contains(body, text) {
			t.Errorf("%q is not in %s", text, body)
		}
	}
}

const scripts = "HX-Request: true"

func TestWhoMayIsChangedByName(t *testing.T) {
	t.Parallel()
	s := pageSetup(t)
	s.LTI = &lti.Store{DB: s.DB, Users: s.Users}
	s.courseOf(t, "vera", "bio_Instructor")
	e := s.recordingOf(t, "ben", event.Draft{Title: "Waves"})
	ben, path := s.signedIn(t, "ben"), "/events/"+string(e.ID)
	rows := "role=ROLE_USER_BEN&may=edit&role=ROLE_USER_VERA&may=watch"
	for _, name := range []string{"twin1", "twin2"} {
		if _, err := s.Users.Ensure(t.Context(), s.admin, user.NewPerson{Name: name, DisplayName: "Kim Twin"}); err != nil {
			t.Fatal(err)
		}
	}

	s.call(t, ben, "GET", "/acl/find?add=", "").has(t, 200, "Everybody who is signed in", "Everybody, also without signing in")
	s.call(t, ben, "GET", "/acl/find?add=kim", "").has(t, 200, `value="ROLE_USER_TWIN1"`, "twin2")
	s.call(t, ben, "GET", "/acl/find?add=biol", "").has(t, 200, `value="bio_Instructor"`, `value="bio_Learner"`)
	s.call(t, s.signedIn(t, "vera"), "GET", "/events/"+string(e.ID)+"/acl?check=ben", "", scripts).has(t, 403)

	for typed, want := range map[string]string{"CHLOE": "{ROLE_USER_CHLOE read}", "everybody who is signed in": "{ROLE_USER read}", "bio_Learner": "{bio_Learner read}"} {
		s.call(t, ben, "POST", path+"/acl", rows+"&addMay=watch&do=add&add="+url.QueryEscape(typed), scripts).has(t, 200, "Saved")
		if got := s.acl(t, e.ID); !strings.Contains(got, want) {
			t.Errorf("%s: %s", typed, got)
		}
	}
	s.call(t, ben, "POST", path+"/acl", rows+"&addMay=edit&add=half+a+na", scripts).has(t, 200, "Saved", `value="half a na"`)
	before := s.acl(t, e.ID)
	if strings.Contains(before, "half") {
		t.Errorf("what is not added yet is on the list: %s", before)
	}
	s.call(t, ben, "POST", path+"/acl", rows+"&addMay=edit&do=add&add=kim+twin", scripts).has(t, 422, "“kim twin” may mean more than one", `value="ROLE_USER_TWIN2"`)
	s.call(t, ben, "POST", path+"/acl", rows+"&addMay=edit&do=add&add=Nobody+Knows", scripts).has(t, 422, "Nobody and no course here is called “Nobody Knows”", `value="Nobody Knows"`, "Add the role")
	s.call(t, ben, "POST", path+"/acl", rows+"&addMay=edit&do=add&add=Nobody+Knows").has(t, 422, "<h1", "Nobody and no course here is called")
	s.call(t, ben, "POST", path+"/acl", rows+"&version=old", scripts).has(t, 412, "Somebody else changed this list meanwhile")
	for _, broken := range []string{"", "role=ROLE_USER_BEN&may=fly", "role=ROLE_USER_BEN", "may=edit", "add=vera&addMay=watch&do=add", rows + "&do=add&add=vera&addMay=own"} {
		s.call(t, ben, "POST", path+"/acl", broken).has(t, 422, "nothing was saved")
	}
	s.call(t, ben, "POST", path+"/acl", "role=ROLE_USER_BEN&may=none", scripts).has(t, 409, "This takes away your own right to edit.")
	s.call(t, ben, "POST", path+"/acl", "role=ROLE_USER_BEN&may=none").has(t, 409, "<h1", "This takes away your own right to edit.")
	if got := s.acl(t, e.ID); got != before {
		t.Errorf("what was refused changed it: %s", got)
	}
	s.call(t, ben, "POST", path+"/acl", rows+"&addMay=edit&pick=Nobody+Knows", scripts).has(t, 200, "Whoever has the role “Nobody Knows” may edit.")
	if got := s.call(t, ben, "POST", path+"/acl", rows); got.status != 303 || got.header.Get("Location") != path {
		t.Errorf("without scripts: %d %v", got.status, got.header)
	}
}

func TestRightsAreExplained(t *testing.T) {
	t.Parallel()
	s := pageSetup(t)
	s.LTI = &lti.Store{DB: s.DB, Users: s.Users}
	s.courseOf(t, "vera", "bio_Instructor")
	e := s.recordingOf(t, "ben", event.Draft{Title: "Waves"})
	acl := []event.ACLEntry{{Role: "bio_Instructor", Action: "write"}, {Role: "ROLE_USER", Action: "read"}}
	if _, err := s.Events.PutACL(t.Context(), s.admin, e.ID, append(acl, event.ACLEntry{Role: "ROLE_USER_BEN", Action: "write"}), false); err != nil {
		t.Fatal(err)
	}
	path, course := "/events/"+string(e.ID), "Biology 101"
	vera := s.signedIn(t, "vera")
	s.call(t, vera, "GET", path, "").has(t, 200, "Your own right to edit comes from here alone.", "ben may edit: by name.", "vera may edit: ", "Administrators may do all.", "Everybody who is signed in may watch.")
	for name, want := range map[string]string{"ben": "ben may edit: by name.", "chloe": "chloe may watch: everybody who is signed in.", "ada": "ada may do all: administrator.", "vera": course, "nobody": "Nobody here is called “nobody”."} {
		s.call(t, vera, "GET", path+"/acl?check="+name, "", scripts).has(t, 200, want)
		s.call(t, vera, "GET", path+"?check="+name, "").has(t, 200, "<h1", want)
	}
	s.call(t, vera, "GET", path+"/acl?check=chloe", "", scripts, "Accept-Language: de").has(t, 200, "chloe darf ansehen: alle Angemeldeten.")
	if got := s.call(t, vera, "GET", path+"/acl?check=ben", ""); got.status != 303 || got.header.Get("Location") != path+"?check=ben#acl-checked" {
		t.Errorf("without scripts: %d %v", got.status, got.header)
	}
	// The right that comes from a course is guarded as one's own.
	s.call(t, vera, "POST", path+"/acl", "role=ROLE_USER_BEN&may=edit&role=bio_Instructor&may=watch", scripts).has(t, 409, "This takes away your own right to edit.")
}

func TestASeriesListIsUsedAndKept(t *testing.T) {
	t.Parallel()
	s := pageSetup(t)
	ben, err := s.Users.WhoByName(t.Context(), dbtest.Tenant, "ben")
	if err != nil {
		t.Fatal(err)
	}
	one, err := s.Events.CreateSeries(t.Context(), ben, event.SeriesDraft{Title: "Physics"})
	if err != nil {
		t.Fatal(err)
	}
	e := s.recordingOf(t, "ben", event.Draft{Title: "Waves", Series: &one.ID})
	browser, series, path := s.signedIn(t, "ben"), "/series/"+string(one.ID), "/events/"+string(e.ID)
	s.call(t, browser, "POST", series+"/acl", "role=ROLE_USER_BEN&may=edit&do=add&add=chloe&addMay=edit", scripts).has(t, 200, "Saved", "Applies to recordings added from now on.", "ben may edit: made this series.")
	s.call(t, browser, "GET", series+"?check=chloe", "").has(t, 200, "chloe may edit: by name.")
	s.call(t, browser, "GET", series+"/acl?check=vera", "", scripts).has(t, 200, "vera may neither watch nor edit.")
	s.call(t, browser, "GET", path, "").has(t, 200, "Use the list of “Physics”")
	s.call(t, browser, "POST", path+"/acl", "use=series", scripts).has(t, 200, "Saved")
	if got := s.acl(t, e.ID); !strings.Contains(got, "{ROLE_USER_CHLOE write}") || strings.Contains(got, "VERA") {
		t.Errorf("got %s", got)
	}
	if got := s.call(t, browser, "GET", path, ""); strings.Contains(got.body, "Use the list of") {
		t.Error("the same list is offered")
	}
	chloe := s.signedIn(t, "chloe")
	s.call(t, chloe, "POST", series+"/acl", "role=ROLE_USER_BEN&may=edit").has(t, 409, "<h1", "This takes away your own right to edit.")
}

// Two hundred rows are drawn and saved whole.
func TestALongList(t *testing.T) {
	t.Parallel()
	s := pageSetup(t)
	e := s.recordingOf(t, "ben", event.Draft{Title: "Waves"})
	form := "role=ROLE_USER_BEN&may=edit"
	for i := range 200 {
		form += fmt.Sprintf("&role=ROLE_X_%d&may=watch", i)
	}
	got := s.call(t, s.signedIn(t, "ben"), "POST", "/events/"+string(e.ID)+"/acl", form, scripts)
	got.has(t, 200, "Saved", "acl-rows-many")
	if n := strings.Count(got.body, `name="may"`); n != 201 {
		t.Errorf("%d rows", n)
	}
}
