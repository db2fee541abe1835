package run

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/tenant"
)

// workingMost is how many tenants Working names: more do not fit on a page either.
const workingMost = 50

// Working names tenants whose runs are being worked on at this moment, by River's account: for operators, who see the work of all.
// It costs one query, however many tenants there are; a node that was lost may still be named until its runs are moved.
func (s *Store) Working(ctx context.Context) ([]tenant.ID, error) {
	var found []tenant.ID
	err := s.DB.System(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select distinct j.args->>'tenant' from `+tenant.RiverSchema+`.river_job j join tenant t on t.id = j.args->>'tenant'
			where j.state = 'running' and j.kind = $1 and t.deleting_at is null order by 1 limit $2`, PublishArgs{}.Kind(), workingMost)
		if err != nil {
			return err
		}
		found, err = pgx.CollectRows(rows, pgx.RowTo[tenant.ID])
		return err
	})
	return found, err
}
