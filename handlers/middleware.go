package handlers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"cutroom/internal/fault"
	"cutroom/views"
)

// maxBody is how many bytes a request may have, except uploads. Subtitles of a long lecture and batches of ops fit well.
const maxBody = 4 << 20

// newRequestID makes ten signs that a person can read out over the phone.
func newRequestID() string { return rand.Text()[:10] }

// withExchange begins each request's exchange, and writes access log and metrics at its end.
func (s *Server) withExchange(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		x := &exchange{id: newRequestID(), pattern: "none"}
		x.ip, x.https = s.client(r)
		w.Header().Set("X-Request-Id", x.id)
		counted := &counter{ResponseWriter: w}
		r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
		s.metrics.inFlight.Inc()
		defer func() {
			s.metrics.inFlight.Dec()
			took := time.Since(begun)
			s.metrics.observe(x.pattern, r.Method, counted.code(), took)
			s.access(r, x, counted, took)
		}()
		next.ServeHTTP(counted, r)
	})
}

// access writes one line a request. The query is left out: links carry secrets there.
func (s *Server) access(r *http.Request, x *exchange, c *counter, took time.Duration) {
	level := slog.LevelInfo
	if x.pattern == "none" {
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{slog.String("request", x.id), slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", c.code()),
		slog.Int64("bytes", c.bytes), slog.Duration("took", took.Round(time.Microsecond)), slog.String("ip", x.ip.String())}
	if x.who.SignedIn() {
		attrs = append(attrs, slog.String("tenant", string(x.tenant.ID)), slog.String("user", x.who.User))
	}
	if f := fault.As(x.err); f != nil && f.Kind != fault.Internal {
		attrs = append(attrs, slog.String("refused", f.Text))
	}
	s.Log.LogAttrs(r.Context(), level, "request", attrs...)
}

// withRecover turns a panic into a 500 with its stack in the log. http.ErrAbortHandler goes on: it ends the connection.
func (s *Server) withRecover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			broken := recover()
			if broken == nil {
				return
			}
			if err, ok := broken.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(broken)
			}
			s.Log.ErrorContext(r.Context(), "panic", "request", exchangeOf(r.Context()).id, "panic", fmt.Sprint(broken), "stack", string(debug.Stack()))
			if c, ok := w.(*counter); ok && c.status != 0 {
				panic(http.ErrAbortHandler) // half an answer is out: the client has to notice
			}
			s.answer(w, r, fmt.Errorf("panic: %v", broken))
		}()
		next.ServeHTTP(w, r)
	})
}

var plainHost = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]+$`)

// withHeaders sets what protects browsers on every answer. Handlers may replace the policy with a stricter one.
func (s *Server) withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Content-Security-Policy", pagePolicy(r.Host))
		if exchangeOf(r.Context()).https && s.Config.PublicURL.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

func pagePolicy(host string) string {
	sockets := ""
	if plainHost.MatchString(host) {
		sockets = " ws://" + host + " wss://" + host
	}
	return "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'" + sockets +
		"; style-src 'self'; script-src 'self'; frame-ancestors 'self'; object-src 'none'; base-uri 'none'; form-action 'self'"
}

// withTenant finds the tenant by the host that was asked for; one that names none leads above the tenants.
func (s *Server) withTenant(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t, err := s.tenants.byHost(r.Context(), r.Host, s.Config.PublicURL.Hostname())
		if err != nil {
			s.answer(w, r, err)
			return
		}
		x := exchangeOf(r.Context())
		x.tenant, x.who.Tenant = t, t.ID
		next.ServeHTTP(w, r)
	})
}

// withLanguage chooses the language of pages: by the cookie, else by the browser's wish.
func (s *Server) withLanguage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		chosen := ""
		if c, err := r.Cookie(languageCookie); err == nil {
			chosen = c.Value
		}
		lang := views.PickLang(chosen, r.Header.Get("Accept-Language"))
		next.ServeHTTP(w, r.WithContext(views.WithLang(r.Context(), lang)))
	})
}

// withSameOrigin refuses writes that another site's page makes with the visitor's cookie. Requests with a token carry
// nothing that a foreign page could use.
func (s *Server) withSameOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	for _, launch := range []string{"POST /lti/login", "POST /lti/launch", "POST /lti"} {
		protection.AddInsecureBypassPattern(launch) // a learning platform's page posts them; what they carry says who comes
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !exchangeOf(r.Context()).bearer {
			if err := protection.Check(r); err != nil {
				s.answer(w, r, fault.New(fault.Forbidden, "error.cross-origin", "This request came from another site.").WithCause(err))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// withBodyLimit bounds what is read of a request.
func withBodyLimit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && !takesFiles(r) && !okapi(r) {
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		}
		next.ServeHTTP(w, r)
	})
}

// takesFiles says whether a request may carry a whole recording.
func takesFiles(r *http.Request) bool {
	path := r.URL.Path
	return strings.HasPrefix(path, uploadsPath) ||
		r.Method == http.MethodPost && strings.HasPrefix(path, "/api/v1/events/") && strings.HasSuffix(path, "/assets")
}

func noTenant(host string) error {
	return fault.New(fault.NotFound, "error.no-such-host", "No institution is at home at this address.").WithCause(fmt.Errorf("host %q", host))
}
