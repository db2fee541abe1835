package handlers

import (
	"net/http"
	"strings"
	"testing"
)

func TestAPISeries(t *testing.T) {
	s := apiSetup(t)
	made := s.ada.post(seriesPath, `{"title":"Physics","acl":[{"role":"ROLE_USER_VERA","action":"read"}]}`).want(http.StatusCreated)
	path := made.header.Get("Location")
	e := s.ada.event(`{"title":"Waves","series":"` + made.text("id") + `"}`)
	for _, list := range []string{path + "/events", eventsPath + "?filter=series:" + made.text("id")} {
		if items := s.ada.get(list).items(); len(items) != 1 || items[0]["title"] != "Waves" {
			t.Errorf("%s shows %v", list, items)
		}
	}
	s.vera.get(path).want(http.StatusOK)
	s.vera.patch(path, `{"title":"mine"}`).want(http.StatusForbidden).names()
	s.ben.get(path).want(http.StatusNotFound).names()
	s.ben.get(path + "/events").want(http.StatusNotFound).names()
	s.ada.patch(path, `{"title":" ","language":"e"}`).want(http.StatusUnprocessableEntity).names("/title", "/language")
	s.ada.patch(path, `{"title":"x"}`, "If-Match", `"old"`).want(http.StatusPreconditionFailed).names()
	s.ada.patch(path, `{"title":"Physics II","description":"more"}`, "If-Match", made.header.Get("ETag")).want(http.StatusOK)
	s.ada.post(seriesPath, `{}`).want(http.StatusUnprocessableEntity).names("/title")
	if items := s.vera.get(seriesPath).items(); len(items) != 1 || items[0]["title"] != "Physics II" {
		t.Errorf("lists %v", items)
	}
	s.ada.call("DELETE", path, "").want(http.StatusNoContent)
	s.ada.get(path).want(http.StatusNotFound).names()
	if s.ada.get(e).text("series") != "" {
		t.Error("its event still names it")
	}
}

func TestAPISettingsNodesAuditMe(t *testing.T) {
	s := apiSetup(t)
	if got := s.ben.get("/api/v1/settings").want(http.StatusOK); got.text("edit.mode") != "together" {
		t.Errorf("%s", got.body)
	}
	s.ben.patch("/api/v1/settings", `{"edit.runs":"reject"}`).want(http.StatusForbidden).names()
	s.ada.patch("/api/v1/settings", `{"edit.mode":"pen"}`).want(http.StatusUnprocessableEntity).names("/edit.mode") // until there is one
	s.ada.patch("/api/v1/settings", `{"edit.mode":"nobody","colour":1}`).want(http.StatusUnprocessableEntity).names("/edit.mode", "/colour")
	s.ada.patch("/api/v1/settings", `[]`).want(http.StatusBadRequest, http.StatusUnprocessableEntity).names()
	if got := s.ada.patch("/api/v1/settings", `{"edit.runs":"reject"}`).want(http.StatusOK); got.text("edit.runs") != "reject" {
		t.Errorf("%s", got.body)
	}
	s.ada.get("/api/v1/nodes").items()
	s.ben.get("/api/v1/nodes").want(http.StatusForbidden).names()
	if items := s.ada.get("/api/v1/audit?limit=1&action=settings.change").items(); len(items) != 1 || items[0]["actor"] != "ada" {
		t.Errorf("%v", items)
	}
	s.ada.get("/api/v1/audit?from=yesterday").want(http.StatusUnprocessableEntity).names("/from")
	s.ada.get("/api/v1/audit?cursor=x").want(http.StatusBadRequest, http.StatusUnprocessableEntity).names()
	s.ben.get("/api/v1/audit").want(http.StatusForbidden).names()
	if me := s.vera.get("/api/v1/me").want(http.StatusOK); me.text("user") != "vera" || me.text("tenant") != "demo" {
		t.Errorf("%s", me.body)
	}
}

func TestAPIAnswersAreTheSameText(t *testing.T) {
	properties := map[string]string{}
	for i := range 20 {
		properties[string(rune('a'+i))] = ""
	}
	var first string
	for range 20 {
		var b strings.Builder
		if err := writeJSON(&b, properties); err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = b.String()
		}
		if b.String() != first {
			t.Fatalf("%s, then %s", first, b.String())
		}
	}
}

func TestASeriesListIsNotGivenAwayByMistake(t *testing.T) {
	s := apiSetup(t)
	made := s.ada.post(seriesPath, `{"title":"Physics","acl":[{"role":"ROLE_USER_BEN","action":"write"}]}`).want(http.StatusCreated)
	path := made.header.Get("Location")
	s.ben.patch(path, `{"acl":[]}`).want(http.StatusConflict).names("/acl")
	s.ben.patch(path+"?confirm=true", `{"acl":[]}`).want(http.StatusOK)
	s.ben.get(path).want(http.StatusNotFound)
}
