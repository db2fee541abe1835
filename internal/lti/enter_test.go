package lti

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/lti/stubplatform"
	"cutroom/internal/user"
)

func TestSomebodyEnters(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	who, id := l.enter(t, usual())
	if who.User != "lti:"+string(l.platform.ID)+":person-1" || who.Name != "Ann Example" || !who.Has("course-1_Instructor") || who.Admin() || !who.MayCreate() {
		t.Errorf("got %+v", who)
	}
	row, err := l.LaunchOf(t.Context(), who, id)
	if err != nil {
		t.Fatal(err)
	}
	if life := time.Until(row.Expires); life > user.SessionLife || life < user.SessionLife-time.Minute {
		t.Errorf("the launch lives %s", life)
	}
	row.Created, row.Expires = time.Time{}, time.Time{}
	want := LaunchRow{ID: id, Platform: l.platform.ID, Name: l.platform.Name, Context: "course-1", Title: "Biology 101", Roles: []string{"course-1_Instructor"},
		ReturnURL: "https://lms.example/course/1", Locale: "de"}
	if diff := cmp.Diff(want, row); diff != "" {
		t.Error(diff)
	}
	entries := l.auditOf(t, "lti.launch")
	if len(entries) != 1 || entries[0].Subject != string(l.platform.ID) || entries[0].Actor != who.User {
		t.Fatalf("the audit log has %+v", entries)
	}
	var detail map[string]any
	if err := json.Unmarshal(entries[0].Detail, &detail); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"message": ResourceLink, "course": "course-1", "event": "event-1", "sub": "person-1", "launch": id}, detail); diff != "" {
		t.Error(diff)
	}
	if n := l.number(t, "select count(*) from lti_course where context = 'course-1' and title = 'Biology 101' and roles = '{course-1_Instructor}' and members_url = $1", l.stub.MembersURL("course-1")); n != 1 {
		t.Error("the course is not there")
	}

	// The same person comes again, with another role in another course.
	c := usual()
	c.Roles, c.Context, c.Title = []string{stubplatform.Learner}, "course-2", ""
	again, second := l.enter(t, c)
	if again.User != who.User || second == id || !again.Has("course-1_Instructor") || !again.Has("course-2_Learner") || again.Has("course-2_Instructor") {
		t.Errorf("then they are %+v", again)
	}
	// And as a learner in the course that they taught.
	c.Context = "course-1"
	if now, _ := l.enter(t, c); now.Has("course-1_Instructor") || !now.Has("course-1_Learner") || now.MayCreate() {
		t.Errorf("at last they are %+v", now)
	}
	if n := l.number(t, "select count(*) from lti_course where context = 'course-1' and title = 'Biology 101' and roles = '{course-1_Instructor,course-1_Learner}'"); n != 1 {
		t.Error("the course has not learned the role, or has lost its title")
	}
}

func TestALaunchIsItsPersonsAlone(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	who, id := l.enter(t, usual())
	c := usual()
	c.Subject = "person-2"
	other, _ := l.enter(t, c)
	for name, somebody := range map[string]user.Who{"another person": other, "the system": l.admin, "nobody": user.Anonymous(dbtest.Tenant)} {
		if _, err := l.LaunchOf(t.Context(), somebody, id); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: got %v", name, err)
		}
	}
	l.exec(t, "update lti_launch set expires_at = now() where id = $1", id)
	if _, err := l.LaunchOf(t.Context(), who, id); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a launch that has ended: got %v", err)
	}
}

func TestTitlesAndNamesAreMadeToFit(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	launch, p, err := l.launch(t, usual())
	if err != nil {
		t.Fatal(err)
	}
	launch.Title, launch.Name = "Biology\x00\xff\n101"+strings.Repeat("ü", 1024), "Ann\x00\xff"+strings.Repeat("ü", 1024)
	who, id, err := l.Enter(t.Context(), dbtest.Tenant, launch, &p)
	if err != nil {
		t.Fatal(err)
	}
	if row, err := l.LaunchOf(t.Context(), who, id); err != nil || !strings.HasPrefix(row.Title, "Biology \uFFFD 101ü") || len(row.Title) > 1024 {
		t.Errorf("got %q, %v", row.Title, err)
	}
}

func TestSubjectsMakeUserNames(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	names := map[string]bool{}
	for _, subject := range []string{"a@b.example", "Ünï cødé", strings.Repeat("x", 200), "<script>", "a b", "a_b"} {
		c := usual()
		c.Subject, c.Name = subject, ""
		who, _ := l.enter(t, c)
		if names[user.OwnRole(who.User)] || !eventForm.MatchString(who.User) || !strings.HasPrefix(who.User, "lti:"+string(l.platform.ID)+":") {
			t.Errorf("%q is %s", subject, who.User)
		}
		names[user.OwnRole(who.User)] = true
		if again, _ := l.enter(t, c); again.User != who.User {
			t.Errorf("%q is %s and then %s", subject, who.User, again.User)
		}
	}
}

func TestADeepLinkWaitsForItsChoice(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	c := usual()
	c.Message, c.Target, c.Data = DeepLinking, ourOrigin+"/lti/deep-link", "opaque"
	who, id := l.enter(t, c)
	row, err := l.LaunchOf(t.Context(), who, id)
	if err != nil || row.DeepLink == nil || row.DeepLink.Data != "opaque" || row.DeepLink.ReturnURL != l.stub.ReturnURL() || row.Answered != nil {
		t.Errorf("got %+v, %v", row, err)
	}
}

func TestADisabledPersonDoesNotEnter(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	who, _ := l.enter(t, usual())
	l.exec(t, "update person set disabled_at = now() where name = $1", who.User)
	launch, p, err := l.launch(t, usual())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Enter(t.Context(), dbtest.Tenant, launch, &p); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("got %v", err)
	}
	if n := l.number(t, "select count(*) from lti_login where used_at is not null"); n != 1 {
		t.Errorf("%d logins are used up", n)
	}
}

func TestRolesOfTheMapArriveWithThePerson(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	roles := map[string][]string{"TeachingAssistant": {"{context}_Instructor", "assistants"}}
	if _, err := l.Change(t.Context(), l.admin, l.platform.ID, Change{RoleMap: &roles}); err != nil {
		t.Fatal(err)
	}
	c := usual()
	c.Roles = []string{stubplatform.TeachingAssistant}
	who, _ := l.enter(t, c)
	for _, role := range []string{"course-1_TeachingAssistant", "course-1_Instructor", "assistants"} {
		if !slices.Contains(who.Roles, role) {
			t.Errorf("%s is missing in %v", role, who.Roles)
		}
	}
	if !who.MayCreate() {
		t.Error("an assistant whom the map makes a teacher may make nothing")
	}
}
