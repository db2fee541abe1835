package install

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"cutroom/internal/tenant"
)

// Queue is River's queue of installs.
const Queue = "install"

// Cooldown is how long a node waits at least between two looks into the queue, and between two notifications that wake
// them. River's 100 ms would be most of the time that a short install takes. It costs nothing while nobody installs.
const Cooldown = 2 * time.Millisecond

// Args is the job that works on a dispatched install. The install's rows are the truth; the job only wakes a worker.
// The tenant is unique: a second wall behind the index on install.
type Args struct {
	Tenant  tenant.ID `json:"tenant" river:"unique"`
	Install ID        `json:"install"`
}

// Kind names the job.
func (Args) Kind() string { return "tenant_install" }

// newInserter makes a River client that only inserts jobs; it needs no start and no stop. River drops notifications that follow
// within the cooldown: the worker that was woken by the first finds both jobs, or its poll does.
func newInserter(pool *pgxpool.Pool) (*river.Client[pgx.Tx], error) {
	return river.NewClient(riverpgxv5.New(pool), &river.Config{Schema: tenant.RiverSchema, FetchCooldown: Cooldown / 2})
}

// insertJobTx makes the River job of an install, under the lock of its tenant. River's answer to a unique conflict is the old
// row instead of an error: as nothing of the tenant is active, that job is a leftover and is ended first.
func (s *Store) insertJobTx(ctx context.Context, tx pgx.Tx, args Args) (int64, error) {
	opts := &river.InsertOpts{Queue: Queue, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{
		ByArgs:  true,
		ByState: []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled},
	}}
	for range 2 {
		res, err := s.River.InsertTx(ctx, tx, args, opts)
		if err != nil {
			return 0, err
		}
		if !res.UniqueSkippedAsDuplicate {
			return res.Job.ID, nil
		}
		if err := endJobTx(ctx, tx, &res.Job.ID, rivertype.JobStateCancelled); err != nil {
			return 0, err
		}
	}
	return 0, fmt.Errorf("tenant %s has another River job that cannot be ended", args.Tenant)
}

// endJobTx ends a River job, if there is one and it has not ended.
func endJobTx(ctx context.Context, tx pgx.Tx, job *int64, state rivertype.JobState) error {
	if job == nil {
		return nil
	}
	_, err := tx.Exec(ctx, `update `+tenant.RiverSchema+`.river_job set state = $2::text::`+tenant.RiverSchema+`.river_job_state, finalized_at = now()
		where id = $1 and finalized_at is null`, *job, string(state))
	return err
}
