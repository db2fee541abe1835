package event_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

func TestCreateFillsInTheRest(t *testing.T) {
	b := setup(t)
	e := b.event(event.Draft{Title: "A lecture", Description: "One\n\nTwo", Creators: []string{"Ada L."}})
	if e.Owner != "ben" || e.CreatedBy != "ben" || e.State != event.Empty || len(e.ID) < 20 || e.Modified.Before(e.Created) || !e.MayWrite {
		t.Errorf("made %+v", e)
	}
	if want := []event.ACLEntry{{Role: "ROLE_USER_BEN", Action: "read"}, {Role: "ROLE_USER_BEN", Action: "write"}}; !slices.Equal(e.ACL, want) {
		t.Errorf("ACL %v", e.ACL)
	}
	if got := b.bus.take(); !slices.Equal(got, []string{"event:" + string(e.ID)}) {
		t.Errorf("told the bus %v", got)
	}
	b.kind(second(b.store.Find(t.Context(), b.vera, e.ID, event.ToRead)), fault.NotFound)
}

func second[T any](_ T, err error) error { return err }

func TestCreateNamesAllWrongFields(t *testing.T) {
	b := setup(t)
	series, english := event.SeriesID("no-such"), "Englisch!"
	late, early := time.Now(), time.Now().Add(-time.Hour)
	_, err := b.store.Create(t.Context(), b.ben, event.Draft{ID: "a b", Title: " \u3000", Creators: []string{"A", ""}, Series: &series, Language: &english, Owner: "nobody",
		StartTime: &late, EndTime: &early, Description: strings.Repeat("d", 65537), ExtraMetadata: json.RawMessage(`{"oc:x":1,"ocx:listed":"no"}`),
		ACL: []event.ACLEntry{{Role: "A", Action: "read"}, {Role: "A", Action: "read"}, {Role: " ", Action: "read"}}, Wrong: []fault.Field{{Path: "/colour", Rule: "Known", Message: "?"}}})
	b.fields(err, "/id", "/title", "/creators/1", "/series", "/language", "/owner", "/endTime", "/description", "/extraMetadata/oc:x", "/extraMetadata/ocx:listed", "/acl/1", "/acl/2/role", "/colour")
	if got := b.list(b.ada, event.Query{}); len(got) != 0 {
		t.Errorf("left behind %v", got)
	}
}

func TestCreateRefuses(t *testing.T) {
	b := setup(t)
	e := b.event(event.Draft{ID: "own-id"})
	b.kind(second(b.store.Create(t.Context(), b.chloe, event.Draft{ID: e.ID, Title: "again"})), fault.Conflict)
	b.kind(second(b.store.Create(t.Context(), b.vera, event.Draft{Title: "by a viewer"})), fault.Forbidden)
	b.kind(second(b.store.Create(t.Context(), user.Anonymous(b.ben.Tenant), event.Draft{Title: "by nobody"})), fault.Forbidden)
}

func TestNewEventGetsItsSeriesACL(t *testing.T) {
	b := setup(t)
	acl := []event.ACLEntry{{Role: "ROLE_USER_ADA", Action: "write"}, {Role: "ROLE_USER_BEN", Action: "read"}}
	s, err := b.store.CreateSeries(t.Context(), b.ada, event.SeriesDraft{Title: "Physics", ACL: acl})
	if err != nil {
		t.Fatal(err)
	}
	made, err := b.store.Create(t.Context(), b.ada, event.Draft{Title: "Waves", Series: &s.ID})
	if err != nil || !slices.Equal(made.ACL, acl) {
		t.Errorf("ACL %v, %v", made.ACL, err)
	}
	own := b.event(event.Draft{Title: "Ben's", Series: &s.ID})
	if want := append(slices.Clone(acl), event.ACLEntry{Role: "ROLE_USER_BEN", Action: "write"}); !slices.Equal(own.ACL, want) {
		t.Errorf("who makes it is locked out: %v", own.ACL)
	}
	b.fields(second(b.store.Create(t.Context(), b.chloe, event.Draft{Title: "Not hers to see", Series: &s.ID})), "/series")
}
