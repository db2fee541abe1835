package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
)

func TestErrorsTellNothingOfTheInside(t *testing.T) {
	t.Parallel()
	var s *site
	broken := map[string]handler{
		"sql": func(w http.ResponseWriter, r *http.Request) error {
			return s.DB.Read(r.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
				_, err := tx.Exec(r.Context(), "select secret_column from person")
				return fmt.Errorf("reading: %w", err)
			})
		},
		"panic":    func(http.ResponseWriter, *http.Request) error { panic("secret_column") },
		"internal": func(http.ResponseWriter, *http.Request) error { return errors.New("secret_column") },
		"fault": func(http.ResponseWriter, *http.Request) error {
			return fault.New(fault.Internal, "error.x", "secret_column")
		},
	}
	var routes []route
	for name, h := range broken {
		routes = append(routes, route{"GET /test/" + name, open, h}, route{"GET /api/test/" + name, open, h})
	}
	s = setup(t, routes...)
	for name := range broken {
		for _, path := range []string{"/test/", "/api/test/"} {
			got := s.call(t, nil, "GET", path+name, "")
			id := got.header.Get("X-Request-Id")
			if got.status != 500 || strings.Contains(got.body, "secret_column") || strings.Contains(got.body, ".go:") || !strings.Contains(got.body, id) || id == "" {
				t.Errorf("%s%s: %d %s", path, name, got.status, got.body)
			}
			if log := s.log.String(); !strings.Contains(log, id) || !strings.Contains(log, "secret_column") {
				t.Errorf("%s%s: the log does not tell", path, name)
			}
			if path == "/api/test/" {
				var p Problem
				if err := json.Unmarshal([]byte(got.body), &p); err != nil || p.Status != 500 || p.Title == "" || got.header.Get("Content-Type") != "application/problem+json" {
					t.Errorf("%s: %s %v", name, got.body, err)
				}
			}
		}
	}
}

func TestFaultsAreAnsweredWithTheirStatus(t *testing.T) {
	t.Parallel()
	wrong := fault.New(fault.Invalid, "error.x", "The title is blank.").WithFields(fault.Field{Path: "/title", Rule: "NonBlankString", Message: "Blank."})
	s := setup(t,
		route{"GET /api/test/invalid", open, func(http.ResponseWriter, *http.Request) error { return fmt.Errorf("while saving: %w", wrong) }},
		route{"GET /test/limited", open, func(http.ResponseWriter, *http.Request) error {
			return fault.New(fault.Limited, "error.x", "Too many tries.")
		}},
		route{"POST /api/test/big", open, func(_ http.ResponseWriter, r *http.Request) error {
			_, err := io.ReadAll(r.Body)
			return err
		}})
	got := s.call(t, nil, "GET", "/api/test/invalid", "")
	if got.status != 422 || !strings.Contains(got.body, `"errors":[{"field":"/title","rule":"NonBlankString","message":"Blank."}]`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	got = s.call(t, nil, "GET", "/test/limited", "")
	if got.status != 429 || got.header.Get("Retry-After") == "" || !strings.Contains(got.body, "Too many tries.") || !strings.Contains(got.header.Get("Content-Type"), "text/html") {
		t.Errorf("%d %s", got.status, got.body)
	}
	part := s.call(t, nil, "GET", "/test/limited", "", "HX-Request: true", "HX-Request-Type: partial")
	if part.status != 429 || !strings.Contains(part.body, "Too many tries.") || strings.Contains(part.body, "<html") {
		t.Errorf("a part of a page: %d %s", part.status, part.body)
	}
	if got := s.call(t, nil, "POST", "/api/test/big", strings.Repeat("x", maxBody+1)); got.status != 413 {
		t.Errorf("a body too large: %d", got.status)
	}
	if got := s.call(t, nil, "POST", "/api/test/big", strings.Repeat("x", maxBody)); got.status != 200 {
		t.Errorf("the largest body: %d", got.status)
	}
}

func TestSignsThatNoTextHasAreNoFailure(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for method, path := range map[string]string{"GET": "/media/%00/x", "POST": "/sign-in"} {
		got := s.call(t, nil, method, path, "name=%00&password=%ff")
		if got.status != 400 && got.status != 401 && got.status != 404 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if got := s.call(t, nil, "GET", "/sign-in/link?token=%00%ff", ""); got.status != 401 {
		t.Errorf("a link: %d", got.status)
	}
}

func TestABrokenDatabaseIsNotOurFault(t *testing.T) {
	t.Parallel()
	var s *site
	s = setup(t, route{"GET /api/test/cut", open, func(w http.ResponseWriter, r *http.Request) error {
		return s.DB.Read(r.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
			if _, err := s.DB.Pool.Exec(r.Context(), "select pg_terminate_backend($1)", tx.Conn().PgConn().PID()); err != nil {
				return err
			}
			var one int
			return tx.QueryRow(r.Context(), "select 1").Scan(&one)
		})
	}})
	got := s.call(t, nil, "GET", "/api/test/cut", "")
	if got.status != 503 || got.header.Get("Retry-After") == "" {
		t.Errorf("a connection that breaks: %d %s", got.status, got.body)
	}
	s.DB.Pool.Close()
	if got := s.call(t, nil, "GET", "/api/test/cut", ""); got.status != 503 {
		t.Errorf("no connection: %d %s", got.status, got.body)
	}
}

func TestEveryAnswerProtectsTheBrowser(t *testing.T) {
	t.Parallel()
	s := setup(t, route{"GET /test/panic", open, func(http.ResponseWriter, *http.Request) error { panic("x") }})
	for _, path := range []string{"/sign-in", "/no-such-page", "/api/no-such-thing", "/test/panic", "/static/css/base.css", "/static/none", "/healthz", "/readyz", "/media/a/b", "/metrics"} {
		h := s.call(t, nil, "GET", path, "").header
		policy := h.Get("Content-Security-Policy")
		if h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(policy, "default-src") || strings.Contains(policy, "unsafe") || h.Get("Referrer-Policy") == "" {
			t.Errorf("%s: %v", path, h)
		}
	}
	if policy := pagePolicy("evil; script-src *"); strings.Contains(policy, "evil") {
		t.Error(policy)
	}
	if policy := pagePolicy("demo.localhost:8080"); !strings.Contains(policy, " wss://demo.localhost:8080;") {
		t.Error(policy)
	}
}

func TestATokenDecidesWhoAsks(t *testing.T) {
	t.Parallel()
	var s *site
	s = setup(t, route{"GET /api/test/who", open, whoPage(&s)}, route{"POST /api/test/who", open, whoPage(&s)}, route{"GET /test/who", open, whoPage(&s)})
	ben := s.signedIn(t, "ben")
	auth := "Authorization: Bearer "
	vera, reader := s.token(t, "vera"), s.token(t, "vera", "read")
	writer := s.token(t, "vera", "write")
	for _, c := range []struct {
		name         string
		client       *http.Client
		method, path string
		header       string
		status       int
		body         string
	}{
		{"nobody", nil, "GET", "/api/test/who", "X: y", 200, "nobody"},
		{"cookie", ben, "GET", "/api/test/who", "X: y", 200, "ben"},
		{"token", nil, "GET", "/api/test/who", auth + vera, 200, "vera"},
		{"token before cookie", ben, "GET", "/api/test/who", auth + vera, 200, "vera"},
		{"small letters", nil, "GET", "/api/test/who", "Authorization: bearer " + vera, 200, "vera"},
		{"wrong token beside a cookie", ben, "GET", "/api/test/who", auth + "wrong", 401, ""},
		{"empty token beside a cookie", ben, "GET", "/api/test/who", auth, 401, ""},
		{"wrong token at a page", ben, "GET", "/test/who", auth + "wrong", 401, ""},
		{"another scheme", ben, "GET", "/api/test/who", "Authorization: Basic eDp5", 200, "ben"},
		{"reading by a reader", nil, "GET", "/api/test/who", auth + reader, 200, "vera"},
		{"writing by a reader", nil, "POST", "/api/test/who", auth + reader, 403, ""},
		{"writing by a writer", nil, "POST", "/api/test/who", auth + writer, 200, "vera"},
		{"a socket by a reader", nil, "GET", "/api/test/who", auth + reader + "\x01Upgrade: websocket", 403, ""},
		{"reading by a writer", nil, "GET", "/api/test/who", auth + writer, 200, "vera"},
	} {
		got := s.call(t, c.client, c.method, c.path, "", strings.Split(c.header, "\x01")...)
		if got.status != c.status || c.body != "" && got.body != c.body {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
		}
	}
}

func TestWritesFromForeignSitesAreRefused(t *testing.T) {
	t.Parallel()
	var s *site
	s = setup(t, route{"POST /api/test/who", open, whoPage(&s)}, route{"POST /test/who", open, whoPage(&s)}, route{"GET /test/who", open, whoPage(&s)})
	ben, token := s.signedIn(t, "ben"), "Authorization: Bearer "+s.token(t, "ben")
	evil := []string{"Origin: https://evil.example", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: null"}
	for _, h := range evil {
		for _, path := range []string{"/api/test/who", "/test/who", "/sign-out", "/sign-in", "/language"} {
			got := s.call(t, ben, "POST", path, "a=b", h)
			if got.status != 403 {
				t.Errorf("%s with %s: %d", path, h, got.status)
			}
		}
		if got := s.call(t, nil, "POST", "/api/test/who", "a=b", h, token); got.status != 200 || got.body != "ben" {
			t.Errorf("with a token and %s: %d %s", h, got.status, got.body)
		}
		if got := s.call(t, ben, "GET", "/test/who", "", h); got.status != 200 {
			t.Errorf("reading with %s: %d", h, got.status)
		}
	}
	for _, h := range []string{"Origin: " + s.url, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none", "X: y"} {
		if got := s.call(t, ben, "POST", "/api/test/who", "a=b", h); got.status != 200 || got.body != "ben" {
			t.Errorf("from the own site with %s: %d %s", h, got.status, got.body)
		}
	}
}

func TestTheHostDecidesTheTenant(t *testing.T) {
	t.Parallel()
	var s *site
	s = setupAt(t, "http://cutroom.example:8080", dbtest.New(t), route{"GET /test/tenant", open, func(w http.ResponseWriter, r *http.Request) error {
		_, err := io.WriteString(w, string(s.tenant(r).ID))
		return err
	}})
	if got := s.call(t, nil, "GET", "/test/tenant", "", "Host: anything.example"); got.body != "demo" {
		t.Errorf("a single tenant, any host: %d %s", got.status, got.body)
	}
	if err := s.DB.Create(t.Context(), "other", "Other", "", []string{"video.other.example"}); err != nil {
		t.Fatal(err)
	}
	s.tenants.loaded = s.tenants.loaded.Add(-missTTL) // young enough for hosts that a tenant names
	if got := s.call(t, nil, "GET", "/test/tenant", "", "Host: other.cutroom.example"); got.body != "other" {
		t.Errorf("a tenant made just now: %d %s", got.status, got.body)
	}
	for host, want := range map[string]string{
		"demo.cutroom.example:8080": "demo", "other.cutroom.example": "other", "VIDEO.other.example:99": "other", "other.cutroom.example.": "other",
		"cutroom.example:8080": "", "none.cutroom.example": "", "evil.example": "", "demo.evil.example": "",
	} {
		got := s.call(t, nil, "GET", "/test/tenant", "", "Host: "+host)
		if want == "" && got.status != 404 || want != "" && got.body != want {
			t.Errorf("%s: %d %s", host, got.status, got.body)
		}
	}
	secret := s.token(t, "ben")
	if got := s.call(t, nil, "GET", "/test/tenant", "", "Host: other.cutroom.example", "Authorization: Bearer "+secret); got.status != 401 {
		t.Errorf("another tenant's token: %d", got.status)
	}
}

func TestClientBehindProxies(t *testing.T) {
	t.Parallel()
	s := &Server{Config: Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}}}
	for _, c := range []struct {
		remote, forwarded, proto, want string
		https                          bool
	}{
		{"192.0.2.1:99", "1.2.3.4", "https", "192.0.2.1", false},
		{"10.0.0.1:99", "", "", "10.0.0.1", false},
		{"10.0.0.1:99", "1.2.3.4", "https", "1.2.3.4", true},
		{"10.0.0.1:99", "6.6.6.6, 1.2.3.4, 10.0.0.9", "http", "1.2.3.4", false},
		{"10.0.0.1:99", "rubbish", "", "10.0.0.1", false},
		{"10.0.0.1:99", "1.2.3.4, rubbish", "", "10.0.0.1", false},
		{"[::1]:99", "2001:db8::7", "HTTPS", "2001:db8::7", true},
		{"[::ffff:10.0.0.1]:99", "1.2.3.4", "", "1.2.3.4", false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("X-Forwarded-For", c.forwarded)
		r.Header.Set("X-Forwarded-Proto", c.proto)
		if ip, https := s.client(r); ip.String() != c.want || https != c.https {
			t.Errorf("%+v: %s %v", c, ip, https)
		}
	}
}

func TestTextsAreCompressed(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("<p>the same again</p>", 200)
	answering := func(kind, body string) handler {
		return func(w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Content-Type", kind)
			_, err := io.WriteString(w, body)
			return err
		}
	}
	s := setup(t, route{"GET /test/page", open, answering("text/html; charset=utf-8", text)}, route{"GET /test/video", open, answering("video/mp4", text)},
		route{"GET /test/none", open, func(w http.ResponseWriter, r *http.Request) error { w.WriteHeader(http.StatusNoContent); return nil }})
	got := s.call(t, nil, "GET", "/test/page", "", "Accept-Encoding: br, gzip;q=0.5")
	if got.header.Get("Content-Encoding") != "gzip" || len(got.body) > 500 || !strings.Contains(strings.Join(got.header.Values("Vary"), ","), "Accept-Encoding") {
		t.Errorf("%d bytes, %v", len(got.body), got.header)
	}
	for _, c := range [][2]string{{"/test/page", "identity"}, {"/test/page", "gzip;q=0"}, {"/test/video", "gzip"}, {"/test/none", "gzip"}} {
		got := s.call(t, nil, "GET", c[0], "", "Accept-Encoding: "+c[1])
		if got.header.Get("Content-Encoding") != "" || got.status == 200 && got.body != text {
			t.Errorf("%v: %v", c, got.header)
		}
	}
	plain := s.call(t, nil, "GET", "/static/css/base.css?v=1", "", "Accept-Encoding: identity")
	zipped := s.call(t, nil, "GET", "/static/css/base.css", "", "Accept-Encoding: gzip")
	if plain.status != 200 || zipped.header.Get("Content-Encoding") != "gzip" || len(zipped.body) >= len(plain.body) {
		t.Errorf("%d, %d of %d bytes", plain.status, len(zipped.body), len(plain.body))
	}
	if !strings.Contains(plain.header.Get("Cache-Control"), "immutable") || zipped.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%q %q", plain.header.Get("Cache-Control"), zipped.header.Get("Cache-Control"))
	}
	if again := s.call(t, nil, "GET", "/static/css/base.css", "", "Accept-Encoding: gzip", "If-None-Match: "+zipped.header.Get("Etag")); again.status != 304 {
		t.Errorf("the same again: %d", again.status)
	}
	for _, path := range []string{"/static/", "/static/css", "/static/../static.go", "/static/none.css"} {
		if got := s.call(t, nil, "GET", path, ""); got.status == 200 {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

func TestHealthAndMetrics(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, path := range []string{"/healthz", "/readyz"} {
		if got := s.call(t, nil, "GET", path, ""); got.status != 200 {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	ada, vera := s.token(t, "ada"), s.token(t, "vera")
	for _, header := range []string{"X: y", "Authorization: Bearer " + vera} {
		if got := s.call(t, nil, "GET", "/metrics", "", header); got.status == 200 {
			t.Errorf("%s sees metrics", header)
		}
	}
	s.call(t, nil, "GET", "/media/secret-asset/x", "")
	got := s.call(t, nil, "GET", "/metrics", "", "Authorization: Bearer "+ada)
	if got.status != 200 || !strings.Contains(got.body, `cutroom_http_requests_total{method="GET",route="GET /media/{asset}/{name}",status="404"} 1`) || !strings.Contains(got.body, "cutroom_db_pool_max") || strings.Contains(got.body, "secret-asset") {
		t.Errorf("%d %s", got.status, got.body)
	}
	s.Drain()
	if got := s.call(t, nil, "GET", "/readyz", ""); got.status != 503 {
		t.Errorf("draining: %d", got.status)
	}
	if got := s.call(t, nil, "GET", "/healthz", ""); got.status != 200 {
		t.Errorf("alive while draining: %d", got.status)
	}
}

func TestNotReadyWithoutDatabase(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.DB.Pool.Close()
	if got := s.call(t, nil, "GET", "/readyz", ""); got.status != 503 {
		t.Errorf("got %d", got.status)
	}
}

func TestTheLogHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	s := setup(t)
	link, _, err := s.Users.CreateLink(t.Context(), s.admin, "ben")
	if err != nil {
		t.Fatal(err)
	}
	s.call(t, nil, "GET", "/sign-in/link?token="+url.QueryEscape(link), "")
	s.call(t, nil, "POST", "/sign-in", "name=ben&password=correct+horse")
	if log := s.log.String(); strings.Contains(log, link) || strings.Contains(log, "horse") || !strings.Contains(log, "/sign-in/link") {
		t.Errorf("the log: %s", log)
	}
}
