package lti

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"cutroom/internal/lti/stubplatform"
)

// keyHolder is a platform's keys and a store that asks for them, without a database.
func keyHolder(t *testing.T) launches {
	t.Helper()
	stub := stubplatform.New()
	t.Cleanup(stub.Close)
	return launches{bundle: bundle{Store: &Store{}}, stub: stub}
}

func (l launches) key(t *testing.T, kid string) error {
	t.Helper()
	_, err := l.platformKey(t.Context(), l.stub.JWKSURL(), kid)
	return err
}

func TestKeysAreKeptForAnHour(t *testing.T) {
	t.Parallel()
	l := keyHolder(t)
	for _, is := range []struct {
		after time.Duration
		asked int
	}{{0, 1}, {59 * time.Minute, 1}, {time.Hour, 2}, {time.Hour + time.Minute, 2}} {
		l.later(is.after)
		if err := l.key(t, "key-1"); err != nil || l.stub.KeysAsked() != is.asked {
			t.Errorf("after %s: %v, asked %d times", is.after, err, l.stub.KeysAsked())
		}
	}
	// When the hour is over and the platform is away, old keys are good no more.
	l.stub.ServeKeys(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "away", http.StatusServiceUnavailable) })
	l.later(2 * time.Hour)
	wantID(t, "an old key", l.key(t, "key-1"), "lti.keys-unreachable")
}

func TestAKeyThatIsNotKnownIsAskedForTwiceAMinute(t *testing.T) {
	t.Parallel()
	l := keyHolder(t)
	if err := l.key(t, "key-1"); err != nil {
		t.Fatal(err)
	}
	for _, is := range []struct {
		after time.Duration
		asked int
	}{{0, 1}, {29 * time.Second, 1}, {30 * time.Second, 2}, {59 * time.Second, 2}, {60 * time.Second, 3}} {
		l.later(is.after)
		wantID(t, is.after.String(), l.key(t, "key-2"), "lti.kid-unknown")
		if l.stub.KeysAsked() != is.asked {
			t.Errorf("after %s it was asked %d times", is.after, l.stub.KeysAsked())
		}
		if err := l.key(t, "key-1"); err != nil {
			t.Errorf("after %s the known key: %v", is.after, err)
		}
	}
}

func TestAPlatformChangesItsKey(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	l.enter(t, usual())
	old := l.stub.Key()
	l.stub.UseKeys(stubplatform.RSAKey("key-2"), old)
	_, _, err := l.launch(t, usual())
	wantID(t, "at once", err, "lti.kid-unknown")
	l.later(31 * time.Second)
	l.enter(t, usual())
	// The old one is withdrawn: it is good until the set is read again.
	l.stub.UseKeys(stubplatform.RSAKey("key-2"))
	c := usual()
	c.Forge = func(nonce string) string { return old.Sign(l.stub.Claims(usual(), nonce), nil) }
	if _, _, err := l.launch(t, c); err != nil {
		t.Errorf("within the hour: %v", err)
	}
	l.platformKeys.sets[l.stub.JWKSURL()] = keySet{} // as after an hour
	_, _, err = l.launch(t, c)
	wantID(t, "a withdrawn key", err, "lti.kid-unknown")
}

func TestManyWaitForOneReading(t *testing.T) {
	t.Parallel()
	l := keyHolder(t)
	let := make(chan struct{})
	l.stub.ServeKeys(func(w http.ResponseWriter, _ *http.Request) {
		<-let
		answer, _ := encodeKeys(l.stub)
		_, _ = io.WriteString(w, answer)
	})
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := l.platformKey(context.Background(), l.stub.JWKSURL(), "key-1"); err != nil {
				t.Error(err)
			}
		})
	}
	// Whoever leaves does not take the reading away from the others.
	leaving, leave := context.WithCancel(t.Context())
	leave()
	if _, err := l.platformKey(leaving, l.stub.JWKSURL(), "key-1"); err == nil {
		t.Error("whoever left has a key")
	}
	close(let)
	wg.Wait()
	if n := l.stub.KeysAsked(); n != 1 {
		t.Errorf("it was asked %d times", n)
	}
}

func TestASlowPlatformIsWaitedForFiveSeconds(t *testing.T) {
	t.Parallel()
	l := keyHolder(t)
	l.stub.ServeKeys(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	began := time.Now()
	wantID(t, "a slow one", l.key(t, "key-1"), "lti.keys-unreachable")
	if took := time.Since(began); took < 4*time.Second || took > 15*time.Second {
		t.Errorf("it was waited for %s", took)
	}
}

// TestAPlatformThatComesBack: a failure is not kept for long.
func TestAPlatformThatComesBack(t *testing.T) {
	t.Parallel()
	l := keyHolder(t)
	l.stub.ServeKeys(http.NotFound)
	for range 20 {
		wantID(t, "away", l.key(t, "key-1"), "lti.keys-unreachable")
	}
	if n := l.stub.KeysAsked(); n > 2 {
		t.Errorf("it was asked %d times", n)
	}
	l.stub.ServeKeys(nil)
	l.later(3 * time.Second)
	if err := l.key(t, "key-1"); err != nil {
		t.Errorf("back again: %v", err)
	}
}

func TestKeysAreAskedForByHTTPSAlone(t *testing.T) {
	t.Parallel()
	s := &Store{HTTP: &http.Client{Transport: refusing{t}}}
	for _, address := range []string{"http://lms.example/jwks", "http://127.0.0.1.example/jwks", "ftp://lms.example/jwks", "file:///etc/passwd", "https://user:password@lms.example/jwks", "/jwks", "", "http://10.0.0.1/jwks"} {
		_, err := s.platformKey(t.Context(), address, "key-1")
		wantID(t, address, err, "lti.keys-unreachable")
	}
	server := httptest.NewTLSServer(stubplatform.At("https://lms.example").Handler())
	t.Cleanup(server.Close)
	s = &Store{HTTP: server.Client()}
	if _, err := s.platformKey(t.Context(), server.URL+"/jwks", "key-1"); err != nil {
		t.Errorf("by https: %v", err)
	}
	_, err := (&Store{}).platformKey(t.Context(), server.URL+"/jwks", "key-1")
	wantID(t, "a certificate of nobody", err, "lti.keys-unreachable")
}

// refusing is a network that nobody may use.
type refusing struct{ t *testing.T }

func (r refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	r.t.Errorf("%s was asked for", req.URL)
	return nil, io.EOF
}

func TestWeakAndPrivateKeysAreLeftOut(t *testing.T) {
	t.Parallel()
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	private, err := jose.JSONWebKey{Key: stubplatform.RSAKey("key-1").Private, KeyID: "private"}.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	weak := fmt.Sprintf(`{"kty":"RSA","kid":"weak","e":"AQAB","n":%q}`, base64.RawURLEncoding.EncodeToString(small.N.Bytes()))
	keys, err := parseKeys([]byte(`{"keys":[` + weak + `,` + string(private) + `]}`))
	if err != nil || len(keys) != 0 {
		t.Errorf("got %v, %v", keys, err)
	}
}

func TestALaunchWhoseKeysCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	l.stub.ServeKeys(http.NotFound)
	_, p, err := l.launch(t, usual())
	wantID(t, "no keys", err, "lti.keys-unreachable")
	if p.Platform != l.platform.ID || l.created(t) != 0 {
		t.Errorf("the login is %+v", p)
	}
}

func FuzzParseKeys(f *testing.F) {
	good, err := encodeKeys(stubplatform.At(""))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(good))
	f.Add([]byte(`{"keys":[{"kty":"RSA","kid":"a","n":"AQ","e":"AQAB"},{"kty":"EC","kid":"b","crv":"P-256","x":"","y":""},null]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		keys, err := parseKeys(body)
		if err != nil {
			return
		}
		for _, key := range keys {
			if key.KeyID == "" || !key.IsPublic() || !strong(key.Key) {
				t.Errorf("took %v", key)
			}
		}
	})
}
