package lti

import (
	"context"
	"crypto/subtle"
	"errors"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

// Pending is a login that began here and waits for its launch.
type Pending struct {
	Platform      PlatformID
	Request       LoginRequest // how it began: a window of its own begins with the same again
	State         string
	Storage       string // frame that takes platform storage messages; ""
	StorageOrigin string // origin that such messages go to

	nonce   string
	browser []byte
	bound   bool
}

// Bound says whether a secret, from a cookie or out of the platform's storage, is that of the browser in which the login began. Enter
// takes no launch whose browser was not found to be that one.
func (p *Pending) Bound(secret string) bool {
	if len(p.browser) > 0 && subtle.ConstantTimeCompare(hashOf(secret), p.browser) == 1 {
		p.bound = true
		return true
	}
	return false
}

// FindPending gives a login by its state, for answers of a platform that say no. Faults as with Check.
func (s *Store) FindPending(ctx context.Context, t tenant.ID, state string) (Pending, error) {
	p, _, err := s.pending(ctx, t, state)
	return p, err
}

// pending finds a login by its state, with all registrations of the same issuer and client, in one round trip: the login's own first.
func (s *Store) pending(ctx context.Context, t tenant.ID, state string) (Pending, []Platform, error) {
	p := Pending{State: state}
	if CookieName(state) == "" {
		return p, nil, noLogin()
	}
	var platforms []Platform
	var platform, auth string
	var old, used bool
	err := s.DB.Read(ctx, t, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(`select l.platform_id, coalesce(p.auth_url, ''), l.nonce, l.browser, l.hints, l.expires_at <= now(), l.used_at is not null
			from lti_login l join lti_platform p on p.id = l.platform_id where l.state = $1`, hashOf(state)).QueryRow(func(row pgx.Row) error {
			return row.Scan(&platform, &auth, &p.nonce, &p.browser, &p.Request, &old, &used)
		})
		b.Queue("select "+platformColumns+` from lti_platform, (select p.id as own, p.issuer as i, p.client_id as c from lti_login l join lti_platform p on p.id = l.platform_id
				where l.state = $1) began where version = '1.3' and issuer = i and client_id = c order by id = own desc, created, id`, hashOf(state)).Query(func(rows pgx.Rows) (err error) {
			platforms, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Platform])
			return err
		})
		return tx.SendBatch(ctx, b).Close()
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return p, nil, noLogin()
	case err != nil:
		return p, nil, err
	}
	p.Platform, p.Storage, p.StorageOrigin = PlatformID(platform), p.Request.Storage, Origin(auth)
	switch {
	case used:
		return p, nil, replayed()
	case old:
		return p, nil, fault.New(fault.Forbidden, "lti.state-old", "Signing in at the learning platform took longer than ten minutes. Go back to the course and open the link again.")
	}
	return p, platforms, nil
}

func noLogin() error {
	return fault.New(fault.Forbidden, "lti.state", "This launch belongs to no sign-in that began here, or is too old. Go back to the course and open the link again. If that does not help, the learning platform has to begin with this tool's login URL and give back the state unchanged.")
}

func replayed() error {
	return fault.New(fault.Conflict, "lti.used", "This launch was used already; each is good for once. Go back to the course and open the link again.")
}
