package event_test

import (
	"strings"
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// actions are those of the log about something, oldest first, each with its detail.
func (b *bundle) actions(subject string) (all []string) {
	b.Helper()
	users := user.New(b.db, b.store.Bus)
	lines, _, err := users.Audit(b.Context(), user.System(dbtest.Tenant), user.AuditFilter{Subject: subject}, "", 100)
	if err != nil {
		b.Fatal(err)
	}
	for i := len(lines) - 1; i >= 0; i-- {
		all = append(all, lines[i].Actor+" "+lines[i].Action+" "+string(lines[i].Detail))
	}
	return all
}

func TestWhatIsDoneToRecordingsIsInTheLog(t *testing.T) {
	b := setup(t)
	e, err := b.store.Create(t.Context(), b.ben, event.Draft{ID: "l1", Title: "Lecture 1"})
	if err != nil {
		t.Fatal(err)
	}
	own := e.ACL
	acl := append([]event.ACLEntry{{Role: "ROLE_USER", Action: "read"}}, own...)
	for range 2 { // the second time nothing changes
		if _, err := b.store.PutACL(t.Context(), b.ben, e.ID, acl, false); err != nil {
			t.Fatal(err)
		}
	}
	b.kind(second(b.store.PutACL(t.Context(), b.ben, e.ID, nil, false)), fault.Conflict)
	if err := b.store.Delete(t.Context(), b.ben, e.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.store.RestoreFromBin(t.Context(), b.ben, e.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.store.Purge(t.Context(), b.ada, e.ID); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`ben acl.change {"of": "event", "after": [{"role": "ROLE_USER", "action": "read"}], "title": "Lecture 1", "before": []}`,
		`ben event.delete {"title": "Lecture 1"}`, `ben event.restore {"title": "Lecture 1"}`, `ada event.purge {"title": "Lecture 1"}`,
	}
	if got := b.actions("l1"); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

func TestASeriesACLIsInTheLogAndLocksNobodyOutByMistake(t *testing.T) {
	b := setup(t)
	write := func(who user.Who) event.ACLEntry {
		return event.ACLEntry{Role: user.OwnRole(who.User), Action: "write"}
	}
	s, err := b.store.CreateSeries(t.Context(), b.ada, event.SeriesDraft{ID: "phys", Title: "Physics", ACL: []event.ACLEntry{write(b.ben)}})
	if err != nil {
		t.Fatal(err)
	}
	none := event.SeriesPatch{ACL: event.To([]event.ACLEntry{})}
	b.kind(second(b.store.PatchSeries(t.Context(), b.ben, s.ID, none, "")), fault.Conflict)
	none.Confirm = true
	if _, err := b.store.PatchSeries(t.Context(), b.ben, s.ID, none, ""); err != nil {
		t.Fatal(err)
	}
	if err := b.store.DeleteSeries(t.Context(), b.ada, s.ID); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`ben acl.change {"of": "series", "after": [], "title": "Physics", "before": [{"role": "ROLE_USER_BEN", "action": "write"}]}`,
		`ada series.delete {"title": "Physics", "recordings": 0}`,
	}
	if got := b.actions("phys"); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}
