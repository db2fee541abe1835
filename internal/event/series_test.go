package event_test

import (
	"slices"
	"sync"
	"testing"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

func TestASeriesLives(t *testing.T) {
	b := setup(t)
	s, err := b.store.CreateSeries(t.Context(), b.ben, event.SeriesDraft{Title: "Physics", ACL: []event.ACLEntry{{Role: "ROLE_USER_VERA", Action: "read"}}})
	if err != nil {
		t.Fatal(err)
	}
	b.fields(second(b.store.CreateSeries(t.Context(), b.ben, event.SeriesDraft{Creators: []string{""}})), "/title", "/creators/0")
	b.kind(second(b.store.CreateSeries(t.Context(), b.chloe, event.SeriesDraft{ID: s.ID, Title: "again"})), fault.Conflict)
	b.kind(second(b.store.CreateSeries(t.Context(), b.vera, event.SeriesDraft{Title: "a viewer's"})), fault.Forbidden)
	b.kind(second(b.store.FindSeries(t.Context(), b.chloe, s.ID, event.ToRead)), fault.NotFound)
	b.kind(second(b.store.PatchSeries(t.Context(), b.vera, s.ID, event.SeriesPatch{Title: event.To("x")}, "")), fault.Forbidden)
	b.kind(b.store.DeleteSeries(t.Context(), b.vera, s.ID), fault.Forbidden)
	b.fields(second(b.store.PatchSeries(t.Context(), b.ben, s.ID, event.SeriesPatch{Title: event.To(" "), Language: event.To("e")}, "")), "/title", "/language")
	same, err := b.store.PatchSeries(t.Context(), b.ben, s.ID, event.SeriesPatch{Title: event.To("Physics"), ACL: event.To(s.ACL)}, s.ETag())
	if err != nil || same.ETag() != s.ETag() {
		t.Errorf("no change changed it: %v", err)
	}
	next, err := b.store.PatchSeries(t.Context(), b.ben, s.ID, event.SeriesPatch{Title: event.To("Physics II"), ACL: event.To([]event.ACLEntry{})}, s.ETag())
	if err != nil || next.Title != "Physics II" || len(next.ACL) != 0 || next.ETag() == s.ETag() {
		t.Errorf("%+v %v", next, err)
	}
	b.kind(second(b.store.PatchSeries(t.Context(), b.ben, s.ID, event.SeriesPatch{Title: event.To("Lost")}, s.ETag())), fault.Precondition)
	for who, want := range map[string]int{"ada": 1, "ben": 1, "vera": 0} {
		page, err := b.store.ListSeries(t.Context(), map[string]user.Who{"ada": b.ada, "ben": b.ben, "vera": b.vera}[who], event.Query{Q: "phys"})
		if err != nil || len(page.Items) != want {
			t.Errorf("%s lists %d, %v", who, len(page.Items), err)
		}
	}
}

func TestDeletingASeriesClearsItInItsEvents(t *testing.T) {
	b := setup(t)
	s, err := b.store.CreateSeries(t.Context(), b.ben, event.SeriesDraft{Title: "Physics"})
	if err != nil {
		t.Fatal(err)
	}
	one, binned := b.event(event.Draft{Series: &s.ID}), b.event(event.Draft{Series: &s.ID})
	if err := b.store.Delete(t.Context(), b.ben, binned.ID); err != nil {
		t.Fatal(err)
	}
	b.bus.take()
	if err := b.store.DeleteSeries(t.Context(), b.ben, s.ID); err != nil {
		t.Fatal(err)
	}
	now := b.find(one.ID)
	if now.Series != nil || !now.Modified.After(one.Modified) || !slices.Equal(now.ACL, one.ACL) {
		t.Errorf("%+v", now)
	}
	if got := b.bus.take(); !slices.Contains(got, "event:"+string(one.ID)) {
		t.Errorf("told the bus %v", got)
	}
	b.kind(second(b.store.FindSeries(t.Context(), b.ada, s.ID, event.ToRead)), fault.NotFound)
	if e, err := b.store.RestoreFromBin(t.Context(), b.ben, binned.ID); err != nil || e.Series != nil {
		t.Errorf("%+v %v", e.Series, err)
	}
}

func TestASeriesGoesWhileItsEventsChange(t *testing.T) {
	b := setup(t)
	for range 5 {
		s, err := b.store.CreateSeries(t.Context(), b.ben, event.SeriesDraft{Title: "Physics"})
		if err != nil {
			t.Fatal(err)
		}
		one, two := b.event(event.Draft{Series: &s.ID}), b.event(event.Draft{})
		var all sync.WaitGroup
		all.Go(func() {
			if err := b.store.DeleteSeries(t.Context(), b.ben, s.ID); err != nil {
				t.Error(err)
			}
		})
		for _, e := range []event.Event{one, two} {
			all.Go(func() {
				_, err := b.store.Patch(t.Context(), b.ben, e.ID, event.Patch{Series: event.To(s.ID)}, "")
				if err != nil && fault.KindOf(err) != fault.Invalid {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, e := range []event.Event{one, two} {
			if now := b.find(e.ID); now.Series != nil {
				t.Errorf("%s still names it", e.ID)
			}
		}
	}
}
