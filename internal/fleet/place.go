package fleet

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/install"
	"cutroom/internal/tenant"
)

// Place is what stands around an install: whose it is, and what it belongs to.
type Place struct {
	Tenant     tenant.ID
	TenantName string
	LostNode   string // the node before, which was lost; "": none
	Batch      ID     // the upgrade of many that it belongs to; "": none
}

// PlaceOf finds an install of any tenant. Whether somebody may see it is install.Find's to say.
func (s *Store) PlaceOf(ctx context.Context, id install.ID) (p Place, err error) {
	if uuid.Validate(string(id)) != nil {
		return p, fault.Gone()
	}
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `select t.id, t.name, coalesce(i.lost_node, ''), coalesce(b.batch_id::text, '') from install i join tenant t on t.id = i.tenant_id
			left join upgrade_batch_tenant b on b.install_id = i.id where i.id = $1 limit 1`, id).Scan(&p.Tenant, &p.TenantName, &p.LostNode, &p.Batch)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.Gone()
	}
	return p, err
}
