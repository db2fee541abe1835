package event_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

func TestRightsFollowTheACL(t *testing.T) {
	b := setup(t)
	e := b.event(event.Draft{})
	b.add(original(e.ID, "a/original", 1000))
	own := e.ACL
	for role, want := range map[string]bool{"ROLE_ANONYMOUS": true, "ROLE_USER": true, "ROLE_USER_VERA": true, "ROLE_USER_CHLOE": false} {
		b.patch(e.ID, event.Patch{ACL: event.To(append(own, event.ACLEntry{Role: role, Action: "read"}))})
		seen, err := b.store.Find(t.Context(), b.vera, e.ID, event.ToRead)
		if (err == nil) != want {
			t.Errorf("%s: %v", role, err)
		}
		if len(seen.Assets) != 0 || seen.MayWrite {
			t.Errorf("%s: a reader sees internal assets", role)
		}
		if want {
			b.kind(second(b.store.Patch(t.Context(), b.vera, e.ID, event.Patch{Title: event.To("mine")}, "")), fault.Forbidden)
			b.kind(b.store.Delete(t.Context(), b.vera, e.ID), fault.Forbidden)
			b.kind(b.store.Purge(t.Context(), b.vera, e.ID), fault.Forbidden)
			b.kind(second(b.store.Duplicate(t.Context(), b.vera, e.ID)), fault.Forbidden)
		} else {
			b.kind(second(b.store.Patch(t.Context(), b.vera, e.ID, event.Patch{Title: event.To("mine")}, "")), fault.NotFound)
			b.kind(b.store.Delete(t.Context(), b.vera, e.ID), fault.NotFound)
			b.kind(b.store.Purge(t.Context(), b.vera, e.ID), fault.NotFound)
			b.kind(second(b.store.Duplicate(t.Context(), b.vera, e.ID)), fault.NotFound)
		}
	}
	b.patch(e.ID, event.Patch{ACL: event.To(append(own, event.ACLEntry{Role: "ROLE_ANONYMOUS", Action: "annotate"}))})
	b.kind(second(b.store.Find(t.Context(), user.Anonymous(b.ben.Tenant), e.ID, event.ToRead)), fault.NotFound)
}

func TestNobodyLocksHimselfOutByASlip(t *testing.T) {
	b := setup(t)
	e := b.event(event.Draft{})
	chloes := []event.ACLEntry{{Role: "ROLE_USER_BEN", Action: "read"}, {Role: "ROLE_USER_CHLOE", Action: "write"}}
	b.kind(second(b.store.PutACL(t.Context(), b.ben, e.ID, chloes, false)), fault.Conflict)
	if now := b.find(e.ID); event.ETag(now) != event.ETag(e) {
		t.Error("something changed")
	}
	if _, err := b.store.PutACL(t.Context(), b.ben, e.ID, chloes, true); err != nil {
		t.Fatal(err)
	}
	b.kind(second(b.store.Patch(t.Context(), b.ben, e.ID, event.Patch{Title: event.To("x")}, "")), fault.Forbidden)
	if _, err := b.store.Patch(t.Context(), b.chloe, e.ID, event.Patch{Title: event.To("by chloe")}, ""); err != nil {
		t.Error(err)
	}
	if _, err := b.store.PutACL(t.Context(), b.ada, e.ID, []event.ACLEntry{}, false); err != nil {
		t.Errorf("an admin: %v", err)
	}
}

func TestUnlistedEventsAreFoundByID(t *testing.T) {
	b := setup(t)
	e := b.event(event.Draft{ExtraMetadata: []byte(`{"ocx:listed":false}`)})
	b.patch(e.ID, event.Patch{ACL: event.To(append(e.ACL, event.ACLEntry{Role: "ROLE_USER", Action: "read"}))})
	if got := b.list(b.vera, event.Query{}); len(got) != 0 {
		t.Errorf("listed %v", got)
	}
	if _, err := b.store.Find(t.Context(), b.vera, e.ID, event.ToRead); err != nil {
		t.Error(err)
	}
	if got := b.list(b.ben, event.Query{}); len(got) != 1 {
		t.Error("who may write it does not find it")
	}
}

func TestARightTakenAwayWhileAWriterWaits(t *testing.T) {
	b := setup(t)
	e := b.event(event.Draft{})
	b.patch(e.ID, event.Patch{ACL: event.To(append(e.ACL, event.ACLEntry{Role: "ROLE_USER_CHLOE", Action: "write"}))})
	done := make(chan error, 1)
	b.tx(func(tx pgx.Tx) error {
		if err := event.LockTx(t.Context(), tx, b.ben, e.ID, event.ToWrite); err != nil {
			return err
		}
		go func() {
			_, err := b.store.Patch(t.Context(), b.chloe, e.ID, event.Patch{Title: event.To("too late")}, "")
			done <- err
		}()
		b.waitForLock()
		_, err := tx.Exec(t.Context(), "delete from event_acl where event_id = $1 and role = 'ROLE_USER_CHLOE'", e.ID)
		return err
	})
	b.kind(<-done, fault.NotFound)
}

// waitForLock waits until somebody in this database waits for a lock.
func (b *bundle) waitForLock() {
	b.Helper()
	for {
		var waiting bool
		err := b.db.Pool.QueryRow(b.Context(), "select exists (select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')").Scan(&waiting)
		if err != nil {
			b.Fatal(err)
		}
		if waiting {
			return
		}
	}
}
