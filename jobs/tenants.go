package jobs

import (
	"context"
	"log/slog"

	"cutroom/internal/tenant"
)

// eachTenant does something for one tenant after the other. What fails is logged, and the next one has its turn.
func eachTenant(ctx context.Context, db *tenant.DB, log *slog.Logger, what string, do func(tenant.ID) error) {
	tenants, err := db.List(ctx)
	if err != nil {
		if ctx.Err() == nil {
			log.Warn(what, "error", err)
		}
		return
	}
	for _, t := range tenants {
		if err := do(t.ID); err != nil && ctx.Err() == nil {
			log.Warn(what, "tenant", t.ID, "error", err)
		}
	}
}
