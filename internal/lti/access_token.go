package lti

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cutroom/internal/tenant"
)

// membersScope allows to ask who is in a course (Names and Roles 2.0, 3.3).
const membersScope = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"

// assertion proves who we are to a platform's token endpoint (RFC 7523, as the 1EdTech Security Framework has it).
type assertion struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	ID       string `json:"jti"`
}

// accessToken gets a token for a scope from a platform: client credentials with an assertion that our key signs.
func (s *Store) accessToken(ctx context.Context, t tenant.ID, p Platform, scope string) (string, error) {
	signer, err := s.signer(ctx, t)
	if err != nil {
		return "", err
	}
	now := time.Now()
	proof, err := signed(signer, assertion{p.ClientID, p.ClientID, p.TokenURL, now.Unix(), now.Add(responseLife).Unix(), rand.Text()})
	if err != nil {
		return "", err
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"client_assertion": {proof}, "scope": {scope}}
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	body, _, err := s.answerTo(r)
	if err != nil {
		return "", err
	}
	return parseAccessToken(body)
}

func parseAccessToken(body []byte) (string, error) {
	var answer struct {
		Token string `json:"access_token"`
		Type  string `json:"token_type"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return "", err
	}
	if answer.Token == "" || !strings.EqualFold(answer.Type, "Bearer") || strings.ContainsFunc(answer.Token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", errors.New("it gives no bearer token")
	}
	return answer.Token, nil
}
