package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"cutroom/internal/event"
)

// Ingest takes uploaded files in.
type Ingest struct {
	river.WorkerDefaults[event.IngestArgs]
	Uploads *event.Uploads
}

// Work takes one file in; see event.Uploads.Ingest.
func (w *Ingest) Work(ctx context.Context, job *river.Job[event.IngestArgs]) error {
	return w.Uploads.Ingest(ctx, job.Args)
}

// Timeout is long: the lease of the upload is what ends an attempt that hangs.
func (w *Ingest) Timeout(*river.Job[event.IngestArgs]) time.Duration { return 24 * time.Hour }
