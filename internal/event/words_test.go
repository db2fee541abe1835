package event_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
)

func TestWordsFollowAndAreMadeAgain(t *testing.T) {
	b := setup(t)
	s, err := b.store.CreateSeries(t.Context(), b.ben, event.SeriesDraft{Title: "Physics"})
	if err != nil {
		t.Fatal(err)
	}
	e := b.event(event.Draft{Title: "Waves", Series: &s.ID})
	if _, err := b.store.PatchSeries(t.Context(), b.ben, s.ID, event.SeriesPatch{Title: event.To("Chemistry")}, ""); err != nil {
		t.Fatal(err)
	}
	if now := b.find(e.ID); event.ETag(now) != event.ETag(e) {
		t.Error("a new title of the series changed the event")
	}
	finds := func(when string, words map[string]bool) {
		t.Helper()
		for word, want := range words {
			if got := slices.Contains(b.list(b.ben, event.Query{Q: word}), e.ID); got != want {
				t.Errorf("%s: %q finds it: %v", when, word, got)
			}
		}
	}
	finds("new series title", map[string]bool{"chem": true, "phys": false, "waves": true})
	b.patch(e.ID, event.Patch{Title: event.To("Atoms"), Series: event.Removed[event.SeriesID]()})
	finds("changed", map[string]bool{"chem": false, "atoms": true, "waves": false})
	b.tx(func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "update event_words set words = to_tsvector('rubbish')")
		return err
	})
	if n, err := b.store.RebuildWords(t.Context(), b.ben.Tenant); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	finds("made again", map[string]bool{"rubbish": false, "atoms": true})
}

func TestVeryManyWordsAreTaken(t *testing.T) {
	b := setup(t)
	creators := make([]string, 1000)
	for i := range creators {
		creators[i] = strings.Repeat(fmt.Sprintf("w%d ", i), 100)
	}
	e := b.event(event.Draft{Title: "Zebra", Creators: creators, Description: strings.Repeat("ä ", 20000) + strings.Repeat("x", 5000)})
	if got := b.list(b.ben, event.Query{Q: "zebra w7"}); !slices.Equal(got, []event.ID{e.ID}) {
		t.Errorf("finds %v", got)
	}
}
