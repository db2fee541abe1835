package event

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// eventColumns are the columns of Event in their order, without MayWrite.
const eventColumns = `e.id, e.title, e.description, e.creators, e.language, e.series_id, e.owner, e.created_by, e.created, e.modified,
	e.start_time, e.end_time, e.duration, e.state, e.error, e.extra_metadata, e.published_rev, e.published_at, e.import_report`

// mayWrite tells whether who may write e: $1 admin, $2 roles.
const mayWrite = `($1 or exists (select 1 from event_acl w where w.event_id = e.id and w.role = any($2) and w.action = 'write'))`

// mayRead likewise.
const mayRead = `($1 or exists (select 1 from event_acl r where r.event_id = e.id and r.role = any($2) and r.action in ('read', 'write')))`

// Find gives one event with its ACL and assets to somebody who has the right; internal assets only to those who may write.
// fault.Gone, fault.Denied as RightTx.
func (s *Store) Find(ctx context.Context, who user.Who, id ID, right Right) (Event, error) {
	var e Event
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) (err error) {
		e, err = FindTx(ctx, tx, who, id, right)
		return err
	})
	return e, err
}

// FindTx is Find in the caller's transaction.
func FindTx(ctx context.Context, tx pgx.Tx, who user.Who, id ID, right Right) (Event, error) {
	return findTx(ctx, tx, who, id, right, false)
}

func findTx(ctx context.Context, tx pgx.Tx, who user.Who, id ID, right Right, bin bool) (Event, error) {
	if !labelForm.MatchString(string(id)) {
		return Event{}, fault.Gone()
	}
	found, err := selectTx(ctx, tx, `select `+eventColumns+`, `+mayWrite+` from event e
		where e.id = $3 and (e.deleted_at is not null) = $4 and `+mayRead, who.Admin(), who.Roles, id, bin)
	if err != nil {
		return Event{}, err
	}
	if len(found) == 0 {
		return Event{}, fault.Gone()
	}
	if right == ToWrite && !found[0].MayWrite {
		return Event{}, fault.Denied()
	}
	return found[0], nil
}

// selectTx runs a query for events and fills in their ACLs and assets.
func selectTx(ctx context.Context, tx pgx.Tx, query string, args ...any) ([]Event, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, refusal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Event])
	if err != nil {
		return nil, refusal(err)
	}
	return found, fillTx(ctx, tx, found)
}

// fillTx adds ACLs and assets in one round trip.
func fillTx(ctx context.Context, tx pgx.Tx, events []Event) error {
	if len(events) == 0 {
		return nil
	}
	ids, at := make([]ID, len(events)), map[ID]*Event{}
	for i := range events {
		ids[i], at[events[i].ID] = events[i].ID, &events[i]
		events[i].ACL, events[i].Assets = []ACLEntry{}, []Asset{}
	}
	batch := &pgx.Batch{}
	batch.Queue(`select event_id, role, action from event_acl where event_id = any($1) order by role collate "C", action collate "C"`, ids)
	batch.Queue(`select `+assetColumns+` from asset where event_id = any($1) order by id collate "C"`, ids)
	results := tx.SendBatch(ctx, batch)
	defer results.Close()
	rows, err := results.Query()
	if err != nil {
		return err
	}
	var id ID
	var entry ACLEntry
	_, err = pgx.ForEachRow(rows, []any{&id, &entry.Role, &entry.Action}, func() error {
		at[id].ACL = append(at[id].ACL, entry)
		return nil
	})
	if err != nil {
		return err
	}
	if rows, err = results.Query(); err != nil {
		return err
	}
	assets, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Asset])
	if err != nil {
		return err
	}
	for _, a := range assets {
		if e := at[a.EventID]; !a.Internal || e.MayWrite {
			e.Assets = append(e.Assets, a)
		}
	}
	return results.Close()
}
