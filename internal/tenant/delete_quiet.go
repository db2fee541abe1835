package tenant

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// quietLimit is how long after its deletion began something may still work for a tenant: by then every worker has lost its
// lease, for its heartbeats found nothing, and has stopped.
const (
	quietLimit = 30 * time.Second
	quietLook  = 200 * time.Millisecond
)

// quiet ends the tenant's jobs and waits until their workers have let go.
func (r *removal) quiet(ctx context.Context) error {
	told := map[int64]bool{}
	for {
		running, over, err := r.endJobs(ctx)
		if err != nil || len(running) == 0 || over {
			return err
		}
		if err := r.cancelJobs(ctx, running, told); err != nil {
			return err
		}
		pause := time.NewTimer(quietLook)
		select {
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		case <-pause.C:
		}
	}
}

// endJobs removes the tenant's jobs that nobody works on, and gives those that somebody does. over: whoever that is has had
// the time to stop.
func (r *removal) endJobs(ctx context.Context) (running []int64, over bool, err error) {
	err = r.own(ctx, func(tx pgx.Tx) error {
		if err := deleteJobsTx(ctx, tx, r.id, "state <> 'running' and kind <> '"+deleteKind+"'"); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, "select id from "+RiverSchema+".river_job where args @> jsonb_build_object('tenant', $1::text) and state = 'running' and kind <> $2",
			string(r.id), deleteKind)
		if err != nil {
			return err
		}
		if running, err = pgx.CollectRows(rows, pgx.RowTo[int64]); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "select deleting_at < clock_timestamp() - $2::interval from cutroom.tenant where id = $1", string(r.id), quietLimit).Scan(&over)
	})
	return running, over, err
}

// cancelJobs tells the workers of jobs to stop, each once.
func (r *removal) cancelJobs(ctx context.Context, jobs []int64, told map[int64]bool) error {
	client, err := NewInserter(r.db.Pool)
	if err != nil {
		return err
	}
	for _, job := range jobs {
		if told[job] {
			continue
		}
		if _, err := client.JobCancel(ctx, job); err != nil {
			r.say(fmt.Sprintf("Job %d cannot be told to stop: %v.", job, err)) // it ends with its lease
		}
		told[job] = true
	}
	return nil
}
