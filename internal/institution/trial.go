package institution

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Trial is what asking a provider brought.
type Trial struct {
	Issuer string
	Keys   int    // in its key set
	PKCE   bool   // it says that it takes S256; we send it in any case
	Secret string // accepted, refused; unknown when that could not be told, "" when no client was named
}

// Try asks a provider for its description and keys, and whether it knows the client: the token endpoint is given a code that
// cannot be one, which a known client hears of, and an unknown one does not. Admins may. An id with an empty secret means
// the secret that is kept. Nothing is changed.
func (s *Store) Try(ctx context.Context, who user.Who, n NewProvider, origin string) (Trial, error) {
	if !who.Admin() {
		return Trial{}, fault.Denied()
	}
	n.fill()
	if _, ok := address(n.Issuer); !ok {
		return Trial{}, refuse([]fault.Field{{Path: "/issuer", Rule: "Issuer", Message: "Use the provider's issuer address; it begins with https."}})
	}
	if n.Secret == "" && n.ID != "" {
		p, sealed, err := s.find(ctx, who.Tenant, n.ID)
		if err != nil {
			return Trial{}, err
		}
		n.Issuer, n.ClientID = p.Issuer, p.ClientID
		if n.Secret, err = s.open(who.Tenant, n.ID, sealed); err != nil {
			return Trial{}, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	d, err := s.fetch(ctx, n.Issuer, n.Issuer)
	if err != nil {
		return Trial{}, err
	}
	trial := Trial{Issuer: n.Issuer, PKCE: slices.Contains(d.says.Challenges, "S256")}
	if trial.Keys, err = s.countKeys(ctx, d.says.Keys); err != nil {
		return Trial{}, unreachable(n.Issuer, err)
	}
	if n.ClientID != "" {
		trial.Secret = s.tryClient(ctx, d, n, origin)
	}
	s.remember(who.Tenant, n.Issuer, d)
	return trial, nil
}

func (s *Store) countKeys(ctx context.Context, url string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	answer, err := s.http().Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("the key set: %s", answer.Status)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err
	}
	return keys(body)
}

func (s *Store) tryClient(ctx context.Context, d *discovery, n NewProvider, origin string) string {
	config := d.oauth(Provider{ClientID: n.ClientID}, n.Secret, RedirectOf(origin, n.ID))
	_, err := d.exchange(oidc.ClientContext(ctx, s.http()), config, "a-code-that-was-never-given", oauth2.GenerateVerifier())
	var refused *oauth2.RetrieveError
	switch {
	case !errors.As(err, &refused):
		return "unknown"
	case refused.ErrorCode == "invalid_client" || refused.ErrorCode == "unauthorized_client":
		return "refused"
	case refused.ErrorCode == "invalid_grant":
		return "accepted"
	}
	return "unknown"
}

// remember keeps a description that was just fetched.
func (s *Store) remember(t tenant.ID, issuer string, d *discovery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[discoveryKey]*discovery{}
	}
	s.known[discoveryKey{t, issuer}] = d
}
