package institution

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/jackc/pgx/v5"
	"golang.org/x/oauth2"

	"cutroom/internal/fault"
	"cutroom/internal/seal"
	"cutroom/internal/tenant"
)

// LoginLife is how long somebody may take at the provider.
const LoginLife = 10 * time.Minute

// Login is a sign-in that begins.
type Login struct {
	URL     string // where the browser goes
	State   string // comes back with the browser
	Browser string // only this browser gets to know it
}

// pending is a sign-in that waits for its answer.
type pending struct{ nonce, verifier, next string }

// Start begins a sign-in with an active provider, from pages at an origin of the tenant. next is a path here. Faults: NotFound
// for no such provider or one that is switched off; Unavailable when the provider does not answer.
func (s *Store) Start(ctx context.Context, t tenant.ID, id ProviderID, origin, next string) (Login, error) {
	p, _, err := s.find(ctx, t, id)
	if err == nil && !p.Active {
		err = off(p)
	}
	if err != nil {
		return Login{}, err
	}
	asking, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	d, err := s.discover(asking, t, p.Name, p.Issuer)
	if err != nil {
		return Login{}, err
	}
	l, nonce, verifier := Login{State: secret(), Browser: secret()}, secret(), oauth2.GenerateVerifier()
	err = s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into oidc_login (state, provider_id, nonce, verifier, browser, next, expires_at) values ($1, $2, $3, $4, $5, $6, now() + $7::interval)`,
			hash(l.State), string(id), nonce, verifier, hash(l.Browser), next, LoginLife)
		return err
	})
	l.URL = d.oauth(p, "", p.Redirect(origin)).AuthCodeURL(l.State, oauth2.S256ChallengeOption(verifier), oidc.Nonce(nonce))
	return l, err
}

func off(p Provider) error {
	return fault.Newf(fault.NotFound, "error.provider-off", "Signing in with %s is switched off here.", p.Name).With(map[string]any{"Name": p.Name})
}

// use uses a login up: once over all nodes, in the browser where it began, while its provider is active.
func (s *Store) use(ctx context.Context, t tenant.ID, p Provider, a Answer) (login pending, err error) {
	if !p.Active {
		return pending{}, off(p)
	}
	err = s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `update oidc_login set used_at = now() where state = $1 and provider_id = $2 and browser = $3 and used_at is null and expires_at > now()
			returning nonce, verifier, next`, hash(a.State), string(p.ID), hash(a.Browser)).Scan(&login.nonce, &login.verifier, &login.next)
		if errors.Is(err, pgx.ErrNoRows) {
			return whyNot(ctx, tx, p, a)
		}
		return err
	})
	return login, err
}

// whyNot says why a login cannot be used.
func whyNot(ctx context.Context, tx pgx.Tx, p Provider, a Answer) error {
	var used, late bool
	err := tx.QueryRow(ctx, "select used_at is not null, expires_at <= now() from oidc_login where state = $1 and provider_id = $2", hash(a.State), string(p.ID)).Scan(&used, &late)
	switch {
	case errors.Is(err, pgx.ErrNoRows), err == nil && late && !used:
		return fault.New(fault.Malformed, "error.oidc-state", "This sign-in did not begin here, or it took longer than 10 minutes. Begin again.")
	case err != nil:
		return err
	case used:
		return fault.New(fault.Conflict, "error.oidc-used", "This sign-in was finished already. Begin again.")
	}
	return fault.New(fault.Forbidden, "error.oidc-browser", "This sign-in began in another browser, or this one keeps no cookies. Begin again, and allow cookies for this page.")
}

func secret() string { return base64.RawURLEncoding.EncodeToString(seal.Random()) }

func hash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
