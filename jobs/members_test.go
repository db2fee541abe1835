package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"cutroom/internal/dbtest"
	"cutroom/internal/live"
	"cutroom/internal/lti"
	"cutroom/internal/lti/stubplatform"
	"cutroom/internal/seal"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

const toolOrigin = "https://demo.cutroom.example"

// coursesFor gives a store of platforms, and one that it knows.
func coursesFor(t *testing.T) (*lti.Store, *stubplatform.Platform) {
	t.Helper()
	db, stub := dbtest.New(t), stubplatform.New()
	t.Cleanup(stub.Close)
	sealed, err := seal.New([]byte("a secret of tests, long enough"))
	if err != nil {
		t.Fatal(err)
	}
	inserter, err := tenant.NewInserter(db.Pool)
	if err != nil {
		t.Fatal(err)
	}
	s := &lti.Store{DB: db, Bus: live.Discard{}, Users: user.New(db, live.Discard{}), Seal: sealed, Jobs: inserter}
	keys := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		set, _ := s.JWKS(r.Context(), dbtest.Tenant)
		_ = json.NewEncoder(w).Encode(set)
	}))
	t.Cleanup(keys.Close)
	stub.Tool = stubplatform.ToolAt(toolOrigin)
	stub.Tool.JWKS = keys.URL
	_, _, err = s.Add(t.Context(), user.System(dbtest.Tenant), lti.NewPlatform{Issuer: stub.URL, ClientID: stub.ClientID, Deployment: stub.Deployment, AuthURL: stub.AuthURL(),
		TokenURL: stub.TokenURL(), JWKSURL: stub.JWKSURL()})
	if err != nil {
		t.Fatal(err)
	}
	return s, stub
}

// launched lets a teacher come from a course.
func launched(t *testing.T, s *lti.Store, stub *stubplatform.Platform) user.Who {
	t.Helper()
	login, err := s.Login(t.Context(), dbtest.Tenant, toolOrigin, lti.LoginRequestOf(stub.LaunchForm(stubplatform.Click{Target: toolOrigin + "/", Subject: "teacher", Context: "course-1",
		Title: "Biology 101", Roles: []string{stubplatform.Instructor}, Members: true})))
	if err != nil {
		t.Fatal(err)
	}
	_, form, err := stub.Answer(login.AuthURL)
	if err != nil {
		t.Fatal(err)
	}
	launch, pending, err := s.Check(t.Context(), dbtest.Tenant, toolOrigin, form.Get("id_token"), form.Get("state"))
	if err != nil || !pending.Bound(login.Browser) {
		t.Fatal(err)
	}
	who, _, err := s.Enter(t.Context(), dbtest.Tenant, launch, &pending)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func TestALaunchMakesTheCourseKnown(t *testing.T) {
	t.Parallel()
	s, stub := coursesFor(t)
	stub.Enrol("course-1", 2, stubplatform.Member{Subject: "teacher", Roles: []string{stubplatform.Instructor}}, stubplatform.Member{Subject: "a", Name: "Ann", Roles: []string{"Learner"}},
		stubplatform.Member{Subject: "b", Name: "Bo", Roles: []string{"Learner"}})
	runs, err := hammerStore(s.DB)
	if err != nil {
		t.Fatal(err)
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &Members{LTI: s, Log: slog.New(slog.DiscardHandler)})
	node := &Node{DB: s.DB, Runs: runs, Workers: workers, Name: "n1", Log: slog.New(slog.DiscardHandler)}
	if err := node.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = node.Stop(context.Background()) })
	who := launched(t, s, stub)
	deadline := time.After(20 * time.Second)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for known := false; !known; {
		err := s.DB.Read(t.Context(), who.Tenant, func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), "select count(*) = 1 from lti_course where synced_at is not null").Scan(&known)
		})
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-look.C:
		case <-deadline:
			t.Fatal("the course did not become known")
		}
	}
	people, err := s.Users.Search(t.Context(), who, "Bo", 5)
	// The platform's random id, which is in everybody's name, may have these letters too.
	if err != nil || !slices.ContainsFunc(people, func(p user.Person) bool { return p.DisplayName == "Bo" }) {
		t.Errorf("found %v, %v", people, err)
	}
}

// lines keeps what is logged.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps a line.
func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func TestAListThatFailsIsLoggedAndTriedAgain(t *testing.T) {
	t.Parallel()
	s, stub := coursesFor(t)
	launched(t, s, stub) // nobody is enrolled: the list answers 404
	log := &lines{}
	w := &Members{LTI: s, Log: slog.New(slog.NewTextHandler(log, nil))}
	var platform lti.PlatformID
	all, err := s.List(t.Context(), user.System(dbtest.Tenant))
	if err != nil {
		t.Fatal(err)
	}
	platform = all[0].ID
	job := &river.Job[lti.MembersArgs]{JobRow: &rivertype.JobRow{ID: 1, Attempt: 2, MaxAttempts: 6}, Args: lti.MembersArgs{Tenant: dbtest.Tenant, Platform: platform, Course: "course-1"}}
	if err := w.Work(t.Context(), job); err == nil {
		t.Error("a list that is not there was read")
	}
	if text := log.text.String(); !strings.Contains(text, "course-1") || !strings.Contains(text, "attempt=2") || !strings.Contains(text, "404") {
		t.Errorf("logged: %s", text)
	}
	for _, args := range []lti.MembersArgs{{Tenant: "nobody", Platform: platform, Course: "course-1"}, {Tenant: dbtest.Tenant, Platform: "other", Course: "course-1"}, {Tenant: dbtest.Tenant, Platform: platform, Course: "other"}} {
		if err := w.Work(t.Context(), &river.Job[lti.MembersArgs]{JobRow: &rivertype.JobRow{}, Args: args}); err != nil {
			t.Errorf("%+v: %v", args, err)
		}
	}
}
