package event

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Delete moves an event to the bin: from the commit on it is gone for everybody, its media too, until it is restored.
func (s *Store) Delete(ctx context.Context, who user.Who, id ID) error {
	return s.write(ctx, who, id, false, func(tx pgx.Tx) error {
		var title string
		err := tx.QueryRow(ctx, "update event set deleted_at = clock_timestamp(), deleted_by = $2 where id = $1 returning title", id, who.User).Scan(&title)
		if err != nil {
			return err
		}
		return user.AuditTx(ctx, tx, who, "event.delete", string(id), map[string]any{"title": title})
	})
}

// RestoreFromBin takes an event out of the bin again, as it was, for those who might write it.
func (s *Store) RestoreFromBin(ctx context.Context, who user.Who, id ID) (Event, error) {
	var e Event
	err := s.write(ctx, who, id, true, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "update event set deleted_at = null, deleted_by = null where id = $1", id)
		if err != nil {
			return err
		}
		if e, err = FindTx(ctx, tx, who, id, ToWrite); err != nil {
			return err
		}
		return user.AuditTx(ctx, tx, who, "event.restore", string(id), map[string]any{"title": e.Title})
	})
	return e, err
}

// Purge deletes an event for good, whether it lies in the bin or not: its rows with the commit, its files soon after,
// those that another event shares excepted.
func (s *Store) Purge(ctx context.Context, who user.Who, id ID) error {
	if !labelForm.MatchString(string(id)) {
		return fault.Gone()
	}
	err := s.tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		var bin bool
		err := tx.QueryRow(ctx, "select coalesce((select deleted_at is not null from event where id = $1), false)", id).Scan(&bin)
		if err != nil {
			return err
		}
		if err := lockTx(ctx, tx, who, id, ToWrite, bin); err != nil {
			return err
		}
		return purgeTx(ctx, tx, who, id)
	})
	if err != nil {
		return err
	}
	s.changed(who.Tenant, id)
	return nil
}

// EmptyBin deletes for good what has lain in a tenant's bin for longer than its setting bin.days, at most 100 events a
// call, and says how many.
func (s *Store) EmptyBin(ctx context.Context, t tenant.ID) (int, error) {
	var gone []ID
	err := s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		settings, err := tenant.SettingsTx(ctx, tx)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `select id from event where deleted_at < clock_timestamp() - make_interval(days => $1)
			order by deleted_at limit 100 for update skip locked`, settings.BinDays)
		if err != nil {
			return err
		}
		if gone, err = pgx.CollectRows(rows, pgx.RowTo[ID]); err != nil {
			return err
		}
		for _, id := range gone {
			if err := purgeTx(ctx, tx, user.System(t), id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	s.changed(t, gone...)
	return len(gone), nil
}

// purgeTx removes the rows and remembers the files for the sweeper. That the bin was emptied is the system's deed.
func purgeTx(ctx context.Context, tx pgx.Tx, who user.Who, id ID) error {
	_, err := tx.Exec(ctx, `
		insert into file_garbage (path)
		select path from asset where event_id = $1
		union select path from retired_asset where event_id = $1
		union select 'uploads/' || id from upload where event_id = $1
		on conflict (path) do update set after = least(file_garbage.after, excluded.after)`, id)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "update file_garbage set after = least(after, now()) where starts_with(path, $1)", MadeFolder(id))
	if err != nil {
		return err
	}
	var title string
	if err := tx.QueryRow(ctx, "delete from event where id = $1 returning title", id).Scan(&title); err != nil {
		return err
	}
	return user.AuditTx(ctx, tx, who, "event.purge", string(id), map[string]any{"title": title})
}

// write runs fn holding an event's row, after checking the right to write, and tells the bus.
func (s *Store) write(ctx context.Context, who user.Who, id ID, bin bool, fn func(pgx.Tx) error) error {
	err := s.tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		if err := lockTx(ctx, tx, who, id, ToWrite, bin); err != nil {
			return err
		}
		return fn(tx)
	})
	if err != nil {
		return err
	}
	s.changed(who.Tenant, id)
	return nil
}
