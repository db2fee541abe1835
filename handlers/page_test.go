package handlers

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/live"
	"cutroom/internal/node"
	"cutroom/internal/presence"
	"cutroom/internal/run"
	"cutroom/internal/user"
)

// pageSetup is a site with all of its pages.
func pageSetup(t *testing.T) *site {
	t.Helper()
	s := setup(t)
	s.Bus, s.Events, s.Nodes = live.Discard{}, &event.Store{DB: s.DB, Bus: live.Discard{}}, &node.Store{DB: s.DB}
	s.Presence = presence.New(presence.Config{DB: s.DB, Bus: live.New(live.Config{}), Node: "n1"})
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

func TestFieldsTellTheirRuleInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	s := pageSetup(t)
	e := s.recordingOf(t, "ben", event.Draft{Title: "Waves"})
	ben, ada := s.signedIn(t, "ben"), s.signedIn(t, "ada")
	path := "/events/" + string(e.ID) + "/metadata"
	for _, c := range []struct{ lang, path, form, want string }{
		{"de", path, "field=title&value=+", "Das darf nicht leer sein und höchstens 1.024 Bytes haben."},
		{"en", path, "field=title&value=+", "This may not be empty, and may have at most 1,024 bytes."},
		{"de", path, "field=series&value=none", "Diese Serie gibt es nicht."},
		{"de", path, "field=start&value=soon", "Schreiben Sie einen Tag und eine Uhrzeit."},
		{"de", "/series", "title=+", "Das darf nicht leer sein und höchstens 1.024 Bytes haben."},
		{"de", "/settings", "bin.days=many", "Verwenden Sie eine ganze Zahl von Tagen von 0 bis 3650."},
	} {
		browser := ben
		if c.path == "/settings" {
			browser = ada
		}
		got := s.call(t, browser, "POST", c.path, c.form, "Accept-Language: "+c.lang, "HX-Request: true")
		if got.status < 400 || got.status >= 500 || !strings.Contains(got.body, c.want) {
			t.Errorf("%s %s in %s: %d %s", c.path, c.form, c.lang, got.status, got.body)
		}
	}
	got := s.call(t, ben, "GET", "/events?cursor=rubbish", "", "Accept-Language: de")
	if want := "Die Adresse verlangt etwas, das nicht passt: Verwenden Sie den Zeiger der Seite davor, mit derselben Sortierung."; got.status != 422 || !strings.Contains(got.body, want) {
		t.Errorf("an address that does not fit: %d %s", got.status, got.body)
	}
}

func TestTheListOfSeriesCountsAndShowsAPicture(t *testing.T) {
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
	s.recordingOf(t, "ben", event.Draft{Title: "Waves", Series: &one.ID})
	e := s.recordingOf(t, "ben", event.Draft{Title: "Light", Series: &one.ID})
	picture := event.Asset{EventID: e.ID, Kind: "attachment", Flavor: "oc/thumbnail", MimeType: "image/jpeg", Size: 1, Internal: true,
		Checksum: "sha256:" + strings.Repeat("0", 64), Path: "assets/p.jpg"}
	err = s.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) (err error) {
		picture, err = event.AddAssetTx(t.Context(), tx, picture)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got := s.call(t, s.signedIn(t, "ben"), "GET", "/series", "", "Accept-Language: en")
	if got.status != 200 || !strings.Contains(got.body, "2 recordings") || !strings.Contains(got.body, "/media/"+string(picture.ID)+"/oc-thumbnail.jpg") {
		t.Errorf("%d %s", got.status, got.body)
	}
}
