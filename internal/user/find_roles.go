package user

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
)

// Holder is a person who has some of the roles of an access list.
type Holder struct {
	Name        string
	DisplayName string
	Roles       []string // those that were asked for
}

// holders are people who have roles of $1: their own, those given by hand, and those of memberships that live.
const holders = `select p.name::text, p.display_name::text, array(
		select r from unnest($1::text[]) r where r = ` + ownRoleOf + ` or r = any(p.extra_roles)
		or exists (select 1 from membership m where m.user_name = p.name and m.until > now() and r = any(m.roles)))
	from person p where p.disabled_at is null and p.role not in ('admin', 'operator') and (` + ownRoleOf + ` = any($1) or p.extra_roles && $1
		or exists (select 1 from membership m where m.user_name = p.name and m.until > now() and m.roles && $1))
	order by display_name, name limit $2`

// Holders finds the people who have any of some roles, for who may share recordings: at most limit, by what they are called.
// Those who may do all anyway, and disabled ones, are left out. Roles that everybody has are not to be asked for.
func (s *Store) Holders(ctx context.Context, who Who, roles []string, limit int) ([]Holder, error) {
	if !who.MayCreate() {
		return nil, fault.Denied()
	}
	var all []Holder
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, holders, roles, min(max(limit, 1), 1000))
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Holder])
		return err
	})
	return all, err
}
