package institution

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

// keepDescription is how long a node takes a provider's description and keys to be as they were. A key that it does not know
// yet is asked for at once; one that was taken back is good for so long at most.
const keepDescription = time.Hour

// discoveryKey keeps tenants apart: one cannot make another believe something of a provider.
type discoveryKey struct {
	tenant tenant.ID
	issuer string
}

// discovery is a provider's description with its keys.
type discovery struct {
	*oidc.Provider
	fetched time.Time
	says    description
}

// description is what we read of it beside what go-oidc does (OpenID Connect Discovery 1.0, 3; RFC 9207).
type description struct {
	Auth       string   `json:"authorization_endpoint"`
	Token      string   `json:"token_endpoint"`
	Keys       string   `json:"jwks_uri"`
	UserInfo   string   `json:"userinfo_endpoint"`
	Secrets    []string `json:"token_endpoint_auth_methods_supported"`
	Challenges []string `json:"code_challenge_methods_supported"`
	SaysIssuer bool     `json:"authorization_response_iss_parameter_supported"`
}

// signAlgorithms are those with public keys. none and HS* are refused, whatever a provider announces.
var signAlgorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}

// discover gives a provider's description, kept or fresh.
func (s *Store) discover(ctx context.Context, t tenant.ID, name, issuer string) (*discovery, error) {
	key := discoveryKey{t, issuer}
	s.mu.Lock()
	d := s.known[key]
	s.mu.Unlock()
	if d != nil && time.Since(d.fetched) < keepDescription {
		return d, nil
	}
	d, err := s.fetch(ctx, name, issuer)
	if err != nil {
		return nil, err
	}
	s.remember(t, issuer, d)
	return d, nil
}

func (s *Store) fetch(ctx context.Context, name, issuer string) (*discovery, error) {
	ctx = oidc.ClientContext(ctx, s.http())
	p, err := oidc.NewProvider(ctx, issuer)
	var mismatch *oidc.IssuerMismatchError
	switch {
	case errors.As(err, &mismatch):
		return nil, fault.Newf(fault.Unavailable, "error.oidc-issuer", "The address of %s leads to the description of another issuer, %s. Whoever manages this institution has to enter that one.", name, short(mismatch.Discovered)).
			With(map[string]any{"Name": name, "Issuer": short(mismatch.Discovered)}).WithCause(err)
	case err != nil:
		return nil, unreachable(name, err)
	}
	d := &discovery{Provider: p, fetched: time.Now()}
	if err := p.Claims(&d.says); err != nil {
		return nil, unreachable(name, err)
	}
	for what, value := range map[string]string{"authorization_endpoint": d.says.Auth, "token_endpoint": d.says.Token, "jwks_uri": d.says.Keys, "userinfo_endpoint": d.says.UserInfo} {
		if _, ok := address(value); !ok && (value != "" || what != "userinfo_endpoint") {
			return nil, unreachable(name, fmt.Errorf("%s is %q", what, value))
		}
	}
	return d, nil
}

func unreachable(name string, err error) error {
	return fault.Newf(fault.Unavailable, "error.oidc-unreachable", "%s does not answer as a sign-in service does. Try again later, or sign in another way.", name).
		With(map[string]any{"Name": name}).WithCause(err)
}

// verifier checks what go-oidc checks of an ID token: signature, issuer, audience, exp and nbf.
func (d *discovery) verifier(client string) *oidc.IDTokenVerifier {
	return d.Verifier(&oidc.Config{ClientID: client, SupportedSigningAlgs: signAlgorithms, Now: func() time.Time { return time.Now().Add(-skew) }})
}

// oauth is the client that a provider knows us as.
func (d *discovery) oauth(p Provider, secret, redirect string) *oauth2.Config {
	endpoint := oauth2.Endpoint{AuthURL: d.says.Auth, TokenURL: d.says.Token, AuthStyle: oauth2.AuthStyleInParams}
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: secret, Endpoint: endpoint, RedirectURL: redirect, Scopes: p.scopesFor()}
}

// exchange changes a code for tokens. The secret goes into the header first (RFC 6749, 2.3.1), and into the form where the
// provider does not take it there: a client may be registered for either, and a code is not used up by a client unknown.
func (d *discovery) exchange(ctx context.Context, config *oauth2.Config, code, verifier string) (*oauth2.Token, error) {
	takes := func(method string) bool { return len(d.says.Secrets) == 0 || slices.Contains(d.says.Secrets, method) }
	if config.ClientSecret == "" || !takes("client_secret_basic") {
		return config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	}
	basic := *config
	basic.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	token, err := basic.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.ErrorCode == "invalid_client" && takes("client_secret_post") {
		return config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	}
	return token, err
}

// keys counts the keys of a key set that has some.
func keys(body []byte) (int, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return 0, fmt.Errorf("the key set: %w", err)
	}
	if len(set.Keys) == 0 {
		return 0, errors.New("the key set is empty")
	}
	return len(set.Keys), nil
}
