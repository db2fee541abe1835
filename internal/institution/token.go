package institution

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"cutroom/internal/fault"
)

// How far clocks may be apart, and how old a token may be.
const (
	skew   = time.Minute
	oldest = time.Hour
)

// mistrust is the answer to a token that failed a check; check names it as the standard does.
func mistrust(p Provider, check string, err error) error {
	return fault.Newf(fault.Forbidden, "error.oidc-token", "What %s says about you cannot be trusted (%s). Begin again; if it happens again, tell whoever manages this institution.", p.Name, check).
		With(map[string]any{"Name": p.Name, "Check": check}).WithCause(err)
}

// read checks the ID token of an answer and gives what it says (OpenID Connect Core 1.0, 3.1.3.7).
func (d *discovery) read(ctx context.Context, p Provider, token *oauth2.Token, nonce string) (subject string, says claims, err error) {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return "", nil, mistrust(p, "id_token", errors.New("the answer has no ID token"))
	}
	id, err := d.verifier(p.ClientID).Verify(ctx, raw)
	var network *url.Error
	var late *oidc.TokenExpiredError
	switch {
	case errors.As(err, &network):
		return "", nil, unreachable(p.Name, err)
	case errors.As(err, &late):
		return "", nil, mistrust(p, "exp", err)
	case err != nil:
		return "", nil, mistrust(p, "signature, iss or aud", err)
	}
	if err := id.Claims(&says); err != nil {
		return "", nil, mistrust(p, "claims", err)
	}
	for _, check := range []func(*oidc.IDToken, claims) (string, error){
		checkSubject, checkIssuedAt,
		func(id *oidc.IDToken, says claims) (string, error) { return checkParty(id, says, p.ClientID) },
		func(id *oidc.IDToken, _ claims) (string, error) { return checkNonce(id, nonce) },
		func(id *oidc.IDToken, _ claims) (string, error) { return checkAccessToken(id, token) },
	} {
		if what, err := check(id, says); err != nil {
			return id.Subject, nil, mistrust(p, what, err)
		}
	}
	return id.Subject, says, nil
}

func checkSubject(id *oidc.IDToken, _ claims) (string, error) {
	if id.Subject == "" || len(id.Subject) > 1024 {
		return "sub", fmt.Errorf("sub has %d bytes", len(id.Subject))
	}
	return "", nil
}

func checkIssuedAt(id *oidc.IDToken, _ claims) (string, error) {
	age := time.Since(id.IssuedAt)
	if age < -skew || age > oldest {
		return "iat", fmt.Errorf("issued at %s", id.IssuedAt)
	}
	return "", nil
}

// checkParty asks for azp where the token is for several, and for us where it is there.
func checkParty(id *oidc.IDToken, says claims, client string) (string, error) {
	party, there := says["azp"]
	if there && party != client || !there && len(id.Audience) > 1 {
		return "azp", fmt.Errorf("azp is %v, aud %v", party, id.Audience)
	}
	return "", nil
}

func checkNonce(id *oidc.IDToken, nonce string) (string, error) {
	if nonce == "" || subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return "nonce", errors.New("the nonce is not that of this sign-in")
	}
	return "", nil
}

func checkAccessToken(id *oidc.IDToken, token *oauth2.Token) (string, error) {
	if id.AccessTokenHash == "" {
		return "", nil
	}
	return "at_hash", id.VerifyAccessToken(token.AccessToken)
}

// userInfo asks for what the ID token did not say, about the same person (OpenID Connect Core 1.0, 5.3).
func (d *discovery) userInfo(ctx context.Context, p Provider, token *oauth2.Token, subject string) (claims, error) {
	info, err := d.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, unreachable(p.Name, err)
	}
	if info.Subject != subject {
		return nil, mistrust(p, "sub of user info", fmt.Errorf("user info is about %q", info.Subject))
	}
	var says claims
	if err := info.Claims(&says); err != nil {
		return nil, mistrust(p, "user info", err)
	}
	return says, nil
}
