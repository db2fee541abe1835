package stubplatform

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

// Key signs for the platform.
type Key struct {
	Kid     string
	Alg     jose.SignatureAlgorithm
	Private crypto.Signer
}

// made are RSA keys for all platforms of a test: making one takes a tenth of a second.
var made sync.Map

// RSAKey gives a key for RS256. It is the same each time for the same kid.
func RSAKey(kid string) *Key {
	once := sync.OnceValue(func() *Key {
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err) // the system has no randomness
		}
		return &Key{kid, jose.RS256, private}
	})
	first, _ := made.LoadOrStore(kid, once)
	return first.(func() *Key)()
}

// ECKey makes a key for ES256.
func ECKey(kid string) *Key {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // the system has no randomness
	}
	return &Key{kid, jose.ES256, private}
}

// Public is the key as the platform publishes it.
func (k *Key) Public() jose.JSONWebKey {
	return jose.JSONWebKey{Key: k.Private.Public(), KeyID: k.Kid, Algorithm: string(k.Alg), Use: "sig"}
}

// Sign signs claims, with more headers if there are any; a nil value leaves one out.
func (k *Key) Sign(claims any, headers map[string]any) string {
	opts := &jose.SignerOptions{}
	opts.WithType("JWT").WithHeader("kid", k.Kid)
	for name, value := range headers {
		opts.WithHeader(jose.HeaderKey(name), value)
		if value == nil {
			delete(opts.ExtraHeaders, jose.HeaderKey(name))
		}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: k.Alg, Key: k.Private}, opts)
	if err != nil {
		panic(err) // a test's key and algorithm that do not fit
	}
	return sign(signer, claims)
}

// SignHMAC signs claims with a secret by HS256, as somebody does who takes a public key for one.
func SignHMAC(kid string, secret []byte, claims any) string {
	opts := (&jose.SignerOptions{}).WithHeader("kid", kid)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: secret}, opts)
	if err != nil {
		panic(err) // a test's secret that is too short
	}
	return sign(signer, claims)
}

// Unsigned makes a token with alg none.
func Unsigned(kid string, claims any) string {
	encode := func(v any) string { return base64.RawURLEncoding.EncodeToString(encoded(v)) }
	return encode(map[string]any{"alg": "none", "typ": "JWT", "kid": kid}) + "." + encode(claims) + "."
}

func sign(signer jose.Signer, claims any) string {
	jws, err := signer.Sign(encoded(claims))
	if err != nil {
		panic(err) // a test's key that cannot sign
	}
	text, err := jws.CompactSerialize()
	if err != nil {
		panic(err) // one signature always can
	}
	return text
}

// encoded gives JSON; bytes are taken as they are.
func encoded(v any) []byte {
	if raw, ok := v.([]byte); ok {
		return raw
	}
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // claims of a test that are no JSON
	}
	return raw
}

// Key is the key that signs now.
func (p *Platform) Key() *Key {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keys[0]
}

// Sign signs claims with the key that signs now.
func (p *Platform) Sign(claims any) string { return p.Key().Sign(claims, nil) }

// UseKeys publishes these keys alone; the first one signs.
func (p *Platform) UseKeys(keys ...*Key) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = keys
}

// ServeKeys lets another handler answer for the keys; nil: the platform again.
func (p *Platform) ServeKeys(handler http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.jwks = handler
}

// KeysAsked says how often the keys were asked for.
func (p *Platform) KeysAsked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// JWKS is the platform's key set.
func (p *Platform) JWKS() jose.JSONWebKeySet {
	p.mu.Lock()
	defer p.mu.Unlock()
	var set jose.JSONWebKeySet
	for _, key := range p.keys {
		set.Keys = append(set.Keys, key.Public())
	}
	return set
}

func (p *Platform) serveKeys(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked++
	handler := p.jwks
	p.mu.Unlock()
	if handler != nil {
		handler(w, r)
		return
	}
	answer(w, http.StatusOK, p.JWKS())
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(encoded(v))
}
