package jobs

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"go.uber.org/goleak"

	"cutroom/internal/dbtest"
)

// Not parallel: it looks at the goroutines of the whole process.
func TestNodeStartsAndStopsTwiceAndLeavesNothing(t *testing.T) {
	dsn := dbtest.DSN(t)
	before := goleak.IgnoreCurrent()
	db := dbtest.Open(t, dsn)
	runs, err := hammerStore(db)
	if err != nil {
		t.Fatal(err)
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &Render{Runs: runs, Node: "n1"})
	node := &Node{DB: db, Runs: runs, Workers: workers, Name: "n1", Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for range 2 {
		for range 2 {
			if err := node.Start(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if err := node.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := node.Stop(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	db.Pool.Close()
	goleak.VerifyNone(t, before)
}
