package jobs

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/live"
	"cutroom/internal/storage"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

func TestTheKeeperRemovesEndedSessionsOfAllTenants(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if err := db.Create(t.Context(), "other", "Other", "", nil); err != nil {
		t.Fatal(err)
	}
	ended := "insert into session (hash, data, expires_at) values ('\\x00', '', now() - interval '9 days')"
	for _, id := range []tenant.ID{dbtest.Tenant, "other"} {
		err := db.Tx(t.Context(), id, func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), ended); return err })
		if err != nil {
			t.Fatal(err)
		}
	}
	files, err := storage.NewLocal(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = files.Close() }()
	ctx, stop := context.WithCancel(t.Context())
	keeper := &Files{DB: db, Uploads: &event.Uploads{DB: db, Bus: live.Discard{}, Files: files, Node: "n1"}, Events: &event.Store{DB: db, Bus: live.Discard{}},
		Users: user.New(db, live.Discard{}), Log: slog.New(slog.DiscardHandler)}
	done := make(chan struct{})
	go func() { keeper.Run(ctx); close(done) }()
	defer func() { stop(); <-done }()
	tick, deadline := time.NewTicker(20*time.Millisecond), time.After(20*time.Second)
	defer tick.Stop()
	for left := 2; left > 0; {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d tenants have their ended session still", left)
		}
		left = 0
		for _, id := range []tenant.ID{dbtest.Tenant, "other"} {
			var n int
			err := db.Read(t.Context(), id, func(tx pgx.Tx) error { return tx.QueryRow(t.Context(), "select count(*) from session").Scan(&n) })
			if err != nil {
				t.Fatal(err)
			}
			left += n
		}
	}
}
