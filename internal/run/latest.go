package run

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/user"
)

// Latest gives the newest run of each of these events that who may write; events without a run are left out.
func (s *Store) Latest(ctx context.Context, who user.Who, ids []event.ID) (map[event.ID]Run, error) {
	found := map[event.ID]Run{}
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		runs, err := runsTx(ctx, tx, `where r.event_id = any($3) and `+mayWrite+` and r.seq = (select max(m.seq) from run m where m.event_id = r.event_id)`,
			who.Roles, who.Admin(), ids)
		for _, r := range runs {
			found[r.Event] = r
		}
		return err
	})
	return found, err
}
