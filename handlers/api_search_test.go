package handlers

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestAPISearchFindsWhatTheListFinds(t *testing.T) {
	s := apiSetup(t)
	s.ben.event(`{"title":"Waves and Öfen","description":"` + strings.Repeat("filler ", 100) + `waves` + strings.Repeat(" filler", 100) + `"}`)
	s.ben.event(`{"title":"Other"}`)
	var found apiFoundList
	got := s.ben.get("/api/v1/search?q=wave+%C3%B6f")
	if err := json.Unmarshal(got.want(200).body, &found); err != nil {
		t.Fatal(err)
	}
	if len(found.Items) != 1 || found.Engine != "postgres" || found.Items[0].Event.Title != "Waves and Öfen" {
		t.Fatalf("%s", got.body)
	}
	want := []apiPiece{{"Waves", true}, {" and ", false}, {"Öfen", true}}
	if title := found.Items[0].Highlights["title"]; !reflect.DeepEqual(title, want) {
		t.Errorf("title is marked %v", title)
	}
	description := found.Items[0].Highlights["description"]
	if len(description) != 3 || !description[1].Match || len(description[0].Text) > 2*nearby {
		t.Errorf("description is marked %v", description)
	}
	if items := s.ben.get(eventsPath + "?q=wave+%C3%B6f").items(); len(items) != 1 || items[0]["id"] != found.Items[0].Event.ID {
		t.Errorf("the list finds %v", items)
	}
	if !reflect.DeepEqual(found.Facets["state"], []apiFacet{{"empty", 1}}) {
		t.Errorf("facets are %v", found.Facets)
	}
	s.vera.get("/api/v1/search?q=wave").want(200)
	s.ben.get("/api/v1/search?colour=red").want(422).names("/colour")
}
