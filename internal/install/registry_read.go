package install

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/module"
)

// descriptorsTx gives those of the modules that there are, by id.
func descriptorsTx(ctx context.Context, tx pgx.Tx, ids []string) (map[string]module.Descriptor, error) {
	rows, err := tx.Query(ctx, "select descriptor from cutroom.module where id = any($1)", ids)
	if err != nil {
		return nil, err
	}
	return collectModules(rows)
}

func collectModules(rows pgx.Rows) (map[string]module.Descriptor, error) {
	all := map[string]module.Descriptor{}
	var raw json.RawMessage
	_, err := pgx.ForEachRow(rows, []any{&raw}, func() error {
		d, err := module.Parse(append([]byte(nil), raw...))
		if err != nil {
			return fmt.Errorf("a module that is kept cannot be read: %w", err)
		}
		all[d.ID] = d
		return nil
	})
	return all, err
}
