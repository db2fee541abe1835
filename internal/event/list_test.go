package event_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"testing"
	"time"

	"cutroom/internal/event"
	"cutroom/internal/fault"
)

func TestListsShowEachEventOnceWhileOthersWrite(t *testing.T) {
	b := setup(t)
	made := map[event.ID]bool{}
	for n := range 23 {
		at := time.Date(2026, 1, n%5+1, 0, 0, 0, 0, time.UTC)
		d := event.Draft{Title: fmt.Sprintf("Page %d", n%7)}
		if n%3 != 0 {
			d.StartTime = &at
		}
		made[b.event(d).ID] = true
	}
	for _, sort := range []string{"", "created", "-created", "modified", "-modified", "title", "-title", "startTime", "-startTime"} {
		seen := map[event.ID]int{}
		q := event.Query{Sort: sort, Limit: 4}
		for {
			page, err := b.store.List(t.Context(), b.ben, q)
			if err != nil {
				t.Fatalf("%s: %v", sort, err)
			}
			if len(page.Items) > q.Limit {
				t.Fatalf("%s: %d on a page", sort, len(page.Items))
			}
			for _, e := range page.Items {
				seen[e.ID]++
			}
			if page.Next == "" {
				break
			}
			q.Cursor = page.Next
			b.event(event.Draft{Title: "Meanwhile"})
		}
		for id := range made {
			if seen[id] != 1 {
				t.Errorf("%q: %s came %d times", sort, id, seen[id])
			}
		}
	}
}

func TestListRefuses(t *testing.T) {
	b := setup(t)
	b.event(event.Draft{})
	b.event(event.Draft{})
	page, err := b.store.List(t.Context(), b.ben, event.Query{Limit: 1})
	if err != nil || page.Next == "" {
		t.Fatal(page.Next, err)
	}
	for name, q := range map[string]event.Query{
		"rubbish": {Cursor: "rubbish"}, "no instant": {Cursor: base64.RawURLEncoding.EncodeToString([]byte(`{"s":"-created","k":"9999-99-99T99:99:99+99:99","i":"a"}`))}, "other sort": {Cursor: page.Next, Sort: "title"}, "bent": {Cursor: page.Next[1:]}, "limit": {Limit: -1}, "large limit": {Limit: 1000},
		"sort": {Sort: "owner"}, "filter": {Filter: []string{"nonsense"}}, "filter name": {Filter: []string{"id:1"}}, "filter NUL": {Filter: []string{"owner:\x00"}},
	} {
		if _, err := b.store.List(t.Context(), b.ben, q); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestListFindsByWordsAndFilters(t *testing.T) {
	b := setup(t)
	s, err := b.store.CreateSeries(t.Context(), b.ben, event.SeriesDraft{ID: "a:b,c", Title: "Thermodynamik"})
	if err != nil {
		t.Fatal(err)
	}
	german := "de"
	waves := b.event(event.Draft{Title: "Waves & Öfen_2", Creators: []string{"Ada L."}, Description: "see https://example.org/path/film.mp4", Series: &s.ID, Language: &german})
	b.event(event.Draft{Title: "Other"})
	for _, q := range []event.Query{
		{Q: "waves"}, {Q: "WAV"}, {Q: "öf"}, {Q: "ada waves"}, {Q: "thermo"}, {Q: "film"}, {Q: "org"}, {Q: "example.org"}, {Q: "öfen 2"}, {Q: "waves' | !"},
		{Series: s.ID}, {Filter: []string{"series:a:b,c"}}, {Filter: []string{"creator:Ada L.", "language:de"}}, {Filter: []string{"owner:ben"}, Q: "waves"}, {State: event.Empty, Q: "waves"},
	} {
		if got := b.list(b.ben, q); !slices.Equal(got, []event.ID{waves.ID}) {
			t.Errorf("%+v finds %v", q, got)
		}
	}
	for _, q := range []event.Query{{Q: "waves other"}, {Q: "aves"}, {State: event.Ready}, {Filter: []string{"series:none"}}} {
		if got := b.list(b.ben, q); len(got) != 0 {
			t.Errorf("%+v finds %v", q, got)
		}
	}
	if got := b.list(b.ben, event.Query{Q: "&|!()"}); len(got) != 2 {
		t.Errorf("no words find %v", got)
	}
}

func TestCountsOfStates(t *testing.T) {
	b := setup(t)
	b.event(event.Draft{})
	b.event(event.Draft{State: event.Processing})
	counts, err := b.store.Counts(t.Context(), b.ben, event.Query{State: event.Ready})
	if err != nil || counts[event.Empty] != 1 || counts[event.Processing] != 1 || counts[event.Ready] != 0 {
		t.Errorf("%v %v", counts, err)
	}
}
