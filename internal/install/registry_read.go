package install

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/module"
)

// ModulesMap gives every module there is, by id.
func (s *Store) ModulesMap(ctx context.Context) (map[string]module.Descriptor, error) {
	rows, err := s.DB.Pool.Query(ctx, "select descriptor from cutroom.module")
	if err != nil {
		return nil, err
	}
	return collectModules(rows)
}

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

// URL is where a module serves: one of its instances.
func (s *Store) URL(ctx context.Context, id string) (url string, there bool, err error) {
	err = s.DB.Pool.QueryRow(ctx, "select url from cutroom.discovery where module_id = $1 order by instance_id limit 1", id).Scan(&url)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	return url, err == nil, err
}
