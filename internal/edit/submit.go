package edit

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Submitted is the answer to some ops. Ops are those that are new in the log, for sockets of this node.
type Submitted struct {
	Rev     Rev      `json:"rev"`
	Results []Result `json:"results"` // in the order of the ops
	Ops     []Logged `json:"-"`
}

// Submit puts ops into the log. Each is answered by itself: with its rev, also when its id is in the log already, or with
// the reason why it does not go in. All is committed when it returns without error. session is the author's socket, "" by
// HTTP. Errors for all of them: as Load, and fault.TooLarge for more than MaxOps.
func (s *Store) Submit(ctx context.Context, who user.Who, session string, id event.ID, sent []Sent) (Submitted, error) {
	if len(sent) > MaxOps {
		return Submitted{}, fault.New(fault.TooLarge, "edit.too-many-ops", "These are too many changes at once. Send at most 1,000.")
	}
	var w *writer
	err := s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		d, err := openTx(ctx, tx, who, id, idsOf(sent), true)
		if err != nil {
			return err
		}
		w = &writer{store: s, desk: d, who: who, session: session}
		for _, op := range sent {
			if err := w.take(ctx, op); err != nil {
				return err
			}
		}
		return w.saveTx(ctx, tx)
	})
	if err != nil {
		return Submitted{}, err
	}
	return w.told(), nil
}

func idsOf(sent []Sent) []string {
	ids := make([]string, 0, len(sent))
	for _, op := range sent {
		if validID(op.ID) {
			ids = append(ids, op.ID)
		}
	}
	return ids
}

// writer applies ops on a locked edit, one after the other.
type writer struct {
	*desk
	store   *Store
	who     user.Who
	session string
	results []Result
	fresh   []Logged
	bases   []Rev
}

// take answers one op. The error is one of ours, not the op's.
func (w *writer) take(ctx context.Context, sent Sent) error {
	if rev, known := w.known[sent.ID]; known {
		w.results = append(w.results, Result{ID: sent.ID, Rev: rev})
		return nil
	}
	op, err := w.read(sent)
	if err == nil {
		if err := w.needLines(ctx, op); err != nil {
			return err
		}
		err = w.add(sent.ID, sent.Base, op)
	}
	if err != nil {
		w.results = append(w.results, Result{ID: sent.ID, Code: CodeOf(err), Message: fault.As(err).Text})
		return nil
	}
	w.results = append(w.results, Result{ID: sent.ID, Rev: w.rev})
	return nil
}

func (w *writer) read(sent Sent) (Op, error) {
	switch {
	case !validID(sent.ID):
		return nil, refuse(badID)
	case sent.Base < 0 || sent.Base > w.rev:
		return nil, refuse(badBase)
	}
	return Parse(sent.Op)
}

// add applies an op and gives it the next rev; an error is a refusal.
func (w *writer) add(id string, base Rev, op Op) error {
	next, err := Apply(w.src, w.state, op)
	if err != nil {
		return err
	}
	w.state = next
	w.rev++
	w.fresh = append(w.fresh, Logged{Rev: w.rev, ID: id, Author: Author{w.session, w.who.User, w.who.Name}, Op: Encode(op), At: w.now.UTC().Truncate(time.Millisecond)})
	w.bases = append(w.bases, base)
	if w.known == nil {
		w.known = map[string]Rev{}
	}
	w.known[id] = w.rev
	return nil
}

// needLines loads a text track's lines before the first op on them.
func (w *writer) needLines(ctx context.Context, op Op) error {
	track := ""
	switch op := op.(type) {
	case SetCue:
		track = op.Track
	case RemoveCue:
		track = op.Track
	}
	if hasLines(w.state, track) {
		return nil
	}
	return w.store.loadLines(ctx, w.who.Tenant, w.desk, track)
}

// saveTx writes the new ops and the new state in one round trip.
func (w *writer) saveTx(ctx context.Context, tx pgx.Tx) error {
	if len(w.fresh) == 0 {
		return nil
	}
	ids, ops := make([]string, len(w.fresh)), make([]string, len(w.fresh))
	for i, op := range w.fresh {
		ids[i], ops[i] = op.ID, string(op.Op)
	}
	batch := &pgx.Batch{}
	batch.Queue(`
		insert into edit_op (event_id, rev, op_id, base_rev, op, author_user, author_name, author_session)
		select $1, $2 + n - 1, i, b, o::jsonb, $6, $7, $8 from unnest($3::text[], $4::bigint[], $5::text[]) with ordinality as new(i, b, o, n)`,
		w.event, w.fresh[0].Rev, ids, w.bases, ops, w.who.User, w.who.Name, w.session)
	batch.Queue(`update edit set rev = $2, state = $3, modified = now() where event_id = $1`, w.event, w.rev, w.state)
	return tx.SendBatch(ctx, batch).Close()
}

// told wakes whoever watches, after the commit.
func (w *writer) told() Submitted {
	if len(w.fresh) > 0 && w.store.Wrote != nil {
		w.store.Wrote(w.who.Tenant, w.event, w.fresh)
	}
	if len(w.fresh) > 0 && w.store.Bus != nil {
		w.store.Bus.Publish(Notice(w.who.Tenant, w.event, w.rev))
	}
	return Submitted{Rev: w.rev, Results: w.results, Ops: w.fresh}
}

// Notice is the wake-up that tells of a rev.
func Notice(t tenant.ID, id event.ID, rev Rev) live.Notice {
	return live.Notice{Tenant: string(t), Topic: "edit:" + string(id), Rev: int64(rev)}
}
