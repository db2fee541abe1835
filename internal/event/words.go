package event

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/tenant"
)

// RebuildWords makes the words that events are found by again, whatever is there now, and says of how many events. Lists
// may be read meanwhile; they see the old words until the commit.
func (s *Store) RebuildWords(ctx context.Context, t tenant.ID) (int, error) {
	var n int64
	err := s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		// No event may change between the two statements.
		if _, err := tx.Exec(ctx, "lock table event, series in share mode"); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "delete from event_words"); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `insert into event_words (event_id, words)
			select e.id, words_of(e.title, e.creators, s.title, e.description) from event e left join series s on s.id = e.series_id`)
		n = tag.RowsAffected()
		return err
	})
	return int(n), err
}
