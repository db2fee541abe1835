package lti

import (
	"crypto/x509"
	"encoding/pem"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"cutroom/internal/lti/stubplatform"
)

// forged lets a test make the token itself of what the platform would say.
func (l launches) forged(sign func(claims map[string]any) string) stubplatform.Click {
	c := usual()
	said := c
	c.Forge = func(nonce string) string { return sign(l.stub.Claims(said, nonce)) }
	return c
}

func TestSignaturesThatArePlatformsOwn(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	rsa := stubplatform.RSAKey("key-1")
	for _, alg := range []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512} {
		key := *rsa
		key.Kid, key.Alg = "key-"+string(alg), alg
		l.stub.UseKeys(append([]*stubplatform.Key{&key}, rsa)...)
		l.later(time.Duration(len(alg)) * time.Second)
		s := &Store{DB: l.DB, Bus: l.heard, Users: l.Users} // knows no keys yet
		if _, _, err := (launches{bundle{s, l.heard, l.admin}, l.stub, l.platform}).launch(t, usual()); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
	}
	l.stub.UseKeys(stubplatform.ECKey("key-ec"))
	s := &Store{DB: l.DB, Bus: l.heard, Users: l.Users}
	if _, _, err := (launches{bundle{s, l.heard, l.admin}, l.stub, l.platform}).launch(t, usual()); err != nil {
		t.Errorf("ES256: %v", err)
	}
}

func TestSignaturesThatAreRefused(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	key, foreign := stubplatform.RSAKey("key-1"), *stubplatform.RSAKey("foreign")
	foreign.Kid = key.Kid
	der, err := x509.MarshalPKIXPublicKey(key.Private.Public())
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	jwk, err := key.Public().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	other := *key
	other.Alg = jose.RS384
	bent := func(claims map[string]any) string {
		parts := strings.Split(key.Sign(claims, nil), ".")
		claims = maps.Clone(claims)
		claims["sub"] = "somebody-else"
		return parts[0] + "." + strings.Split(stubplatform.Unsigned("x", claims), ".")[1] + "." + parts[2]
	}
	for _, is := range []struct {
		name, id string
		sign     func(claims map[string]any) string
	}{
		{"another's key with the platform's kid", "lti.signature", func(c map[string]any) string { return foreign.Sign(c, nil) }},
		{"another's key in the header", "lti.signature", func(c map[string]any) string { return foreign.Sign(c, map[string]any{"jwk": foreign.Public()}) }},
		{"claims changed after signing", "lti.signature", bent},
		{"no kid", "lti.kid-missing", func(c map[string]any) string { return key.Sign(c, map[string]any{"kid": nil}) }},
		{"an unknown kid", "lti.kid-unknown", func(c map[string]any) string { return key.Sign(c, map[string]any{"kid": "key-9"}) }},
		{"an algorithm that the key is not for", "lti.key-use", func(c map[string]any) string { return other.Sign(c, nil) }},
		{"no signature", "lti.alg", func(c map[string]any) string { return stubplatform.Unsigned("key-1", c) }},
		{"HS256 with the public key (PEM)", "lti.alg", func(c map[string]any) string { return stubplatform.SignHMAC("key-1", public, c) }},
		{"HS256 with the public key (DER)", "lti.alg", func(c map[string]any) string { return stubplatform.SignHMAC("key-1", der, c) }},
		{"HS256 with the public key (JWK)", "lti.alg", func(c map[string]any) string { return stubplatform.SignHMAC("key-1", jwk, c) }},
		{"a text", "lti.token", func(map[string]any) string { return "no token" }},
		{"three parts of nothing", "lti.token", func(map[string]any) string { return ".." }},
		{"a signature cut off", "lti.token", func(c map[string]any) string { text := key.Sign(c, nil); return text[:strings.LastIndex(text, ".")] }},
		{"no object", "lti.claims", func(map[string]any) string { return key.Sign([]byte(`["iss"]`), nil) }},
		{"no JSON", "lti.claims", func(map[string]any) string { return key.Sign([]byte(`{"iss":`), nil) }},
		{"a claim twice", "lti.claims", func(map[string]any) string { return key.Sign([]byte(`{"sub":"a","sub":"b"}`), nil) }},
		{"too much", "lti.too-large", func(c map[string]any) string { c["x"] = strings.Repeat("x", 256<<10); return key.Sign(c, nil) }},
	} {
		_, _, err := l.launch(t, l.forged(is.sign))
		wantID(t, is.name, err, is.id)
	}
	if n := l.created(t); n != 0 {
		t.Errorf("refused launches have made %d rows", n)
	}
}
