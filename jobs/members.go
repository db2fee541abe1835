package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"cutroom/internal/lti"
)

// Members makes the people of courses known.
type Members struct {
	river.WorkerDefaults[lti.MembersArgs]
	LTI *lti.Store
	Log *slog.Logger
}

// Work asks the learning platform who is in a course. What fails is logged and tried again, later each time.
func (w *Members) Work(ctx context.Context, job *river.Job[lti.MembersArgs]) error {
	err := w.LTI.SyncMembers(ctx, job.Args.Tenant, job.Args.Platform, job.Args.Course)
	if err != nil && ctx.Err() == nil {
		w.Log.WarnContext(ctx, "members of a course", "tenant", job.Args.Tenant, "platform", job.Args.Platform, "course", job.Args.Course, "attempt", job.Attempt, "of", job.MaxAttempts, "error", err)
	}
	return err
}

// Timeout ends an attempt that hangs.
func (w *Members) Timeout(*river.Job[lti.MembersArgs]) time.Duration { return lti.MembersTime }
