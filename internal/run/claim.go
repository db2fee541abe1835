package run

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/lease"
)

// ErrStale says that a River job has no run to work on: it was cancelled, or given to another job.
var ErrStale = errors.New("this job has no run any more")

// Held is a run in the hands of this node, under a lease and with a fence. Its methods that report are for one goroutine
// or many; they never wait for the database.
type Held struct {
	Args  PublishArgs
	Run   Run // as claimed
	Fence int64
	Node  string

	store  *Store
	poke   chan struct{}
	report report
}

// Claim takes a dispatched run for this node, if the River job is still the run's own. ErrStale: it is not.
func (s *Store) Claim(ctx context.Context, args PublishArgs, job int64, node string) (*Held, error) {
	h := &Held{Args: args, Node: node, store: s, poke: make(chan struct{}, 1)}
	err := s.DB.Tx(ctx, args.Tenant, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `update run set state = 'running', fence = fence + 1, node = $3, lease_until = clock_timestamp() + $4::interval,
				started_at = coalesce(started_at, clock_timestamp())
			where id = $1 and river_job_id = $2 and state = 'dispatched' returning fence`, args.Run, job, node, s.Lease).Scan(&h.Fence)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrStale
		}
		if err != nil {
			return err
		}
		line := "Runs on " + node + "."
		if h.Run, err = oneTx(ctx, tx, args.Run); err != nil {
			return err
		}
		if n := h.Run.Attempt; n > 1 {
			line = fmt.Sprintf("Goes on on %s (attempt %d).", node, n)
		}
		return logTx(ctx, tx, args.Run, line)
	})
	if err != nil {
		return nil, err
	}
	h.report.begin(h.Run.Steps)
	s.tell(args.Tenant, args.Event, args.Run)
	return h, nil
}

// beat renews the lease and writes down what was reported since the last one.
func (h *Held) beat(ctx context.Context) error {
	now := h.report.take()
	var cancelled bool
	err := h.store.DB.Tx(ctx, h.Args.Tenant, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `update run set lease_until = clock_timestamp() + $3::interval, progress = greatest(progress, $4), eta_ms = $5, speed = $6
			where id = $1 and fence = $2 and state = 'running' returning cancel_requested`,
			h.Args.Run, h.Fence, h.store.Lease, now.progress, now.etaMs, now.speed).Scan(&cancelled)
		if errors.Is(err, pgx.ErrNoRows) {
			return lease.ErrFenced
		}
		if err != nil {
			return err
		}
		return h.writeTx(ctx, tx, now)
	})
	if fault.KindOf(err) == fault.NotFound {
		return lease.ErrFenced // the tenant goes
	}
	if err != nil {
		h.report.putBack(now)
		return err
	}
	if now.changed {
		h.store.tell(h.Args.Tenant, h.Args.Event, h.Args.Run)
	}
	if cancelled {
		return lease.ErrCancelled
	}
	return nil
}

// writeTx writes steps and lines of the log. The caller holds the run's row with the right fence.
func (h *Held) writeTx(ctx context.Context, tx pgx.Tx, now findings) error {
	batch := &pgx.Batch{}
	for _, st := range now.steps {
		batch.Queue(`update run_step set state = $3, progress = $4, message = nullif($5, ''), started_at = $6, ended_at = $7
			where run_id = $1 and name = $2`, h.Args.Run, st.Name, st.State, st.Progress, st.Message, st.StartedAt, st.EndedAt)
	}
	for _, line := range now.lines {
		batch.Queue("insert into run_log (run_id, line) values ($1, $2)", h.Args.Run, line)
	}
	if batch.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, batch).Close()
}
