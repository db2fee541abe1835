package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"cutroom/internal/event"
	"cutroom/internal/install"
	"cutroom/internal/lti"
	"cutroom/internal/run"
	"cutroom/internal/storage"
	"cutroom/internal/tenant"
)

// jobTimeout ends a job that hangs without losing its lease. River's own default of one minute would end most renders;
// -1 would make a killed worker's job stay for ever.
const jobTimeout = 24 * time.Hour

// Node works jobs. Fill the fields, then Start. Start and Stop may be called twice.
type Node struct {
	DB       *tenant.DB
	Runs     *run.Store
	Installs *install.Store // nil: lost installs are not looked for
	Files    storage.Store  // nil: leftovers are not swept
	Workers  *river.Workers // of all kinds
	Name     string         // of the node
	Log      *slog.Logger
	Reap     time.Duration // between two looks for lost runs and installs; 0: reapRunsEvery

	mu     sync.Mutex
	client *river.Client[pgx.Tx]
	stop   context.CancelFunc
	gone   sync.WaitGroup
}

// Start begins to take jobs. River listens on a connection of the pool, so that a job starts at once, and looks each half second
// in case a notification was lost. Its client id is random each time: one that was used before a crash would keep the
// leadership from this node for 15 s.
func (n *Node) Start(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.client != nil {
		return nil
	}
	slots := max(2, runtime.NumCPU()/2) // an encoder uses two cores
	client, err := river.NewClient(riverpgxv5.New(n.DB.Pool), &river.Config{
		Schema: tenant.RiverSchema, ID: shortened(n.Name) + "-" + rand.Text()[:12], Workers: n.Workers,
		Queues: map[string]river.QueueConfig{run.Queue: {MaxWorkers: slots}, event.QueueIngest: {MaxWorkers: slots}, tenant.DeleteQueue: {MaxWorkers: 1},
			install.Queue: {MaxWorkers: installSlots, FetchCooldown: install.Cooldown}, lti.QueueMembers: {MaxWorkers: 2}},
		JobTimeout: jobTimeout, RescueStuckJobsAfter: jobTimeout + time.Hour, MaxAttempts: 1,
		FetchCooldown: 100 * time.Millisecond, FetchPollInterval: 500 * time.Millisecond,
		Logger: slog.New(warnings{n.Log.Handler()}),
	})
	if err != nil {
		return err
	}
	// What ctx says ends the node by Stop: jobs have to give their work back, which a dead context would not allow.
	alive, stop := context.WithCancel(context.WithoutCancel(ctx))
	if err := client.Start(alive); err != nil {
		stop()
		return err
	}
	n.client, n.stop = client, stop
	n.gone.Go(func() { n.reap(alive) })
	n.gone.Go(func() { n.sweep(alive) })
	if n.Installs != nil {
		n.gone.Go(func() { n.reapInstalls(alive) })
	}
	return nil
}

// Drain takes no new jobs and waits until those that run are done, or ctx ends.
func (n *Node) Drain(ctx context.Context) error {
	n.mu.Lock()
	client := n.client
	n.mu.Unlock()
	if client == nil {
		return nil
	}
	return client.Stop(ctx)
}

// Stop cancels what runs: each run is given back to the other nodes. It waits until that is done, or ctx ends.
func (n *Node) Stop(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.client == nil {
		return nil
	}
	err := n.client.StopAndCancel(ctx)
	n.stop()
	n.gone.Wait()
	n.client = nil
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// warnings lets through what River warns of; that it started or stopped is no news.
type warnings struct{ slog.Handler }

// Enabled says whether a level is let through.
func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

// shortened keeps an id within River's 100 signs.
func shortened(name string) string { return name[:min(len(name), 80)] }
