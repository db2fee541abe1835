package lti

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// WindowLife is how long a ticket for a window of its own may lie in the course's page.
const WindowLife = 10 * time.Minute

// Window is what a ticket was made for.
type Window struct {
	Who      user.Who
	Platform PlatformID
	Launch   string // id
	Target   string // a path here
	Locale   string // BCP 47; ""
}

// NewWindow makes a ticket by which somebody who launched, but whose browser keeps no cookies inside the course's page, signs in
// once in a window of its own. The database has its hash alone. A launch that is not this person's is a fault NotFound.
func (s *Store) NewWindow(ctx context.Context, who user.Who, launch, target string) (ticket string, err error) {
	ticket = random()
	err = s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `insert into lti_window (ticket, launch_id, target, expires_at)
			select $1, id, $4, now() + $5::interval from lti_launch where id = $2 and user_name = $3`, hashOf(ticket), launch, who.User, target, WindowLife)
		if err == nil && tag.RowsAffected() == 0 {
			err = fault.Gone()
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return ticket, nil
}

// OpenWindow uses up a ticket, on all nodes at once. One that is not known, too old or used is a fault Forbidden, and so is one whose
// person or platform is let in no more.
func (s *Store) OpenWindow(ctx context.Context, t tenant.ID, ticket string) (Window, error) {
	var w Window
	err := s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		var name string
		err := tx.QueryRow(ctx, `delete from lti_window w using lti_launch l join lti_platform p on p.id = l.platform_id
			where w.ticket = $1 and w.expires_at > now() and l.id = w.launch_id and p.status = 'active'
			returning l.user_name::text, l.platform_id::text, l.id::text, w.target, coalesce(l.locale, '')`, hashOf(ticket)).
			Scan(&name, &w.Platform, &w.Launch, &w.Target, &w.Locale)
		if err != nil {
			return err
		}
		w.Who, err = user.WhoByNameTx(ctx, tx, t, name)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) || fault.KindOf(err) == fault.NotFound {
		return Window{}, fault.New(fault.Forbidden, "lti.ticket", "This way in was used already, or is too old. Go back to the course and click the link again.")
	}
	return w, err
}
