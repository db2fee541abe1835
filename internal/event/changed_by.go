package event

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/user"
)

// ChangedBy is the user name of who changed an event's metadata or ACL last; "" when nobody has yet.
func (s *Store) ChangedBy(ctx context.Context, who user.Who, id ID) (string, error) {
	var name string
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		if err := RightTx(ctx, tx, who, id, ToRead); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "select coalesce(changed_by, '') from event where id = $1", id).Scan(&name)
	})
	return name, err
}
