package stubprovider

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Forger is a provider that says whatever a test wants.
type Forger struct {
	Issuer      string
	Key         *rsa.PrivateKey
	Claims      func(says map[string]any)                 // bends an ID token that is right
	Sign        func(t testing.TB, payload []byte) string // instead of RS256 with the published key
	UserInfo    func() any                                // "": there is none
	Description func(says map[string]any)                 // bends the description
	Handle      func(w http.ResponseWriter, r *http.Request) bool
	Asked       []string // paths, in order

	t      testing.TB
	mu     sync.Mutex
	nonces map[string]string // by code
}

var forgerKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// Forge starts one. Its client is "cutroom"; it takes any secret.
func Forge(t testing.TB) *Forger {
	t.Helper()
	f := &Forger{t: t, Key: forgerKey(), nonces: map[string]string{}}
	server := httptest.NewServer(http.HandlerFunc(f.answer))
	t.Cleanup(server.Close)
	f.Issuer = server.URL
	return f
}

func (f *Forger) answer(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Asked = append(f.Asked, r.URL.Path)
	if f.Handle != nil && f.Handle(w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		says := map[string]any{"issuer": f.Issuer, "authorization_endpoint": f.Issuer + "/auth", "token_endpoint": f.Issuer + "/token", "jwks_uri": f.Issuer + "/jwks",
			"response_types_supported": []string{"code"}, "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"}, "code_challenge_methods_supported": []string{"S256"}}
		if f.UserInfo != nil {
			says["userinfo_endpoint"] = f.Issuer + "/userinfo"
		}
		if f.Description != nil {
			f.Description(says)
		}
		f.write(w, says)
	case "/jwks":
		f.write(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: f.Key.Public(), KeyID: "one", Algorithm: "RS256", Use: "sig"}}})
	case "/auth":
		q := r.URL.Query()
		code := "code-" + q.Get("state")
		f.nonces[code] = q.Get("nonce")
		back := q.Get("redirect_uri") + "?" + url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
		http.Redirect(w, r, back, http.StatusSeeOther)
	case "/token":
		f.write(w, map[string]any{"access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": f.token(r.FormValue("code"))})
	case "/userinfo":
		f.write(w, f.UserInfo())
	default:
		http.NotFound(w, r)
	}
}

func (f *Forger) write(w http.ResponseWriter, value any) {
	if err := json.NewEncoder(w).Encode(value); err != nil {
		f.t.Error(err)
	}
}

func (f *Forger) token(code string) string {
	now := time.Now()
	says := map[string]any{"iss": f.Issuer, "sub": "u1", "aud": "cutroom", "exp": now.Add(time.Minute).Unix(), "iat": now.Unix(), "nonce": f.nonces[code],
		"preferred_username": "amara", "name": "Amara Osei", "groups": []string{"staff"}}
	if f.Claims != nil {
		f.Claims(says)
	}
	payload, err := json.Marshal(says)
	if err != nil {
		f.t.Error(err)
	}
	if f.Sign != nil {
		return f.Sign(f.t, payload)
	}
	return SignAs(f.t, jose.RS256, jose.JSONWebKey{Key: f.Key, KeyID: "one"}, payload)
}

// SignAs makes a compact JWS.
func SignAs(t testing.TB, algorithm jose.SignatureAlgorithm, key any, payload []byte) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Error(err)
		return ""
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		t.Error(err)
	}
	return compact
}
