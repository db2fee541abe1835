package tenant

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Busy gives the ids of all tenants, sorted, without those that are being deleted or that this build cannot serve, and which of
// them have jobs: unfinished, or finished within the last minute. It is one query of River's tables and the system's, whatever the number of tenants.
func (db *DB) Busy(ctx context.Context) (all []ID, busy map[ID]bool, err error) {
	busy = map[ID]bool{}
	batch := &pgx.Batch{}
	batch.Queue(systemLevels).Query(db.systemServes)
	batch.Queue(`
		with jobs as materialized (
			select distinct args ->> 'tenant' as tenant from `+RiverSchema+`.river_job where state in ('available', 'pending', 'retryable', 'running', 'scheduled')
			union
			select distinct args ->> 'tenant' from `+RiverSchema+`.river_job
			where state in ('cancelled', 'completed', 'discarded') and finalized_at > now() - interval '1 minute'
		)
		select t.id, j.tenant is not null from cutroom.tenant t
		join (select scope, max(version) as version, max(coalesce(needs, version)) as needs from cutroom.migration group by scope) m on m.scope = 'tenant:' || t.id
		left join jobs j on j.tenant = t.id
		where t.deleting_at is null and m.version >= $1 and m.needs <= $1 order by t.id collate "C"`, db.migrations().known("tenant")).Query(func(rows pgx.Rows) error {
		var id ID
		var works bool
		_, err := pgx.ForEachRow(rows, []any{&id, &works}, func() error {
			all = append(all, id)
			if works {
				busy[id] = true
			}
			return nil
		})
		return err
	})
	if err := db.Pool.SendBatch(ctx, batch).Close(); err != nil {
		return nil, nil, served(err)
	}
	return all, busy, nil
}
