package handlers

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/institution"
	"cutroom/internal/live"
	"cutroom/internal/seal"
	"cutroom/internal/storage"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// site is a server under test with the people ada (admin), ben (editor), chloe (editor) and vera (viewer).
type site struct {
	*Server
	url   string
	log   *lines
	admin user.Who
}

// lines is a log that tests read.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// setup starts a server that has sign-in, media and metrics, and the given routes.
func setup(t *testing.T, extra ...route) *site {
	t.Helper()
	return setupAt(t, "http://localhost:8080", dbtest.New(t), extra...)
}

func setupAt(t *testing.T, public string, db *tenant.DB, extra ...route) *site {
	t.Helper()
	files, err := storage.NewLocal(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(public)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{log: &lines{}, admin: user.System(dbtest.Tenant)}
	sealed, err := seal.New([]byte("a secret of the tests"))
	if err != nil {
		t.Fatal(err)
	}
	users := user.New(db, live.Discard{})
	s.Server = &Server{DB: db, Users: users, OIDC: &institution.Store{DB: db, Bus: live.Discard{}, Users: users, Seal: sealed}, Files: files,
		Config: Config{PublicURL: at, Secret: []byte("a secret of the tests")}, Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if err := s.prepare(); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for _, r := range append(s.table(), extra...) {
		_, path, _ := strings.Cut(r.pattern, " ")
		for _, own := range []string{"/sign-", "/account", "/language", "/media/", "/metrics", "/lti", "/settings/platforms", "/settings/sign-in", "/test", "/api/test", "/_/test"} {
			if strings.HasPrefix(path, own) {
				mux.Handle(r.pattern, s.adapt(r))
			}
		}
	}
	mux.Handle("/", s.adapt(route{"/", open, func(http.ResponseWriter, *http.Request) error { return needSignIn() }}))
	server := httptest.NewServer(s.before(mux))
	t.Cleanup(server.Close)
	s.url = server.URL
	for name, role := range map[string]string{"ada": "admin", "ben": "editor", "chloe": "editor", "vera": "viewer"} {
		if _, err := s.Users.Ensure(t.Context(), s.admin, user.NewPerson{Name: name, Role: role}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *site) token(t *testing.T, name string, scopes ...string) string {
	t.Helper()
	_, secret, err := s.Users.CreateToken(t.Context(), s.admin, name, scopes, 0)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// browser is a client with cookies that follows no redirects.
func (s *site) browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// signedIn is a browser in which somebody has signed in.
func (s *site) signedIn(t *testing.T, name string) *http.Client {
	t.Helper()
	link, _, err := s.Users.CreateLink(t.Context(), s.admin, name)
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser(t)
	if got := s.call(t, b, "POST", "/sign-in/link", "token="+link); got.status != http.StatusSeeOther {
		t.Fatalf("signing in %s: %d %s", name, got.status, got.body)
	}
	return b
}

type result struct {
	status int
	header http.Header
	body   string
}

// call makes a request; headers are "Name: value".
func (s *site) call(t *testing.T, c *http.Client, method, path, body string, headers ...string) result {
	t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	if c == nil {
		c = s.browser(t)
	}
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return result{res.StatusCode, res.Header, string(b)}
}

// whoPage answers with the user's name, or "nobody".
func whoPage(s **site) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		name := (*s).who(r).User
		if name == "" {
			name = "nobody"
		}
		_, err := io.WriteString(w, name)
		return err
	}
}
