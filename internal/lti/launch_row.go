package lti

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// LaunchRow is a launch by which somebody came.
type LaunchRow struct {
	ID         string
	Platform   PlatformID
	Name       string // of the platform
	Context    string // the course; ""
	Title      string // of the course
	Roles      []string
	RolePrefix string
	ReturnURL  string // back to the course; ""
	Locale     string // BCP 47; ""
	DeepLink   *DeepLinkSettings
	Created    time.Time
	Expires    time.Time
	Answered   *time.Time // when the choice that a deep link wants was sent
}

// LaunchOf finds a launch of this person that has not ended; there being none, or somebody else's, is a fault NotFound.
func (s *Store) LaunchOf(ctx context.Context, who user.Who, id string) (LaunchRow, error) {
	var l LaunchRow
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select l.id::text, l.platform_id, p.name::text, l.context, l.title, l.roles, p.role_prefix, coalesce(l.return_url, ''), coalesce(l.locale, ''),
				l.deep_link, l.created, l.expires_at, l.answered_at
			from lti_launch l join lti_platform p on p.id = l.platform_id
			where l.id = $1 and l.user_name = $2 and l.expires_at > now() and p.status = 'active'`, id, who.User)
		if err != nil {
			return err
		}
		l, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[LaunchRow])
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return LaunchRow{}, fault.Gone()
	}
	return l, err
}
