package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/edit"
	"cutroom/internal/live"
	"cutroom/internal/presence"
)

// editSetup is an API with an event of ben's that has a source of 30 s; chloe may read it.
func editSetup(t *testing.T) (*apiSite, string) {
	t.Helper()
	site := apiSetup(t, func(s *Server) {
		s.Edits = &edit.Store{DB: s.DB, Bus: live.Discard{}}
		s.Presence = presence.New(presence.Config{DB: s.DB, Bus: live.New(live.Config{}), Node: "one"})
	})
	path := site.ben.event(`{"title":"Lecture","acl":[{"role":"ROLE_USER_BEN","action":"write"},{"role":"ROLE_USER_CHLOE","action":"read"}]}`)
	id := strings.TrimPrefix(path, eventsPath+"/")
	err := site.DB.Tx(context.Background(), dbtest.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), `insert into asset (id, event_id, kind, flavor, mime_type, size, checksum, source, internal, path, duration, streams)
			values ('a', $1, 'track', 'presenter/source', 'video/mp4', 9, 'sha256:'||repeat('0', 64), true, true, 'a', 30000, '[{"kind":"video","frameRate":25},{"kind":"audio"}]')`, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return site, path
}

func TestEditByHTTP(t *testing.T) {
	site, path := editSetup(t)
	ben := site.ben
	if got := string(ben.get(path + "/edit").want(200).body); got != `{"rev":0,"state":{"removed":[],"borders":[],"tracks":[],"chapters":[],"cues":[]},"kept":[{"start":0,"end":30000}],"duration":30000}` {
		t.Error(got)
	}
	body := `[{"id":"1","base":0,"op":{"kind":"cut","start":0,"end":1000,"keep":false}},{"id":"2","base":0,"op":{"kind":"cut","start":9,"end":1,"keep":false}},
		{"id":"3","base":0,"op":null},{"id":"","base":0,"op":{}},{"id":"5","base":77,"op":{}},{"id":"6","base":0,"op":{"kind":"chapter","id":"c","at":5,"title":"Ä ß 中"}}]`
	results := ben.post(path+"/edit/ops", body).want(200).json()["results"].([]any)
	for i, want := range []string{"rev 1", "bad-range", "bad-op", "bad-id", "bad-base", "rev 2"} {
		r := results[i].(map[string]any)
		got := fmt.Sprint(r["code"])
		if rev, there := r["rev"]; there {
			got = fmt.Sprintf("rev %v", rev)
		} else if r["message"] == "" {
			t.Errorf("%v says nothing", r)
		}
		if got != want {
			t.Errorf("result %d: %v, want %s", i, r, want)
		}
	}
	ops := ben.get(path + "/edit/ops?since=1").want(200).json()
	if list := ops["ops"].([]any); len(list) != 1 || list[0].(map[string]any)["id"] != "6" || ops["rev"] != 2.0 {
		t.Errorf("%v", ops)
	}
	now := string(ben.get(path + "/edit").want(200).body)
	ben.get(path + "/edit/revs/0").want(200)
	ben.get(path + "/edit/revs/9").want(http.StatusNotFound)
	ben.post(path+"/edit/revs/9/restore", "").want(http.StatusNotFound)
	if rev := ben.post(path+"/edit/revs/0/restore", "").want(200).json()["rev"]; rev != 4.0 {
		t.Errorf("restored at %v", rev)
	}
	if back := string(ben.get(path + "/edit/revs/2").want(200).body); back != now {
		t.Errorf("rev 2 was %s, is %s", now, back)
	}
	if here := string(ben.get(path + "/editors").want(200).body); here != `{"editors":[]}` {
		t.Error(here)
	}
}

func TestEditRefusesWhoMayNotAndWhatIsNoList(t *testing.T) {
	site, path := editSetup(t)
	one := `[{"id":"1","base":0,"op":{"kind":"cut","start":0,"end":1000,"keep":false}}]`
	for who, status := range map[*client]int{site.chloe: 403, site.vera: 404, site.who: 401} {
		for _, p := range []string{"/edit", "/edit/ops?since=0", "/edit/revs/0", "/editors"} {
			who.get(path + p).want(status)
		}
		who.post(path+"/edit/ops", one).want(status)
		who.post(path+"/edit/ops", `{"no":"list"}`).want(status)
		who.post(path+"/edit/revs/0/restore", "").want(status)
	}
	for _, body := range []string{`{"no":"list"}`, `"text"`, `[1]`, `[[]]`, `[{`, `[{"id":"1","base":0,"op":{},"more":1}]`, `[{"id":"1","base":1.5,"op":{}}]`} {
		site.ben.post(path+"/edit/ops", body).want(400, 422).names()
	}
	many := "[" + strings.Repeat(`{"id":"x","base":0,"op":{}},`, 1000) + `{"id":"x","base":0,"op":{}}]`
	site.ben.post(path+"/edit/ops", many).want(http.StatusRequestEntityTooLarge)
	site.ben.get(path+"/edit/ops?since=-1").want(400, 422)
}
