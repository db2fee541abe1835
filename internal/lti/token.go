package lti

import (
	"errors"

	"github.com/go-jose/go-jose/v4"

	"cutroom/internal/fault"
)

// mostIDToken is how long an id_token may be, in bytes: as long as a request's body.
const mostIDToken = 256 << 10

// algorithms that platforms may sign with. HS* would take the platform's public key for a secret; none is no signature.
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512}

// token is an id_token whose signature is not looked at yet.
type token struct {
	jws *jose.JSONWebSignature
	kid string
	alg string
}

// parseToken takes a token apart and refuses algorithms that are not allowed. It trusts nothing in the header but alg and kid: keys,
// certificates and addresses of keys in there say nothing.
func parseToken(text string) (token, error) {
	if len(text) > mostIDToken {
		return token{}, fault.New(fault.TooLarge, "lti.too-large", "The learning platform sends more than 256 kB for one launch.")
	}
	jws, err := jose.ParseSignedCompact(text, algorithms)
	var alg *jose.ErrUnexpectedSignatureAlgorithm
	if errors.As(err, &alg) && alg.Got != "" {
		return token{}, fault.Newf(fault.Forbidden, "lti.alg", "The learning platform signs with %s, which is not taken. Set it to RS256 or ES256 there.", shown(string(alg.Got))).
			With(map[string]any{"Alg": shown(string(alg.Got))}).WithCause(err)
	}
	if err != nil || len(jws.Signatures) != 1 {
		return token{}, fault.New(fault.Malformed, "lti.token", "What the learning platform sent as id_token is no signed JSON Web Token. Check that the tool is set up there as LTI 1.3.").WithCause(err)
	}
	header := jws.Signatures[0].Protected
	if header.KeyID == "" {
		return token{}, fault.New(fault.Forbidden, "lti.kid-missing", "The learning platform's token does not say which key signed it (kid). Tell whoever runs the learning platform.")
	}
	return token{jws, header.KeyID, header.Algorithm}, nil
}

// unsigned are the claims before the signature is looked at: only good for finding out early what is wrong.
func (t token) unsigned() (claims, error) {
	return parseClaims(t.jws.UnsafePayloadWithoutVerification())
}

// verify gives the claims, signed by the platform. The key's own words about its use and algorithm count.
func (t token) verify(key jose.JSONWebKey) (claims, error) {
	if key.Use != "" && key.Use != "sig" || key.Algorithm != "" && key.Algorithm != t.alg {
		return claims{}, fault.Newf(fault.Forbidden, "lti.key-use", "The learning platform's key %s is not for signatures with %s. Tell whoever runs the learning platform.", shown(t.kid), shown(t.alg)).
			With(map[string]any{"Kid": shown(t.kid), "Alg": shown(t.alg)})
	}
	payload, err := t.jws.Verify(key.Key)
	if err != nil {
		return claims{}, fault.New(fault.Forbidden, "lti.signature", "The launch's signature is not the learning platform's. If this happens again, compare the platform's key set address (JWKS) with the one that is registered here.").WithCause(err)
	}
	return parseClaims(payload)
}
