package handlers

import (
	"net/http/httptest"
	"strings"
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/live"
	"cutroom/internal/node"
	"cutroom/internal/run"
	"cutroom/internal/user"
)

// pageSetup is a site with all of its pages.
func pageSetup(t *testing.T) *site {
	t.Helper()
	s := setup(t)
	s.Bus, s.Events, s.Nodes = live.Discard{}, &event.Store{DB: s.DB, Bus: live.Discard{}}, &node.Store{DB: s.DB}
	s.Edits = &edit.Store{DB: s.DB, Bus: live.Discard{}}
	runs, err := run.New(s.DB, s.Edits, live.Discard{})
	if err != nil {
		t.Fatal(err)
	}
	s.Runs = runs
	s.Uploads = &event.Uploads{DB: s.DB, Bus: live.Discard{}, Files: s.Files, Jobs: runs.River, Node: "n1"}
	h, err := s.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// recordingOf makes a recording of somebody's that vera may watch.
func (s *site) recordingOf(t *testing.T, name string, d event.Draft) event.Event {
	t.Helper()
	who, err := s.Users.WhoByName(t.Context(), dbtest.Tenant, name)
	if err != nil {
		t.Fatal(err)
	}
	d.ACL = []event.ACLEntry{{Role: user.OwnRole(name), Action: "write"}, {Role: user.OwnRole("vera"), Action: "read"}}
	e, err := s.Events.Create(t.Context(), who, d)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestARefusalTellsWhomToAsk(t *testing.T) {
	t.Parallel()
	s := pageSetup(t)
	if _, err := s.Users.Ensure(t.Context(), s.admin, user.NewPerson{Name: "amara", DisplayName: "Amara Osei", Role: "editor"}); err != nil {
		t.Fatal(err)
	}
	e := s.recordingOf(t, "amara", event.Draft{Title: "Waves"})
	vera, chloe := s.signedIn(t, "vera"), s.signedIn(t, "chloe")
	if got := s.call(t, vera, "POST", "/events/"+string(e.ID)+"/delete", "x=1"); got.status != 403 || !strings.Contains(got.body, "Ask Amara Osei to give you the right.") {
		t.Errorf("who may read hears %d %s", got.status, got.body)
	}
	if got := s.call(t, chloe, "POST", "/events/"+string(e.ID)+"/delete", "x=1"); got.status != 404 || strings.Contains(got.body, "Osei") {
		t.Errorf("who may not read hears %d %s", got.status, got.body)
	}
	for _, path := range []string{"/nodes", "/settings"} {
		if got := s.call(t, vera, "GET", path, ""); got.status != 403 || strings.Contains(got.body, "Ask Amara") {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}
