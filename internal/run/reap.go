package run

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"

	"cutroom/internal/event"
	"cutroom/internal/tenant"
)

// suspect is a run that may have lost its worker.
type suspect struct {
	id    ID
	event event.ID
	state State
	fence int64
	job   *int64
}

// Reap takes the runs of a tenant out of dead hands: expired leases, and dispatched runs whose River job is gone, final, or was
// taken without a claim. Each goes on with a new River job, or is failed after too many lost workers, or cancelled if
// that was asked for. Many nodes may reap at once: an event that another one has locked is left to it. It gives how many runs it moved.
func (s *Store) Reap(ctx context.Context, t tenant.ID) (int, error) {
	suspects, err := s.suspects(ctx, t)
	moved := 0
	for _, x := range suspects {
		did, fail := s.rescue(ctx, t, x)
		if did {
			moved++
		}
		err = errors.Join(err, fail)
	}
	return moved, errors.Join(err, s.PromoteWaiting(ctx, t))
}

func (s *Store) suspects(ctx context.Context, t tenant.ID) ([]suspect, error) {
	var found []suspect
	err := s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select id, event_id, state, fence, river_job_id from run
			where state = 'dispatched' or state = 'running' and lease_until < clock_timestamp()`)
		if err != nil {
			return err
		}
		all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (x suspect, err error) {
			return x, row.Scan(&x.id, &x.event, &x.state, &x.fence, &x.job)
		})
		if err != nil {
			return err
		}
		var jobs []int64
		for _, x := range all {
			if x.state == Dispatched && x.job != nil {
				jobs = append(jobs, *x.job)
			}
		}
		dead := map[int64]bool{}
		if len(jobs) > 0 {
			if dead, err = deadJobsTx(ctx, tx, jobs, s.Lease); err != nil {
				return err
			}
		}
		for _, x := range all {
			if x.state == Running || x.job == nil || dead[*x.job] {
				found = append(found, x)
			}
		}
		return nil
	})
	return found, err
}

// rescue moves one run on, unless it moved by itself in the meantime or somebody else is at it.
func (s *Store) rescue(ctx context.Context, t tenant.ID, x suspect) (did bool, err error) {
	var next ID
	err = s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		var one int
		err := tx.QueryRow(ctx, `select 1 from event e join edit d on d.event_id = e.id where e.id = $1 for key share of e skip locked`, x.event).Scan(&one)
		if err == nil {
			err = tx.QueryRow(ctx, "select 1 from edit where event_id = $1 for update skip locked", x.event).Scan(&one)
		}
		var node string
		var attempt, back int
		var cancelled bool
		if err == nil {
			err = tx.QueryRow(ctx, `select coalesce(node, ''), attempt, given_back, cancel_requested from run
				where id = $1 and fence = $2 and state = $3 and (state = 'dispatched' or lease_until < clock_timestamp()) for update`,
				x.id, x.fence, x.state).Scan(&node, &attempt, &back, &cancelled)
		}
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		did = true
		args := PublishArgs{Tenant: t, Event: x.event, Run: x.id}
		lost := attempt - back
		switch {
		case cancelled:
			err = s.closeTx(ctx, tx, x.id, Cancelled, "Stopped: its worker was lost.")
		case x.state == Dispatched:
			err = s.redispatchTx(ctx, tx, args, true, "Nobody took this in time; offered again.")
		case lost >= s.Attempts:
			err = s.failTx(ctx, tx, x.id, node)
		default:
			if _, err = tx.Exec(ctx, "update run set lost_node = node, lost_at = now() where id = $1", x.id); err != nil {
				return err
			}
			err = s.redispatchTx(ctx, tx, args, false, fmt.Sprintf("Worker %s was lost; another one goes on (attempt %d of %d).", node, lost+1, s.Attempts))
		}
		if err != nil {
			return err
		}
		next, err = s.promoteTx(ctx, tx, t, x.event)
		return err
	})
	if err == nil && did {
		s.tell(t, x.event, some(x.id, next)...)
	}
	return did, err
}

// redispatchTx ends the run's River job and gives it a new one: an id is never used again. free attempts count for nothing.
func (s *Store) redispatchTx(ctx context.Context, tx pgx.Tx, args PublishArgs, free bool, line string) error {
	var job *int64
	err := tx.QueryRow(ctx, "update run set given_back = given_back + case when $2 then 1 else 0 end where id = $1 returning river_job_id", args.Run, free).Scan(&job)
	if err != nil {
		return err
	}
	if err := finaliseJobTx(ctx, tx, job, rivertype.JobStateCancelled); err != nil {
		return err
	}
	if err := logTx(ctx, tx, args.Run, line); err != nil {
		return err
	}
	return s.dispatchTx(ctx, tx, args)
}

// failTx gives a run up: its error is the end of its log.
func (s *Store) failTx(ctx context.Context, tx pgx.Tx, id ID, node string) error {
	lines, err := linesTx(ctx, tx, id, tailLines)
	if err != nil {
		return err
	}
	texts := []string{fmt.Sprintf("Worker %s was lost too; given up.", node)}
	for _, l := range lines {
		texts = append(texts, l.Text)
	}
	return s.closeTx(ctx, tx, id, Failed, strings.Join(texts, " "))
}
