package handlers

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// changeSettings changes a tenant's settings, with a line in the audit log, and gives all of them. Admins only.
func (s *Server) changeSettings(ctx context.Context, who user.Who, patch map[string]any) (all map[string]any, err error) {
	if !who.Admin() {
		return nil, fault.Denied()
	}
	err = s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		if err := tenant.PatchSettings(ctx, tx, who.User, patch); err != nil {
			return err
		}
		if err := user.AuditTx(ctx, tx, who, "settings.change", "", patch); err != nil {
			return err
		}
		all, err = tenant.SettingsMap(ctx, tx)
		return err
	})
	if err == nil {
		s.Bus.Publish(live.Notice{Tenant: string(who.Tenant), Topic: "settings:"})
	}
	return all, err
}
