package handlers

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/edit"
	"cutroom/internal/live"
	"cutroom/internal/run"
)

// runsSite is an API with an event of ben's that has a source of 10 s; vera may read it.
func runsSite(t *testing.T) (site *apiSite, event string) {
	site = apiSetup(t, func(s *Server) {
		s.Edits = &edit.Store{DB: s.DB, Bus: live.Discard{}}
		var err error
		if s.Runs, err = run.New(s.DB, s.Edits, live.Discard{}); err != nil {
			t.Fatal(err)
		}
	})
	event = site.ben.event(`{"title":"A lecture","acl":[{"role":"ROLE_USER_BEN","action":"read"},{"role":"ROLE_USER_BEN","action":"write"},{"role":"ROLE_USER_VERA","action":"read"}]}`)
	id := strings.TrimPrefix(event, eventsPath+"/")
	err := site.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into asset (id, event_id, kind, flavor, mime_type, size, checksum, source, internal, path, duration, streams)
			values ('a1', $1, 'track', 'presenter/source', 'video/mp4', 1, 'sha256:' || repeat('0', 64), true, true, 'x', 10000, '[{"kind":"video"}]')`, id)
		if err == nil {
			_, err = tx.Exec(t.Context(), "update event set state = 'ready', duration = 10000 where id = $1", id)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return site, event
}

const publishBody = `{"workflow":"publish"}`

func TestRunsByTheAPI(t *testing.T) {
	site, event := runsSite(t)
	first := site.ben.post(event+"/runs", publishBody).want(http.StatusAccepted)
	if first.header.Get("Location") != runsPath+"/"+first.text("id") || first.text("state") != "dispatched" || first.text("requestedBy") != "ben" {
		t.Fatalf("%v %s", first.header, first.body)
	}
	second := site.ben.post(event+"/runs", `{"workflow":"publish","rev":0}`).want(http.StatusAccepted)
	if got := second.json(); got["position"] != 1.0 || got["waitsFor"] != first.text("id") || len(got["steps"].([]any)) != 4 {
		t.Fatalf("%s", second.body)
	}
	if items := site.ben.get(runsPath + "?state=queued,dispatched&event=" + strings.TrimPrefix(event, eventsPath+"/")).items(); len(items) != 2 || items[0]["seq"] != 2.0 {
		t.Fatalf("%v", items)
	}
	path := runsPath + "/" + first.text("id")
	if got := site.ben.post(path+"/cancel", "").want(http.StatusOK); got.text("state") != "cancelled" {
		t.Fatalf("%s", got.body)
	}
	site.ben.post(path+"/cancel", "").want(http.StatusConflict).names()
	again := site.ben.post(path+"/retry", "").want(http.StatusAccepted)
	if again.header.Get("Location") != runsPath+"/"+again.text("id") || again.text("id") == first.text("id") {
		t.Fatalf("%v %s", again.header, again.body)
	}
}

func TestRunsAreRefused(t *testing.T) {
	site, event := runsSite(t)
	id := site.ben.post(event+"/runs", publishBody).want(http.StatusAccepted).text("id")
	for body, field := range map[string]string{
		`{"workflow":"no-such-workflow"}`: "/workflow", `{"workflow":"publish","rev":1000000}`: "/rev", `{"workflow":"publish","rev":-1}`: "/rev",
		`{"workflow":"publish","colour":"red"}`: "/colour", `{"workflow":7}`: "/workflow",
	} {
		site.ben.post(event+"/runs", body).want(http.StatusUnprocessableEntity, http.StatusBadRequest).names(field)
	}
	for _, path := range []string{event + "/runs", runsPath + "/" + id + "/cancel", runsPath + "/" + id + "/retry"} {
		body := ""
		if strings.HasPrefix(path, eventsPath) {
			body = publishBody
		}
		site.vera.post(path, body).want(http.StatusForbidden)
		site.chloe.post(path, body).want(http.StatusNotFound)
		site.who.post(path, body).want(http.StatusUnauthorized)
	}
	site.chloe.get(runsPath + "/" + id).want(http.StatusNotFound)
	if items := site.vera.get(runsPath).items(); len(items) != 0 {
		t.Fatalf("%v", items)
	}
	site.ben.get(runsPath + "?state=sideways").want(http.StatusUnprocessableEntity).names("/state")
	site.ben.get(runsPath+"?cursor=nonsense").want(http.StatusUnprocessableEntity, http.StatusBadRequest).names("/cursor")
	site.ada.patch("/api/v1/settings", `{"edit.runs":"reject"}`).want(http.StatusOK)
	busy := site.ben.post(event+"/runs", publishBody).want(http.StatusConflict).names()
	if current, _ := busy.json()["current"].(map[string]any); current["id"] != id || !strings.Contains(busy.text("detail"), "is publishing this already") {
		t.Fatalf("%s", busy.body)
	}
}
