package install

import (
	"context"
	"maps"
	"sync"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/module"
)

// known keeps the descriptors that were read, so that an install of one module among a thousand parses none of them again. What
// is there is asked each time; a descriptor is told from an older one by the transaction that wrote it.
type known struct {
	mu  sync.Mutex
	all map[string]knownModule
}

type knownModule struct {
	descriptor module.Descriptor
	writer     string
}

type moduleRow struct {
	ID         string
	Writer     string
	Descriptor []byte
}

// read gives all modules as the transaction sees them. It has to come before the transaction's own changes.
func (k *known) read(ctx context.Context, tx pgx.Tx) (map[string]module.Descriptor, error) {
	k.mu.Lock()
	before := maps.Clone(k.all)
	k.mu.Unlock()
	now, missing, err := k.present(ctx, tx, before)
	if err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		if err := loadModules(ctx, tx, missing, now); err != nil {
			return nil, err
		}
	}
	k.mu.Lock()
	k.all = now
	k.mu.Unlock()
	all := make(map[string]module.Descriptor, len(now))
	for id, m := range now {
		all[id] = m.descriptor
	}
	return all, nil
}

// present gives those of before that are still there and unchanged, and the ids of all others there are.
func (k *known) present(ctx context.Context, tx pgx.Tx, before map[string]knownModule) (now map[string]knownModule, missing []string, err error) {
	rows, err := tx.Query(ctx, "select id, xmin::text, ''::bytea from cutroom.module")
	if err != nil {
		return nil, nil, err
	}
	there, err := pgx.CollectRows(rows, pgx.RowToStructByPos[moduleRow])
	if err != nil {
		return nil, nil, err
	}
	now = make(map[string]knownModule, len(there))
	for _, row := range there {
		if m, ok := before[row.ID]; ok && m.writer == row.Writer {
			now[row.ID] = m
		} else {
			missing = append(missing, row.ID)
		}
	}
	return now, missing, nil
}

func loadModules(ctx context.Context, tx pgx.Tx, ids []string, into map[string]knownModule) error {
	rows, err := tx.Query(ctx, "select id, xmin::text, convert_to(descriptor::text, 'UTF8') from cutroom.module where id = any($1)", ids)
	if err != nil {
		return err
	}
	read, err := pgx.CollectRows(rows, pgx.RowToStructByPos[moduleRow])
	if err != nil {
		return err
	}
	for _, row := range read {
		d, err := module.Parse(row.Descriptor)
		if err != nil {
			return err
		}
		into[row.ID] = knownModule{d, row.Writer}
	}
	return nil
}
