package user

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// RoleNames gives, for roles ROLE_USER_<NAME>, how the person is called, for access lists. Roles of nobody are left out.
func (s *Store) RoleNames(ctx context.Context, who Who, roles []string) (map[string]string, error) {
	found := map[string]string{}
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select role, display_name::text from (
			select 'ROLE_USER_' || regexp_replace(upper(name), '[^A-Z0-9]', '_', 'g') as role, display_name from person) p where role = any($1)`, roles)
		if err != nil {
			return err
		}
		var role, display string
		_, err = pgx.ForEachRow(rows, []any{&role, &display}, func() error { found[role] = display; return nil })
		return err
	})
	if err == nil {
		err = s.operatorRoleNames(ctx, roles, found)
	}
	return found, err
}
