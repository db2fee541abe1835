package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"cutroom/internal/install"
)

// installSlots is how many installs a node works on at the same time. They mostly wait for modules.
const installSlots = 24

// Install works on installs.
type Install struct {
	river.WorkerDefaults[install.Args]
	Installs *install.Store
	Node     string
	After    func(context.Context) error // is called when one ended; nil: nothing is
}

// Work claims the install and calls its modules until it is complete; see install.Held.Do. A job whose install is not its own any
// more cancels itself.
func (w *Install) Work(ctx context.Context, job *river.Job[install.Args]) error {
	held, err := w.Installs.Claim(ctx, job.Args, job.ID, w.Node)
	if errors.Is(err, install.ErrStale) {
		return river.JobCancel(err)
	}
	if err == nil {
		err = held.Do(ctx)
	}
	if err == nil && w.After != nil {
		err = w.After(context.WithoutCancel(ctx))
	}
	return err
}

// Timeout is long: the lease of the install is what ends an attempt that hangs.
func (w *Install) Timeout(*river.Job[install.Args]) time.Duration { return jobTimeout }
