package user

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

// How long a session lives: without use, and at most.
const (
	SessionIdle = 12 * time.Hour
	SessionLife = 7 * 24 * time.Hour
)

// sessionRefresh is how much idle time has to have passed before a use is written down.
const sessionRefresh = 5 * time.Minute

// Sessions are the sessions of browsers. The browser has a secret, the table its hash; a session belongs to one tenant.
type Sessions struct {
	store   *Store
	manager *scs.SessionManager
}

// Sessions makes the sessions of one kind of cookie. All kinds share the table.
func (s *Store) Sessions() *Sessions {
	m := scs.New()
	m.Store, m.Codec = sessionTable{s.DB}, sessionCodec{}
	m.IdleTimeout, m.Lifetime = SessionIdle, SessionLife
	return &Sessions{store: s, manager: m}
}

// Begin says how a session comes about, for the list of a person's devices.
type Begin struct {
	Old     string // secret of the session that the browser had before; it ends
	How     string // password, link, lti, oidc
	Source  string // lti:<platform>, oidc:<provider>; ""
	Agent   string // the browser's User-Agent
	Address string // of the browser
	Launch  string // id of the launch, which Who.Launch tells from then on; ""
}

// Begin signs a person in: a new secret, whatever the browser had before, which ends. It returns the secret for the cookie.
// The session comes with its line in the log, or not at all; one whose cookie never arrives is nobody's, and ends by itself.
// An operator's session is kept above the tenants and good in each; the log says where it began.
func (s *Sessions) Begin(ctx context.Context, who Who, b Begin) (secret string, signedIn Who, err error) {
	if err := s.End(ctx, who.Tenant, b.Old); err != nil {
		return "", Who{}, err
	}
	ctx, scope := withSessionScope(ctx, who.Home())
	scope.begun = &begunSession{who, b}
	ctx, err = s.manager.Load(ctx, "")
	if err != nil {
		return "", Who{}, err
	}
	s.manager.Put(ctx, "user", who.Login())
	s.manager.Put(ctx, "tenant", string(who.Home()))
	if b.Launch != "" {
		s.manager.Put(ctx, "launch", b.Launch)
	}
	secret, _, err = s.manager.Commit(ctx)
	if err != nil {
		return "", Who{}, err
	}
	who.Session, who.Scopes, who.Launch = hex.EncodeToString(hashOf(secret)), nil, b.Launch
	return secret, who, nil
}

// Who finds who has a session, of the tenant or an operator who acts there; a fault Unauthorized says that there is none, or
// that it has ended. A use is written down only when the last one was some minutes ago, and never brings back a session that
// was ended meanwhile.
func (s *Sessions) Who(ctx context.Context, t tenant.ID, secret string) (Who, error) {
	return known(t, func(place tenant.ID) (Who, error) { return s.whoAt(ctx, place, secret) })
}

func (s *Sessions) whoAt(ctx context.Context, place tenant.ID, secret string) (Who, error) {
	ctx, scope := withSessionScope(ctx, place)
	ctx, err := s.manager.Load(ctx, secret)
	if err != nil {
		return Who{}, err
	}
	found := scope.found
	if found == nil || s.manager.GetString(ctx, "tenant") != string(place) || s.manager.GetString(ctx, "user") != found.who.Login() {
		return Who{}, ended()
	}
	due := min(SessionIdle, time.Until(s.manager.Deadline(ctx))) - time.Until(found.expires)
	if due > sessionRefresh {
		if _, _, err := s.manager.Commit(ctx); err != nil {
			return Who{}, err
		}
	}
	found.who.Launch = s.manager.GetString(ctx, "launch")
	return found.who, nil
}

// WhoBySession is Who for those who have no cookies to write: it changes nothing.
func (s *Store) WhoBySession(ctx context.Context, t tenant.ID, secret string) (Who, error) {
	return known(t, func(place tenant.ID) (Who, error) {
		return s.againAt(ctx, place, hex.EncodeToString(hashOf(secret)))
	})
}

// End signs out whoever has the secret in a tenant, an operator too. Requests that are under way cannot bring the session back.
func (s *Sessions) End(ctx context.Context, t tenant.ID, secret string) error {
	if secret == "" {
		return nil
	}
	for _, place := range places(t) {
		if err := s.endAt(ctx, place, secret); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sessions) endAt(ctx context.Context, place tenant.ID, secret string) error {
	ctx, scope := withSessionScope(ctx, place)
	ctx, err := s.manager.Load(ctx, secret)
	if err != nil || scope.found == nil {
		return err
	}
	if err := s.manager.Destroy(ctx); err != nil {
		return err
	}
	s.store.Bus.Publish(sessionNotice(place, hashOf(secret)))
	return nil
}

// Session is one living session of a person.
type Session struct {
	ID      string // Who.Session
	Created time.Time
	Expires time.Time // unless it is used
}

// ListSessions gives the living sessions of a person, newest first: to themselves and to admins.
func (s *Store) ListSessions(ctx context.Context, who Who, name string) ([]Session, error) {
	if !who.Admin() && who.User != name {
		return nil, fault.Denied()
	}
	var all []Session
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select encode(hash, 'hex'), created, expires_at from session
			where user_name = $1 and revoked_at is null and expires_at > now() order by created desc`, name)
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
	err := s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
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
		s.Bus.Publish(sessionNotice(who.Tenant, hash))
	}
	return err
}

// Sweep removes what has ended in a tenant: sign-in links, keys of requests after the day that their answers are kept, and
// sessions and tokens only when no request that knew them can still be under way. Any node may do it at any time.
func (s *Store) Sweep(ctx context.Context, t tenant.ID) error {
	return s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		for _, sql := range []string{
			"delete from session where expires_at < now() - interval '8 days'",
			"delete from sign_in_link where expires_at < now()",
			"delete from idempotency where created < now() - interval '24 hours'",
			"delete from token where coalesce(revoked_at, expires_at) < now() - interval '30 days'",
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	})
}
