package lti

import (
	"context"
	"fmt"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"cutroom/internal/tenant"
)

// signer signs messages to platforms with the tenant's key of now.
func (s *Store) signer(ctx context.Context, t tenant.ID) (jose.Signer, error) {
	key, err := s.SigningKey(ctx, t)
	if err != nil {
		return nil, err
	}
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, fmt.Errorf("the signing key of %s: %w", t, err)
	}
	return signer, nil
}

// signed is a JWT of the claims (RFC 7519, compact).
func signed(signer jose.Signer, claims any) (string, error) {
	return jwt.Signed(signer).Claims(claims).Serialize()
}
