package event

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/tenant"
)

// How long an upload may wait for its next byte, one that became an asset is remembered, and players may read on in what
// was replaced.
const (
	UploadExpiry = 7 * 24 * time.Hour
	UploadKept   = 24 * time.Hour
	RetireGrace  = time.Hour
)

// Sweep removes in one tenant what nobody needs: events whose days in the bin are over, uploads that were given up,
// replaced tracks after their grace, and files that no row names. Any node may do it at any time, also several at once.
func (s *Uploads) Sweep(ctx context.Context, events *Store, t tenant.ID) error {
	if _, err := events.EmptyBin(ctx, t); err != nil {
		return err
	}
	if err := s.sweepRows(ctx, t); err != nil {
		return err
	}
	return s.sweepFiles(ctx, t)
}

// sweepRows hands the files of stale rows to file_garbage and removes the rows, in one transaction.
func (s *Uploads) sweepRows(ctx context.Context, t tenant.ID) error {
	return s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `with gone as (delete from upload where finished_at is null and modified < now() - $1::interval returning id)
			insert into file_garbage (path) select 'uploads/' || id from gone on conflict do nothing`, UploadExpiry)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "delete from upload where error is null and ended_at < now() - $1::interval", UploadKept); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `with gone as (delete from retired_asset where retired_at < now() - $1::interval returning path)
			insert into file_garbage (path) select distinct path from gone on conflict do nothing`, RetireGrace)
		return err
	})
}

// sweepFiles removes the files in file_garbage that no row names. A row is locked while its file goes, so that two nodes
// do not do the same; killed in between, the file is gone and the row is swept next time.
func (s *Uploads) sweepFiles(ctx context.Context, t tenant.ID) error {
	for {
		var n int
		err := s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
			rows, err := tx.Query(ctx, `select path, exists (select 1 from asset a where a.path = g.path)
				or exists (select 1 from retired_asset r where r.path = g.path)
				or exists (select 1 from upload u where u.id = substr(g.path, 9) and starts_with(g.path, 'uploads/') and u.ended_at is null) as used
				from file_garbage g where after <= now() limit 50 for update skip locked`)
			if err != nil {
				return err
			}
			type item struct {
				Path string
				Used bool
			}
			items, err := pgx.CollectRows(rows, pgx.RowToStructByPos[item])
			if err != nil {
				return err
			}
			n = len(items)
			for _, i := range items {
				if !i.Used {
					if err := s.Files.Remove(ctx, string(t), i.Path); err != nil {
						return err
					}
				}
				if _, err := tx.Exec(ctx, "delete from file_garbage where path = $1", i.Path); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n == 0 {
			return err
		}
	}
}
