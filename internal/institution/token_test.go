package institution_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/institution/stubprovider"
)

// lies are what a provider may say that must not be believed, one check each. fine is what must be.
func lies(t *testing.T) map[string]func(f *stubprovider.Forger) {
	t.Helper()
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	claim := func(name string, value any) func(f *stubprovider.Forger) {
		return func(f *stubprovider.Forger) {
			f.Claims = func(says map[string]any) {
				if says[name] = value; value == nil {
					delete(says, name)
				}
			}
		}
	}
	signed := func(algorithm jose.SignatureAlgorithm, key any) func(f *stubprovider.Forger) {
		return func(f *stubprovider.Forger) {
			f.Sign = func(t testing.TB, payload []byte) string { return stubprovider.SignAs(t, algorithm, key, payload) }
		}
	}
	published, err := x509.MarshalPKIXPublicKey(stubprovider.Forge(t).Key.Public())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	return map[string]func(f *stubprovider.Forger){
		"another nonce": claim("nonce", "another"), "no nonce": claim("nonce", nil),
		"another issuer": claim("iss", "https://evil.example"), "no issuer": claim("iss", nil),
		"for somebody else": claim("aud", "another"), "for nobody": claim("aud", nil),
		"for several, given to nobody": claim("aud", []string{"cutroom", "another"}), "given to another": claim("azp", "another"), "given to a number": claim("azp", 7),
		"over": claim("exp", now.Add(-2*time.Minute).Unix()), "no end": claim("exp", nil),
		"from the future": claim("iat", now.Add(2*time.Minute).Unix()), "old": claim("iat", now.Add(-61*time.Minute).Unix()), "no time": claim("iat", nil),
		"not yet": claim("nbf", now.Add(10*time.Minute).Unix()),
		"nobody":  claim("sub", nil), "nobody at all": claim("sub", ""), "a long one": claim("sub", strings.Repeat("x", 1025)),
		"of another access token": claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
		"another key":             signed(jose.RS256, jose.JSONWebKey{Key: other, KeyID: "one"}),
		"an unknown key":          signed(jose.RS256, jose.JSONWebKey{Key: other, KeyID: "two"}),
		"HS256 with the secret":   signed(jose.HS256, jose.JSONWebKey{Key: []byte("x" + strings.Repeat("\x00", 31)), KeyID: "one"}),
		"HS256 with the public key": signed(jose.HS256, jose.JSONWebKey{
			Key: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: published}), KeyID: "one"}),
		"no signature": func(f *stubprovider.Forger) {
			f.Sign = func(_ testing.TB, payload []byte) string {
				return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString(payload) + "."
			}
		},
		"no token":        func(f *stubprovider.Forger) { f.Sign = func(testing.TB, []byte) string { return "" } },
		"no token at all": func(f *stubprovider.Forger) { f.Sign = func(testing.TB, []byte) string { return "a.b" } },
		"user info about another": func(f *stubprovider.Forger) {
			f.UserInfo = func() any { return map[string]any{"sub": "u2", "preferred_username": "ada"} }
			claim("name", nil)(f)
		},
	}
}

func TestLiesAreNotBelieved(t *testing.T) {
	t.Parallel()
	for name, bend := range lies(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			f := stubprovider.Forge(t)
			bend(f)
			b.addForger(t, f)
			_, err := b.signIn(t, f.Issuer)
			if got := fault.As(err); got == nil || got.ID != "error.oidc-token" || got.Kind != fault.Forbidden {
				t.Fatalf("%v", err)
			}
			if n := b.count(t, "select count(*) from person") + b.count(t, "select count(*) from identity"); n != 0 {
				t.Error("somebody came about")
			}
			if n := b.count(t, "select count(*) from audit_log where action = 'sign-in.refused' and detail->>'source' = 'oidc:uni'"); n != 1 {
				t.Errorf("%d lines in the log", n)
			}
		})
	}
}

func TestWhatIsRightIsBelieved(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, bend := range map[string]func(says map[string]any){
		"as it is": func(map[string]any) {},
		"a clock that is behind": func(says map[string]any) {
			says["exp"] = now.Add(-30 * time.Second).Unix()
		},
		"a clock that is ahead": func(says map[string]any) { says["iat"] = now.Add(30 * time.Second).Unix() },
		"for several, given to us": func(says map[string]any) {
			says["aud"], says["azp"] = []string{"another", "cutroom"}, "cutroom"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			f := b.forger(t)
			f.Claims = bend
			if who := b.mustSignIn(t, f.Issuer); who.User != "amara" || who.Role != "editor" {
				t.Errorf("%+v", who)
			}
		})
	}
}

func TestLoginsAreGoodOnceInOneBrowser(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f := b.forger(t)
	finish := func(id string) error {
		answer := b.begin(t, f.Issuer)
		switch id {
		case "another browser":
			answer.Browser = "another"
		case "no cookie":
			answer.Browser = ""
		case "a made-up state":
			answer.State = "made up"
		case "late":
			b.exec(t, "update oidc_login set expires_at = now()")
		case "twice":
			if _, _, err := b.Finish(t.Context(), dbtest.Tenant, "uni", origin, answer); err != nil {
				t.Fatal(err)
			}
		case "switched off meanwhile":
			b.exec(t, "update sign_in_provider set active = false")
		case "another issuer answers":
			answer.Issuer = "https://evil.example"
		case "no code":
			answer.Code = ""
		case "an error of its own":
			answer.Code, answer.Error, answer.Description = "", "server_error", strings.Repeat("long ", 1000)
		}
		_, _, err := b.Finish(t.Context(), dbtest.Tenant, "uni", origin, answer)
		return err
	}
	for name, want := range map[string]string{"another browser": "error.oidc-browser", "no cookie": "error.oidc-browser", "a made-up state": "error.oidc-state", "late": "error.oidc-state",
		"twice": "error.oidc-used", "another issuer answers": "error.oidc-token", "no code": "error.oidc-token", "an error of its own": "error.oidc-refused"} {
		if got := fault.As(finish(name)); got == nil || got.ID != want || len(got.Text) > 600 {
			t.Errorf("%s: %v, want %s", name, got, want)
		}
	}
	if got := fault.As(finish("switched off meanwhile")); got == nil || got.ID != "error.provider-off" {
		t.Errorf("switched off meanwhile: %v", got)
	}
	if _, err := b.Start(t.Context(), dbtest.Tenant, "uni", origin, "/"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("switched off: %v", err)
	}
}

func TestProvidersThatBreakTheRules(t *testing.T) {
	t.Parallel()
	elsewhere := stubprovider.Forge(t)
	t.Cleanup(func() {
		if len(elsewhere.Asked) > 0 {
			t.Errorf("the other origin was asked %v", elsewhere.Asked)
		}
	})
	description := func(name string, value any) func(*stubprovider.Forger) {
		return func(f *stubprovider.Forger) { f.Description = func(says map[string]any) { says[name] = value } }
	}
	answer := func(path string, do func(w http.ResponseWriter, r *http.Request)) func(*stubprovider.Forger) {
		return func(f *stubprovider.Forger) {
			f.Handle = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == path {
					do(w, r)
				}
				return r.URL.Path == path
			}
		}
	}
	for name, bend := range map[string]func(*stubprovider.Forger){
		"another issuer":      description("issuer", "https://evil.example"),
		"a slash more":        func(f *stubprovider.Forger) { description("issuer", f.Issuer+"/")(f) },
		"keys without https":  description("jwks_uri", "http://keys.example/jwks"),
		"codes without https": description("token_endpoint", "http://tokens.example/token"),
		"no address to go":    description("authorization_endpoint", ""),
		"an address of ours":  description("authorization_endpoint", "javascript:alert(1)"),
		"too long":            description("padding", strings.Repeat("x", 300<<10)),
		"somewhere else": answer("/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.Issuer+r.URL.Path, http.StatusFound)
		}),
		"no JSON": answer("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }),
		"an error": answer("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "secret words of the other side", http.StatusInternalServerError)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, f := setup(t), stubprovider.Forge(t)
			bend(f)
			_, err := b.Add(t.Context(), b.ada, forgedProvider(f))
			got := fault.As(err)
			if got == nil || got.Kind != fault.Unavailable || strings.Contains(got.Text, "secret words") {
				t.Fatalf("%v", err)
			}
			if n := b.count(t, "select count(*) from sign_in_provider"); n != 0 {
				t.Error("it was kept")
			}
		})
	}
}

func TestTheDescriptionIsKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f := b.forger(t)
	for range 3 {
		b.mustSignIn(t, f.Issuer)
	}
	asked := strings.Join(f.Asked, " ")
	if strings.Count(asked, "openid-configuration") != 1 || strings.Count(asked, "/jwks") != 1 {
		t.Errorf("asked %s", asked)
	}
}
