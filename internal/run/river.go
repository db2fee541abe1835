package run

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"cutroom/internal/event"
	"cutroom/internal/tenant"
)

// Queue is River's queue of runs.
const Queue = "run"

// PublishArgs is the job that works on a dispatched run. The run's row is the truth; the job only wakes a worker.
// Tenant and event are unique over all kinds: a second wall behind the index on run.
type PublishArgs struct {
	Tenant tenant.ID `json:"tenant" river:"unique"`
	Event  event.ID  `json:"event" river:"unique"`
	Run    ID        `json:"run"`
}

// Kind names the job.
func (PublishArgs) Kind() string { return "event_publish" }

// insertJobTx makes the River job of a run, under the lock of its event. River's answer to a unique conflict is the old
// row instead of an error: as nothing of the event is active, that job is a leftover and is ended first.
func (s *Store) insertJobTx(ctx context.Context, tx pgx.Tx, args PublishArgs) (job int64, err error) {
	opts := &river.InsertOpts{Queue: Queue, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{
		ByArgs: true, ExcludeKind: true,
		ByState: []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
			rivertype.JobStateScheduled},
	}}
	err = tenant.AsSystem(ctx, tx, func() error {
		for range 2 {
			res, err := s.River.InsertTx(ctx, tx, args, opts)
			if err != nil {
				return err
			}
			if !res.UniqueSkippedAsDuplicate {
				job = res.Job.ID
				return nil
			}
			if err := endJobTx(ctx, tx, res.Job.ID, rivertype.JobStateCancelled); err != nil {
				return err
			}
		}
		return fmt.Errorf("event %s of %s has another River job that cannot be ended", args.Event, args.Tenant)
	})
	return job, err
}

// finaliseJobTx ends a run's River job, if it has one, inside a tenant's transaction.
func finaliseJobTx(ctx context.Context, tx pgx.Tx, job *int64, state rivertype.JobState) error {
	if job == nil {
		return nil
	}
	return tenant.AsSystem(ctx, tx, func() error { return endJobTx(ctx, tx, *job, state) })
}

func endJobTx(ctx context.Context, tx pgx.Tx, job int64, state rivertype.JobState) error {
	_, err := tx.Exec(ctx, `update `+tenant.RiverSchema+`.river_job set state = $2::text::`+tenant.RiverSchema+`.river_job_state, finalized_at = now()
		where id = $1 and finalized_at is null`, job, string(state))
	return err
}

// deadJobsTx gives those of the River jobs that will never claim their run: gone, final, or taken by a worker longer ago
// than patience without a claim.
func deadJobsTx(ctx context.Context, tx pgx.Tx, jobs []int64, patience time.Duration) (dead map[int64]bool, err error) {
	dead = map[int64]bool{}
	err = tenant.AsSystem(ctx, tx, func() error {
		rows, err := tx.Query(ctx, `select j from unnest($1::bigint[]) j where not exists (
			select 1 from `+tenant.RiverSchema+`.river_job r where r.id = j and r.finalized_at is null
			and (r.state <> 'running' or r.attempted_at > clock_timestamp() - $2::interval))`, jobs, patience)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		for _, id := range ids {
			dead[id] = true
		}
		return err
	})
	return dead, err
}
