package edit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// PageSize is how many ops Since gives at most at once.
const PageSize = 1000

// Logged is an op in the log.
type Logged struct {
	Rev    Rev             `json:"rev"`
	ID     string          `json:"id"`
	Author Author          `json:"author"`
	Op     json.RawMessage `json:"op"`
	At     time.Time       `json:"at"`
}

// Author of an op: Session is the socket that it came by, "" by HTTP.
type Author struct {
	Session string `json:"session"`
	User    string `json:"user"`
	Name    string `json:"name"`
}

// Page is a piece of the log; when its last op is older than Rev, there is more.
type Page struct {
	Rev Rev      `json:"rev"` // of the edit now
	Ops []Logged `json:"ops"`
}

const logColumns = `rev, op_id, author_session, author_user, author_name, op, at`

// Since gives the ops after a rev in order, at most limit (and never more than PageSize). Errors as Load.
func (s *Store) Since(ctx context.Context, who user.Who, id event.ID, since Rev, limit int) (Page, error) {
	page := Page{Ops: []Logged{}}
	if limit <= 0 || limit > PageSize {
		limit = PageSize
	}
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		d := &desk{event: id}
		batch := &pgx.Batch{}
		batch.Queue(rightsOf, id, who.Roles, who.Admin()).QueryRow(d.readRights)
		batch.Queue(editOf, id).QueryRow(d.readEdit)
		batch.Queue(`select `+logColumns+` from edit_op where event_id = $1 and rev > $2 order by rev limit $3`, id, since, limit).Query(func(rows pgx.Rows) error {
			ops, err := pgx.CollectRows(rows, logged)
			page.Ops = append(page.Ops, ops...)
			return err
		})
		err := tx.SendBatch(ctx, batch).Close()
		page.Rev = d.rev
		return err
	})
	return page, err
}

func logged(row pgx.CollectableRow) (Logged, error) {
	var l Logged
	err := row.Scan(&l.Rev, &l.ID, &l.Author.Session, &l.Author.User, &l.Author.Name, &l.Op, &l.At)
	l.At = l.At.UTC().Truncate(time.Millisecond)
	return l, err
}

// stateAtTx replays the log up to a rev on the present source.
func (s *Store) stateAtTx(ctx context.Context, tx pgx.Tx, t tenant.ID, d *desk, rev Rev) (State, error) {
	if rev < 0 || rev > d.rev {
		return State{}, fault.New(fault.NotFound, "edit.no-rev", "There is no such version of this edit.")
	}
	if rev == d.rev {
		return d.state, nil
	}
	rows, err := tx.Query(ctx, "select op from edit_op where event_id = $1 and rev <= $2 order by rev", d.event, rev)
	if err != nil {
		return State{}, err
	}
	ops, err := pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
	if err != nil {
		return State{}, err
	}
	past := &desk{event: d.event, src: d.src, paths: d.paths}
	for _, raw := range ops {
		op, err := Parse(raw)
		if err != nil {
			return State{}, err
		}
		w := writer{desk: past, store: s, who: user.Who{Tenant: t}}
		if err := w.needLines(ctx, op); err != nil {
			return State{}, err
		}
		past.state = op.paint(past.src, past.state)
	}
	d.src = past.src
	return past.state, nil
}

// Restore makes the state of an older rev the present one, by new ops; none when it is already. What the recording has no
// more stays out. Errors as At.
func (s *Store) Restore(ctx context.Context, who user.Who, session string, id event.ID, rev Rev) (Submitted, error) {
	var w *writer
	err := s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		d, err := openTx(ctx, tx, who, id, nil, true)
		if err != nil {
			return err
		}
		past, err := s.stateAtTx(ctx, tx, who.Tenant, d, rev)
		if err != nil {
			return err
		}
		if err := s.loadForgotten(ctx, who.Tenant, d, past); err != nil {
			return err
		}
		w = &writer{store: s, desk: d, who: who, session: session}
		if err := w.become(past); err != nil {
			return err
		}
		return w.saveTx(ctx, tx)
	})
	if err != nil {
		return Submitted{}, err
	}
	return w.told(), nil
}
