package user

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/alexedwards/scs/v2"

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
	found.who.Launch, found.who.Locale = s.manager.GetString(ctx, "launch"), s.manager.GetString(ctx, "locale")
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
	return s.end(ctx, t, secret, false)
}

// SignOut is End for somebody who asks for it, with its line in the log.
func (s *Sessions) SignOut(ctx context.Context, t tenant.ID, secret string) error {
	return s.end(ctx, t, secret, true)
}

func (s *Sessions) end(ctx context.Context, t tenant.ID, secret string, out bool) error {
	if secret == "" {
		return nil
	}
	for _, place := range places(t) {
		if err := s.endAt(ctx, place, secret, out); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sessions) endAt(ctx context.Context, place tenant.ID, secret string, out bool) error {
	ctx, scope := withSessionScope(ctx, place)
	scope.out = out
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
