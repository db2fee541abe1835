package user

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
)

// Session is one living session of a person: one browser on one device.
type Session struct {
	ID      string // Who.Session
	Created time.Time
	Expires time.Time // unless it is used
	Used    time.Time // the last use that was written down: they are some minutes apart
	How     string    // HowPassword, HowLink, HowLTI, HowOIDC; "" for sessions of old
	Source  string    // name of the platform or institution; "" when it is gone, or for other ways in
	Agent   string    // the browser's User-Agent, in UTF-8
	Address string    // of the browser when it began; ""
	Current bool      // who asks came with it
}

// kept is where a person of this name is kept, and by which name: operators, whom operators see in every tenant, above it.
func (w Who) kept(name string) (tenant.ID, string) {
	if w.Operator() && namesOperator(name) {
		return tenant.Operators, loginOf(name)
	}
	return w.Tenant, name
}

// ListSessions gives the living sessions of a person, the one of who asks first, then newest first: to themselves and to admins.
func (s *Store) ListSessions(ctx context.Context, who Who, name string) ([]Session, error) {
	if !who.Admin() && who.User != name {
		return nil, fault.Denied()
	}
	place, login := who.kept(name)
	source := `coalesce((select name::text from lti_platform where 'lti:' || id = source), (select name::text from sign_in_provider where 'oidc:' || id = source), '')`
	if place == tenant.Operators {
		source = "''"
	}
	var all []Session
	err := s.DB.Read(ctx, place, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select encode(hash, 'hex'), created, expires_at, used_at, how, `+source+`, agent, address, encode(hash, 'hex') = $2
			from session where user_name = $1 and revoked_at is null and expires_at > now() order by 9 desc, created desc`, login, who.Session)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Session])
		return err
	})
	return all, err
}

// RevokeSession ends a session by its id: one's own, or anybody's for admins. What lives on it is closed at once.
func (s *Store) RevokeSession(ctx context.Context, who Who, id string) error {
	hash, ok := parseHash(id)
	if !ok {
		return fault.Gone()
	}
	err := s.revokeSessionAt(ctx, who, who.Tenant, hash)
	if fault.KindOf(err) == fault.NotFound && err != nil && who.Home() != who.Tenant {
		err = s.revokeSessionAt(ctx, who, who.Home(), hash) // an operator's own
	}
	return err
}

func (s *Store) revokeSessionAt(ctx context.Context, who Who, place tenant.ID, hash []byte) error {
	err := s.DB.Tx(ctx, place, func(tx pgx.Tx) error {
		var name string
		err := tx.QueryRow(ctx, `update session set revoked_at = now() where hash = $1 and revoked_at is null and ($2 or user_name = $3)
			returning coalesce(user_name, '')`, hash, who.Admin(), who.User).Scan(&name)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.Gone()
		}
		if err != nil {
			return err
		}
		return AuditTx(ctx, tx, who, "session.revoke", name, nil)
	})
	if err == nil {
		s.Bus.Publish(sessionNotice(place, hash))
	}
	return err
}

// RevokeSessions signs a person out everywhere, or, with exceptCurrent, everywhere but where the one who asks is: oneself, or
// anybody for admins. It says how many sessions ended; what lives on them is closed at once. Tokens stay.
func (s *Store) RevokeSessions(ctx context.Context, who Who, name string, exceptCurrent bool) (int, error) {
	if !who.SignedIn() || !who.Admin() && who.User != name {
		return 0, fault.Denied()
	}
	place, login := who.kept(name)
	keep := []byte{}
	if exceptCurrent {
		keep, _ = parseHash(who.Session)
	}
	var notices []live.Notice
	err := s.DB.Tx(ctx, place, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `update session set revoked_at = now()
			where user_name = $1 and revoked_at is null and expires_at > now() and hash is distinct from $2 returning hash`, login, keep)
		if err != nil {
			return err
		}
		hashes, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
		if err != nil || len(hashes) == 0 {
			return err
		}
		for _, hash := range hashes {
			notices = append(notices, sessionNotice(place, hash))
		}
		return AuditTx(ctx, tx, who, "session.revoke-all", login, map[string]any{"sessions": len(hashes), "exceptCurrent": exceptCurrent})
	})
	if err != nil {
		return 0, err
	}
	telling(notices)(s)
	return len(notices), nil
}
