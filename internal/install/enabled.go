package install

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/tenant"
)

// Enabled gives the ids of the modules that a tenant has, sorted. A tenant that is not there has none.
func (s *Store) Enabled(ctx context.Context, t tenant.ID) (ids []string, err error) {
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		ids, err = s.EnabledTx(ctx, tx, t)
		return err
	})
	return ids, err
}

// EnabledTx is Enabled inside a transaction of the node's own role.
func (s *Store) EnabledTx(ctx context.Context, tx pgx.Tx, t tenant.ID) ([]string, error) {
	rows, err := tx.Query(ctx, `select module_id from cutroom.tenant_module where tenant_id = $1 and enabled order by module_id collate "C"`, t)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// products gives the module of each product that a tenant has.
func productsTx(ctx context.Context, tx pgx.Tx, t tenant.ID) (map[string]string, error) {
	rows, err := tx.Query(ctx, "select product, module_id from cutroom.tenant_module where tenant_id = $1 and enabled", t)
	if err != nil {
		return nil, err
	}
	all, product, id := map[string]string{}, "", ""
	_, err = pgx.ForEachRow(rows, []any{&product, &id}, func() error {
		all[product] = id
		return nil
	})
	return all, err
}
