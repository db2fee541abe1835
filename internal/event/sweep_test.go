package event_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
)

// files counts the files in storage.
func (b *intake) files() (n int) {
	_ = filepath.WalkDir(b.dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			n++
		}
		return err
	})
	return n
}

// sweep sweeps as if what was announced had waited long enough.
func (b *intake) sweep() {
	b.Helper()
	b.tx(func(tx pgx.Tx) error {
		_, err := tx.Exec(b.Context(), "update file_garbage set after = now()")
		return err
	})
	if err := b.uploads.Sweep(b.Context(), b.store, dbtest.Tenant); err != nil {
		b.Fatal(err)
	}
}

// A node may die between a file and the row that names it.
func TestFilesWithoutARowAreSwept(t *testing.T) {
	b := setupIntake(t)
	st, err := b.uploads.Stage(b.Context(), dbtest.Tenant, strings.NewReader("words"))
	if err != nil || b.files() != 1 {
		t.Fatalf("%d files, %v", b.files(), err)
	}
	if err := b.uploads.Sweep(b.Context(), b.store, dbtest.Tenant); err != nil || b.files() != 1 {
		t.Fatalf("a file that is still to be admitted was swept: %v", err)
	}
	if _, err := b.uploads.Start(b.Context(), b.ben, event.NewUpload{ID: st.ID, Filename: "a.mp4", Size: st.Size}); err != nil {
		t.Fatal(err)
	}
	if b.sweep(); b.files() != 1 {
		t.Fatal("an upload's file was swept")
	}
	if _, err := b.uploads.Stage(b.Context(), dbtest.Tenant, strings.NewReader("more words")); err != nil {
		t.Fatal(err)
	}
	if b.sweep(); b.files() != 1 {
		t.Errorf("%d files are left, want that of the upload alone", b.files())
	}
}

func TestWhatIngestMakesIsAnnouncedBefore(t *testing.T) {
	b := setupIntake(t)
	u := b.send(clip(t), event.NewUpload{Filename: "a.mp4"})
	if err := b.uploads.Ingest(b.Context(), b.newest(u.ID)); err != nil {
		t.Fatal(err)
	}
	var assets, announced int
	b.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(b.Context(), "select count(*), count(g.path) from asset a left join file_garbage g on g.path = a.path and g.after > now() where event_id = $1", u.EventID).Scan(&assets, &announced)
	})
	if assets < 4 || announced != assets {
		t.Errorf("%d of %d files were announced", announced, assets)
	}
	if b.sweep(); b.files() != assets {
		t.Errorf("%d files of %d are left after the sweep", b.files(), assets)
	}
}

func TestPurgedFilesAreSwept(t *testing.T) {
	b := setupIntake(t)
	u := b.send(clip(t), event.NewUpload{Filename: "a.mp4"})
	if err := b.uploads.Ingest(b.Context(), b.newest(u.ID)); err != nil {
		t.Fatal(err)
	}
	twin, err := b.store.Duplicate(b.Context(), b.ben, u.EventID)
	if err != nil {
		t.Fatal(err)
	}
	before := b.files()
	for i, id := range []event.ID{u.EventID, twin.ID} {
		if err := b.store.Purge(b.Context(), b.ben, id); err != nil {
			t.Fatal(err)
		}
		if err := b.uploads.Sweep(b.Context(), b.store, dbtest.Tenant); err != nil {
			t.Fatal(err)
		}
		if n := b.files(); i == 0 && n != before || i == 1 && n != 0 {
			t.Fatalf("after %d of 2 purged: %d files of %d", i+1, n, before)
		}
	}
}
