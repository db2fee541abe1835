package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"cutroom/internal/tenant"
)

// TenantDelete takes tenants away.
type TenantDelete struct {
	river.WorkerDefaults[tenant.DeleteArgs]
	DB   *tenant.DB
	Node string
}

// Work takes one tenant away; see tenant.DB.Delete. A job whose tenant is somebody else's by now cancels itself.
func (w *TenantDelete) Work(ctx context.Context, job *river.Job[tenant.DeleteArgs]) error {
	begun := time.Now()
	err := w.DB.Delete(ctx, job.Args.Tenant, job.Args.Round, w.Node, nil)
	switch {
	case errors.Is(err, tenant.ErrTaken):
		return river.JobCancel(err)
	case err != nil && ctx.Err() == nil:
		slog.WarnContext(ctx, "a tenant is not deleted yet; it is tried again", "tenant", job.Args.Tenant, "error", err)
	case err == nil:
		slog.InfoContext(ctx, "tenant deleted", "tenant", job.Args.Tenant, "took", time.Since(begun).Round(time.Millisecond))
	}
	return err
}

// Timeout is long: the lease is what ends an attempt that hangs.
func (w *TenantDelete) Timeout(*river.Job[tenant.DeleteArgs]) time.Duration { return jobTimeout }
