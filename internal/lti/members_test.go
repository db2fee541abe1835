package lti

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/lti/stubplatform"
	"cutroom/internal/seal"
	"cutroom/internal/user"
)

// setupMembers is setupLaunches with keys of ours that the platform reads.
func setupMembers(t *testing.T) launches {
	t.Helper()
	l := setupLaunches(t)
	sealed, err := seal.New([]byte("a secret of tests, long enough"))
	if err != nil {
		t.Fatal(err)
	}
	l.Seal = sealed
	keys := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		set, err := l.JWKS(r.Context(), dbtest.Tenant)
		if err != nil {
			t.Error(err)
		}
		_ = json.NewEncoder(w).Encode(set)
	}))
	t.Cleanup(keys.Close)
	l.stub.Tool.JWKS = keys.URL
	return l
}

func (l launches) sync(t *testing.T) {
	t.Helper()
	if err := l.SyncMembers(t.Context(), dbtest.Tenant, l.platform.ID, "course-1"); err != nil {
		t.Fatal(err)
	}
}

func (l launches) known(t *testing.T, subject string) user.Who {
	t.Helper()
	w, err := l.Users.WhoByName(t.Context(), dbtest.Tenant, l.platform.ID.source()+":"+subject)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestMembersAreKnownBeforeTheyCome(t *testing.T) {
	t.Parallel()
	l := setupMembers(t)
	teacher, _ := l.enter(t, usual())
	all := []stubplatform.Member{
		{Subject: "person-1", Name: "Ann Example", Roles: []string{stubplatform.Instructor}},
		{Subject: "gone", Name: "Gone Before", Roles: []string{"Learner"}, Status: "Inactive"},
	}
	for i := range 60 {
		all = append(all, stubplatform.Member{Subject: fmt.Sprintf("student-%d", i), Name: fmt.Sprintf("Student %d", i), Roles: []string{"Learner"}, Status: "Active"})
	}
	l.stub.Enrol("course-1", 7, all...)
	l.sync(t)
	s := l.known(t, "student-59")
	if s.Name != "Student 59" || s.Role != "viewer" || !s.Has("course-1_Learner") || s.Has("course-1_Instructor") {
		t.Errorf("a student became %+v", s)
	}
	if now, err := l.Users.WhoByName(t.Context(), dbtest.Tenant, teacher.User); err != nil || !now.Has("course-1_Instructor") || now.Role != "editor" {
		t.Errorf("the teacher became %+v, %v", now, err)
	}
	if n := l.number(t, "select count(*) from identity"); n != 61 {
		t.Errorf("%d people are known", n)
	}
	if n := l.number(t, "select count(*) from lti_course where synced_at is not null and roles @> '{course-1_Learner,course-1_Instructor}'"); n != 1 {
		t.Error("the course does not know that it was asked for")
	}
	if n := l.number(t, `select count(*) from audit_log where action = 'lti.members' and detail @> '{"course": "course-1", "members": 61, "left": 0}'`); n != 1 {
		t.Errorf("%d lines in the audit log", n)
	}
}

func TestWhoLeavesACourseLosesItsRoles(t *testing.T) {
	t.Parallel()
	l := setupMembers(t)
	learner := usual()
	learner.Subject, learner.Roles = "leaves", []string{stubplatform.Learner}
	l.enter(t, learner)
	learner.Context = "course-2"
	l.enter(t, learner)
	absent := usual()
	absent.Subject = "absent"
	l.enter(t, absent)
	l.stub.Enrol("course-1", 0, stubplatform.Member{Subject: "leaves", Roles: []string{"Learner"}, Status: "Deleted"})
	was := l.heard.count("user:" + l.known(t, "leaves").User)
	l.sync(t)
	if now := l.known(t, "leaves"); now.Has("course-1_Learner") || !now.Has("course-2_Learner") {
		t.Errorf("who left has %v", now.Roles)
	}
	if now := l.known(t, "absent"); !now.Has("course-1_Instructor") {
		t.Errorf("who is not in the list has %v", now.Roles)
	}
	if l.heard.count("user:"+l.known(t, "leaves").User) == was {
		t.Error("nobody was told")
	}
}

func TestMembersThatCannotBeTakenArePassedOver(t *testing.T) {
	t.Parallel()
	l := setupMembers(t)
	l.enter(t, usual())
	locked := usual()
	locked.Subject = "locked"
	l.enter(t, locked)
	l.exec(t, "update person set disabled_at = now() where name like '%:locked'")
	l.stub.Enrol("course-1", 0, stubplatform.Member{Subject: "locked", Roles: []string{"Learner"}}, stubplatform.Member{Subject: strings.Repeat("x", 2000), Roles: []string{"Learner"}},
		stubplatform.Member{Roles: []string{"Learner"}}, stubplatform.Member{Subject: "fine", Roles: []string{"Learner"}})
	l.sync(t)
	if !l.known(t, "fine").Has("course-1_Learner") {
		t.Error("the one after them was not taken")
	}
	if n := l.number(t, `select (detail->>'refused')::int from audit_log where action = 'lti.members'`); n != 2 {
		t.Errorf("%d were passed over", n)
	}
}

func TestCoursesThatAreGoneAreNotAskedFor(t *testing.T) {
	t.Parallel()
	l := setupMembers(t)
	silent := usual()
	silent.Context, silent.Members = "course-9", false
	l.enter(t, silent)
	for _, course := range []string{"course-9", "course-1"} {
		if err := l.SyncMembers(t.Context(), dbtest.Tenant, l.platform.ID, course); err != nil {
			t.Errorf("%s: %v", course, err)
		}
	}
	if err := l.SyncMembers(t.Context(), dbtest.Tenant, "removed", "course-1"); err != nil {
		t.Errorf("no platform: %v", err)
	}
	l.enter(t, usual())
	if err := l.SyncMembers(t.Context(), dbtest.Tenant, l.platform.ID, "course-1"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("a list that is not there: %v", err)
	}
	if n := l.number(t, "select count(*) from lti_course where synced_at is not null"); n != 0 {
		t.Error("what failed counts as known")
	}
	l.exec(t, "update lti_platform set status = 'waiting'")
	l.sync(t)
}

func TestPagesOfMembersStayOnTheirOrigin(t *testing.T) {
	t.Parallel()
	evil := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("asked elsewhere, with %q", r.Header.Get("Authorization"))
	}))
	t.Cleanup(evil.Close)
	var site *httptest.Server
	many := `{"members":[` + strings.Repeat(`{"user_id":"a"},`, 2000) + `{"user_id":"a"}]}`
	site = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" || r.Header.Get("Accept") != membersType {
			t.Errorf("asked with %v", r.Header)
		}
		next := map[string]string{"/away": evil.URL + "/", "/circle": "/circle?limit=100", "/endless": "/endless?n=" + r.FormValue("n") + "1", "/good": "/last"}[r.URL.Path]
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, evil.URL, http.StatusFound)
			return
		case "/large":
			_, _ = w.Write([]byte(strings.Repeat(" ", fetchMost+1)))
			return
		case "/broken":
			_, _ = w.Write([]byte("<html>"))
			return
		case "/refused":
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if next != "" {
			w.Header().Add("Link", `<`+site.URL+`/first>; rel="first", <`+next+`>; rel="next"`)
		}
		body := `{"members":[{"user_id":"a"}]}`
		if r.URL.Path == "/endless" {
			body = many
		}
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(site.Close)
	s := &Store{}
	for path, want := range map[string]string{"/good": "", "/away": "another origin", "/circle": "circle", "/endless": "more than 10000", "/redirect": "another origin", "/large": "larger than 256 kB",
		"/broken": "no list of members", "/refused": "403"} {
		read := 0
		err := s.eachMembersPage(t.Context(), site.URL+path, "secret", func(page []member) error { read += len(page); return nil })
		switch {
		case want == "" && (err != nil || read != 2):
			t.Errorf("%s: %d read, %v", path, read, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	if err := s.eachMembersPage(t.Context(), "http://lms.example/members", "secret", nil); err == nil || !strings.Contains(err.Error(), "https") {
		t.Errorf("without https: %v", err)
	}
}

func TestNextLinks(t *testing.T) {
	t.Parallel()
	at, _ := url.Parse("https://lms.example/a/b?x=1")
	for header, want := range map[string]string{
		`<https://lms.example/n>; rel="next"`: "https://lms.example/n", `<n?p=2>; rel=next`: "https://lms.example/a/n?p=2", `<https://lms.example/n>; title="a, <b>"; rel="prev next"`: "https://lms.example/n",
		`<https://lms.example/p>; rel="prev", <https://lms.example/n,2>; REL=NEXT`: "https://lms.example/n,2", `<https://lms.example/d>; rel="differences"`: "", `<x`: "", `x>; rel=next`: "", ``: "", `<>; rel="next"`: "https://lms.example/a/b?x=1",
	} {
		got := ""
		if next := nextLink(at, []string{header}); next != nil {
			got = next.String()
		}
		if got != want {
			t.Errorf("%s leads to %q, want %q", header, got, want)
		}
	}
}

func TestAccessTokens(t *testing.T) {
	t.Parallel()
	l := setupMembers(t)
	if token, err := l.accessToken(t.Context(), dbtest.Tenant, l.platform, membersScope); err != nil || token == "" {
		t.Errorf("%q, %v", token, err)
	}
	other := l.platform
	other.ClientID = "somebody else"
	if _, err := l.accessToken(t.Context(), dbtest.Tenant, other, membersScope); err == nil || !strings.Contains(err.Error(), "400") {
		t.Errorf("somebody else's: %v", err)
	}
	for _, body := range []string{``, `{}`, `[]`, `{"access_token":""}`, `{"access_token":"a b","token_type":"Bearer"}`, `{"access_token":"a\r\nX: y","token_type":"Bearer"}`, `{"access_token":"a","token_type":"mac"}`} {
		if token, err := parseAccessToken([]byte(body)); err == nil {
			t.Errorf("%s gives %q", body, token)
		}
	}
}

func FuzzMembers(f *testing.F) {
	f.Add([]byte(`{"members":[{"user_id":"a","roles":["Learner"],"status":"Active"}]}`), `<https://lms.example/n>; rel="next"`)
	f.Add([]byte(`{"members":null}`), `<a>;x="\",<b>";rel=next, <c>`)
	at, _ := url.Parse("https://lms.example/a")
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		page, err := parseMembers(body)
		if err != nil && page != nil {
			t.Error("a page and an error")
		}
		for _, m := range page {
			if m.Subject == "" || len(m.Roles) > mostRoles {
				t.Errorf("taken: %+v", m)
			}
			_, _ = m.name(), m.active()
		}
		nextLink(at, []string{header})
	})
}
