package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"cutroom/internal/run"
	"cutroom/internal/storage"
)

// Render works on runs: it cuts, makes what pages need of the result, and shows it.
type Render struct {
	river.WorkerDefaults[run.PublishArgs]
	Runs  *run.Store
	Files storage.Store
	Node  string
	// Make makes the result of a run; nil: the real one. Tests put another one in.
	Make func(context.Context, *run.Held) (run.Result, error)
}

// Work claims the run, works on it, and ends it; see run.Held.Do. A job whose run is not its own any more cancels itself.
func (w *Render) Work(ctx context.Context, job *river.Job[run.PublishArgs]) error {
	held, err := w.Runs.Claim(ctx, job.Args, job.ID, w.Node)
	if errors.Is(err, run.ErrStale) {
		return river.JobCancel(err)
	}
	if err != nil {
		return err
	}
	work := w.Make
	if work == nil {
		work = w.render
	}
	return held.Do(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	}, work)
}

// Timeout is long: the lease of the run is what ends an attempt that hangs.
func (w *Render) Timeout(*river.Job[run.PublishArgs]) time.Duration { return jobTimeout }
