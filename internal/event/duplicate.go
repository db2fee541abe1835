package event

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// Duplicate makes a copy of an event: all but id, created, createdBy and modified. Its assets get ids of their own and
// share the files, its edit comes with its whole history. It takes the right to write: the copy holds the originals too.
// An event that is processing is refused with fault.Conflict.
func (s *Store) Duplicate(ctx context.Context, who user.Who, id ID) (Event, error) {
	var made Event
	err := s.tx(ctx, who.Tenant, func(tx pgx.Tx) (err error) {
		made, err = duplicateTx(ctx, tx, who, id)
		return err
	})
	if err != nil {
		return Event{}, err
	}
	s.changed(who.Tenant, made.ID)
	return made, nil
}

func duplicateTx(ctx context.Context, tx pgx.Tx, who user.Who, id ID) (Event, error) {
	if err := LockTx(ctx, tx, who, id, ToWrite); err != nil {
		return Event{}, err
	}
	if !who.MayCreate() {
		return Event{}, fault.Denied()
	}
	source, err := FindTx(ctx, tx, who, id, ToWrite)
	if err != nil {
		return Event{}, err
	}
	if source.State == Processing {
		return Event{}, fault.New(fault.Conflict, "error.still-processing", "This recording is still being processed. Duplicate it when it is ready.")
	}
	copied := ID(newID())
	if err := copyRows(ctx, tx, who, id, copied); err != nil {
		return Event{}, err
	}
	ids, err := copyAssets(ctx, tx, source.Assets, copied)
	if err != nil {
		return Event{}, err
	}
	if err := copyEdit(ctx, tx, id, copied, ids); err != nil {
		return Event{}, err
	}
	return FindTx(ctx, tx, who, copied, ToRead)
}

func copyRows(ctx context.Context, tx pgx.Tx, who user.Who, from, to ID) error {
	_, err := tx.Exec(ctx, `
		insert into event (id, title, description, creators, language, series_id, owner, created_by, start_time, end_time, duration, state, error,
		                   extra_metadata, import_report, published_rev, published_at)
		select $2, title, description, creators, language, series_id, owner, $3, start_time, end_time, duration, state, error,
		       extra_metadata, import_report, published_rev, published_at
		from event where id = $1`, from, to, who.User)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "insert into event_acl (event_id, role, action) select $2, role, action from event_acl where event_id = $1", from, to)
	return err
}

// copyAssets adds the assets under new ids and tells which became which.
func copyAssets(ctx context.Context, tx pgx.Tx, assets []Asset, to ID) (map[string]string, error) {
	ids := map[string]string{}
	for _, a := range assets {
		old := a.ID
		a.ID, a.EventID = "", to
		added, err := AddAssetTx(ctx, tx, a)
		if err != nil {
			return nil, err
		}
		ids[string(old)] = string(added.ID)
	}
	return ids, nil
}

// copyEdit copies the edit and its ops, naming the new assets.
func copyEdit(ctx context.Context, tx pgx.Tx, from, to ID, ids map[string]string) error {
	var rev int64
	var state json.RawMessage
	err := tx.QueryRow(ctx, "select rev, state from edit where event_id = $1 for share", from).Scan(&rev, &state)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if state, err = renamed(state, ids); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "insert into edit (event_id, rev, state) values ($1, $2, $3)", to, rev, state); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into edit_op (event_id, rev, op_id, base_rev, op, author_user, author_name, author_session, at)
		select $2, rev, op_id, base_rev, op, author_user, author_name, author_session, at from edit_op where event_id = $1`, from, to)
	if err != nil {
		return err
	}
	return renameOps(ctx, tx, to, ids)
}

// renameOps rewrites the ops that name assets; most name none.
func renameOps(ctx context.Context, tx pgx.Tx, id ID, ids map[string]string) error {
	rows, err := tx.Query(ctx, "select rev, op from edit_op where event_id = $1 and (op ? 'asset' or op ? 'track' or op ? 'state')", id)
	if err != nil {
		return err
	}
	type row struct {
		Rev int64
		Op  json.RawMessage
	}
	ops, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	if err != nil {
		return err
	}
	batch := &pgx.Batch{}
	for _, r := range ops {
		op, err := renamed(r.Op, ids)
		if err != nil {
			return err
		}
		batch.Queue("update edit_op set op = $3 where event_id = $1 and rev = $2", id, r.Rev, op)
	}
	return tx.SendBatch(ctx, batch).Close()
}

// renamed replaces the ids of assets in an op or a state: the values of "asset" and "track".
func renamed(raw json.RawMessage, ids map[string]string) (json.RawMessage, error) {
	read := json.NewDecoder(bytes.NewReader(raw))
	read.UseNumber()
	var v any
	if err := read.Decode(&v); err != nil {
		return nil, err
	}
	rename(v, ids)
	return json.Marshal(v)
}

func rename(v any, ids map[string]string) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			rename(x, ids)
		}
	case map[string]any:
		for key, x := range v {
			old, isText := x.(string)
			if id := ids[old]; isText && id != "" && (key == "asset" || key == "track") {
				v[key] = id
			} else {
				rename(x, ids)
			}
		}
	}
}
