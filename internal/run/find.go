package run

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// columns of a run, with its place in the event's queue.
const columns = `r.id, r.event_id, e.title, r.seq, r.workflow, r.rev, r.state, r.fence, r.attempt, r.given_back, coalesce(r.node, ''), coalesce(r.lost_node, ''), r.lost_at,
	case when r.state = 'queued' then (select count(*) from run q where q.event_id = r.event_id and q.state = 'queued' and q.seq <= r.seq) else 0 end,
	case when r.state = 'queued' then (select q.id from run q where q.event_id = r.event_id and q.seq < r.seq
		and q.state in ('queued', 'dispatched', 'running') order by q.seq desc limit 1) end,
	r.progress, r.eta_ms, r.speed, r.cancel_requested, r.requested_by, r.requested_name, r.queued_at, r.started_at, r.ended_at, coalesce(r.error, '')
	from run r join event e on e.id = r.event_id `

func scanRun(row pgx.CollectableRow) (r Run, err error) {
	err = row.Scan(&r.ID, &r.Event, &r.EventTitle, &r.Seq, &r.Workflow, &r.Rev, &r.State, &r.Fence, &r.Attempt, &r.GivenBack, &r.Node, &r.LostNode, &r.LostAt,
		&r.Position, &r.WaitsFor, &r.Progress, &r.EtaMs, &r.Speed, &r.CancelRequested, &r.RequestedBy, &r.RequestedName,
		&r.QueuedAt, &r.StartedAt, &r.EndedAt, &r.Error)
	return r, err
}

// runsTx gives the runs of a query that goes on after the columns, each with its steps.
func runsTx(ctx context.Context, tx pgx.Tx, rest string, args ...any) ([]Run, error) {
	rows, err := tx.Query(ctx, "select "+columns+rest, args...)
	if err != nil {
		return nil, err
	}
	runs, err := pgx.CollectRows(rows, scanRun)
	if err != nil {
		return nil, err
	}
	return runs, stepsTx(ctx, tx, runs)
}

func stepsTx(ctx context.Context, tx pgx.Tx, runs []Run) error {
	at := map[ID]int{}
	ids := make([]ID, len(runs))
	for i, r := range runs {
		at[r.ID], ids[i] = i, r.ID
	}
	rows, err := tx.Query(ctx, `select run_id, name, state, progress, started_at, ended_at, coalesce(message, '')
		from run_step where run_id = any($1) order by run_id, ordinal`, ids)
	if err != nil {
		return err
	}
	var id ID
	var st Step
	_, err = pgx.ForEachRow(rows, []any{&id, &st.Name, &st.State, &st.Progress, &st.StartedAt, &st.EndedAt, &st.Message}, func() error {
		runs[at[id]].Steps = append(runs[at[id]].Steps, st)
		return nil
	})
	return err
}

func oneTx(ctx context.Context, tx pgx.Tx, id ID) (Run, error) {
	runs, err := runsTx(ctx, tx, "where r.id = $1", id)
	if err != nil {
		return Run{}, err
	}
	if len(runs) == 0 {
		return Run{}, fault.Gone()
	}
	return runs[0], nil
}

// openTx gives the runs of an event that are not over, oldest first.
func openTx(ctx context.Context, tx pgx.Tx, id event.ID) ([]Run, error) {
	return runsTx(ctx, tx, "where r.event_id = $1 and r.state in ('queued', 'dispatched', 'running') order by r.seq", id)
}

// LastDoneTx gives the seq of the last run of the same event before r that was done; 0 when none was.
func LastDoneTx(ctx context.Context, tx pgx.Tx, r Run) (seq int64, err error) {
	err = tx.QueryRow(ctx, "select coalesce(max(seq), 0) from run where event_id = $1 and seq < $2 and state = 'done'", r.Event, r.Seq).Scan(&seq)
	return seq, err
}

// eventOfTx gives the event of a run to who may write it; Forbidden to who may only read, NotFound to others.
func eventOfTx(ctx context.Context, tx pgx.Tx, who user.Who, id ID) (event.ID, error) {
	var e event.ID
	err := tx.QueryRow(ctx, "select event_id from run where id = $1", id).Scan(&e)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fault.Gone()
	}
	if err != nil {
		return "", err
	}
	return e, event.RightTx(ctx, tx, who, e, event.ToWrite)
}

// Find gives a run to those who may write its event.
func (s *Store) Find(ctx context.Context, who user.Who, id ID) (Run, error) {
	var r Run
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		if _, err := eventOfTx(ctx, tx, who, id); err != nil {
			return err
		}
		var err error
		r, err = oneTx(ctx, tx, id)
		return err
	})
	return r, err
}

// Open gives the runs of an event that are not over, oldest first, to those who may write it.
func (s *Store) Open(ctx context.Context, who user.Who, id event.ID) ([]Run, error) {
	var runs []Run
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		if err := event.RightTx(ctx, tx, who, id, event.ToWrite); err != nil {
			return err
		}
		var err error
		runs, err = openTx(ctx, tx, id)
		return err
	})
	return runs, err
}
