package event_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/fault"
)

func TestTheBinHidesAndGivesBack(t *testing.T) {
	b := setup(t)
	e := b.event(event.Draft{})
	if err := b.store.Delete(t.Context(), b.ben, e.ID); err != nil {
		t.Fatal(err)
	}
	b.kind(second(b.store.Find(t.Context(), b.ada, e.ID, event.ToRead)), fault.NotFound)
	b.kind(second(b.store.Patch(t.Context(), b.ben, e.ID, event.Patch{}, "")), fault.NotFound)
	b.kind(b.store.Delete(t.Context(), b.ben, e.ID), fault.NotFound)
	b.kind(second(b.store.Duplicate(t.Context(), b.ben, e.ID)), fault.NotFound)
	if len(b.list(b.ada, event.Query{})) != 0 {
		t.Error("still listed")
	}
	if got := b.list(b.ben, event.Query{Bin: true}); !slices.Equal(got, []event.ID{e.ID}) {
		t.Errorf("the bin holds %v", got)
	}
	if got := b.list(b.chloe, event.Query{Bin: true}); len(got) != 0 {
		t.Errorf("hers holds %v", got)
	}
	b.kind(second(b.store.RestoreFromBin(t.Context(), b.chloe, e.ID)), fault.NotFound)
	back, err := b.store.RestoreFromBin(t.Context(), b.ben, e.ID)
	if err != nil || back.Title != e.Title || !slices.Equal(back.ACL, e.ACL) {
		t.Errorf("%+v %v", back, err)
	}
}

func TestPurgeLeavesFilesToTheSweeper(t *testing.T) {
	b := setup(t)
	for _, binned := range []bool{false, true} {
		e := b.event(event.Draft{})
		b.add(original(e.ID, "in/"+string(e.ID), 1000))
		if binned {
			if err := b.store.Delete(t.Context(), b.ben, e.ID); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.store.Purge(t.Context(), b.ben, e.ID); err != nil {
			t.Fatal(err)
		}
		b.kind(b.store.Purge(t.Context(), b.ben, e.ID), fault.NotFound)
		b.tx(func(tx pgx.Tx) error {
			var rows, files int
			err := tx.QueryRow(t.Context(), "select (select count(*) from event where id = $1::text), (select count(*) from file_garbage where path = 'in/' || $1::text)", e.ID).Scan(&rows, &files)
			if rows != 0 || files != 1 {
				t.Errorf("%d rows, %d files to sweep", rows, files)
			}
			return err
		})
	}
}

func TestEmptyBinKeepsToItsDays(t *testing.T) {
	b := setup(t)
	old, young := b.event(event.Draft{}), b.event(event.Draft{})
	for _, e := range []event.Event{old, young} {
		if err := b.store.Delete(t.Context(), b.ben, e.ID); err != nil {
			t.Fatal(err)
		}
	}
	b.tx(func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "update event set deleted_at = now() - interval '31 days' where id = $1", old.ID)
		return err
	})
	if n, err := b.store.EmptyBin(t.Context(), b.ben.Tenant); n != 1 || err != nil {
		t.Errorf("%d gone, %v", n, err)
	}
	if got := b.list(b.ben, event.Query{Bin: true}); !slices.Equal(got, []event.ID{young.ID}) {
		t.Errorf("the bin holds %v", got)
	}
}
