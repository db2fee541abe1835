package event_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/storage"
)

// fullDisk is a storage that has no room for work on files while full.
type fullDisk struct {
	storage.Store
	full bool
}

func (d *fullDisk) Temp(ctx context.Context, tenant, name string) (string, func(), error) {
	if d.full {
		return "", nil, fault.New(fault.Unavailable, "disk-full", "The disk is full.")
	}
	return d.Store.Temp(ctx, tenant, name)
}

func TestAFileWaitsForRoomOnTheDisk(t *testing.T) {
	b := setupIntake(t)
	disk := &fullDisk{Store: b.uploads.Files, full: true}
	b.uploads.Files = disk
	u := b.send(clip(t), event.NewUpload{Filename: "a.mp4"})
	again := func() {
		b.tx(func(tx pgx.Tx) error {
			_, err := tx.Exec(b.Context(), "update upload set lease_until = now() - interval '1 second' where id = $1", u.ID)
			return err
		})
		if n, err := b.uploads.ReapIngests(b.Context(), dbtest.Tenant); err != nil || n != 1 {
			t.Fatalf("%d files are tried again: %v", n, err)
		}
	}
	for try := range 5 {
		if err := b.uploads.Ingest(b.Context(), b.newest(u.ID)); fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("try %d on a full disk: %v", try, err)
		}
		if e := b.find(u.EventID); e.State != event.Ready || len(e.Assets) != 1 {
			t.Fatalf("try %d: %s with %d assets; the original is there", try, e.State, len(e.Assets))
		}
		again()
	}
	disk.full = false
	if err := b.uploads.Ingest(b.Context(), b.newest(u.ID)); err != nil {
		t.Fatal(err)
	}
	if e := b.find(u.EventID); e.State != event.Ready || flavors(e) == "presentation/source" {
		t.Fatalf("with room: %s, %s", e.State, flavors(e))
	}
}
