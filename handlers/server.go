// Package handlers answers requests: find who asks and for what, call the noun, render. routes.go is the one table of
// routes; handlers return errors, and one place answers, logs and counts them.
package handlers

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/fleet"
	"cutroom/internal/install"
	"cutroom/internal/institution"
	"cutroom/internal/live"
	"cutroom/internal/lti"
	"cutroom/internal/node"
	"cutroom/internal/presence"
	"cutroom/internal/run"
	"cutroom/internal/storage"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Config is what the environment says, read once near main.
type Config struct {
	PublicURL      *url.URL       // where browsers find this installation; its host is the tenants' parent domain
	Secret         []byte         // CUTROOM_SECRET: keys derive from it
	TrustedProxies []netip.Prefix // whose X-Forwarded-For and -Proto are believed
	Node           string
	Version        string
}

// Server holds what handlers need. Fill the fields, then call Handler once.
type Server struct {
	DB       *tenant.DB
	Users    *user.Store
	Events   *event.Store
	Uploads  *event.Uploads
	Edits    *edit.Store
	Runs     *run.Store
	Installs *install.Store
	Fleet    *fleet.Store
	LTI      *lti.Store
	OIDC     *institution.Store
	Nodes    *node.Store
	Presence *presence.Registry
	Bus      live.Publisher
	Files    storage.Store
	Config   Config
	Log      *slog.Logger

	sessions sessionCookies
	sockets  *sockets
	pulses   *pulses
	tenants  tenantCache
	launches launchLimits
	metrics  *metrics
	mediaKey []byte
	draining atomic.Bool
}

// Handler makes the whole server's handler.
func (s *Server) Handler() (http.Handler, error) {
	if err := s.prepare(); err != nil {
		return nil, err
	}
	inner, err := s.routes()
	if err != nil {
		return nil, err
	}
	return s.before(inner), nil
}

// prepare makes what belongs to the server itself.
func (s *Server) prepare() (err error) {
	if s.Log == nil {
		s.Log = slog.Default()
	}
	s.mediaKey, err = hkdf.Key(sha256.New, s.Config.Secret, nil, "cutroom media links", sha256.Size)
	if err != nil {
		return err
	}
	s.sessions = newSessionCookies(s.Users, s.Config.PublicURL.Scheme == "https")
	s.tenants = tenantCache{list: s.DB.List, ttl: 2 * time.Second, changed: s.tenantsChange()}
	s.metrics = newMetrics(s.DB.Pool)
	s.sockets = socketsOf(s)
	s.pulses = pulsesOf(s)
	return nil
}

// before puts in front of the routes what every request goes through, the outermost last.
func (s *Server) before(inner http.Handler) http.Handler {
	h := withBodyLimit(inner)
	h = s.withModules(h)
	h = s.withSameOrigin(h)
	h = s.withWho(h)
	h = s.withFrames(h)
	h = s.withTenant(h)
	h = s.withLanguage(h)
	h = s.withGzip(h)
	h = s.bare(h)
	h = s.withHeaders(h)
	h = s.withRecover(h)
	return s.withExchange(h)
}

// bare answers what needs neither tenant nor person, and passes on the rest.
func (s *Server) bare(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /static/", http.StripPrefix("/static", newStaticFiles()))
	mux.Handle("/", next)
	return mux
}

// Drain makes /readyz answer 503 from now on, so that load balancers send nobody new.
func (s *Server) Drain() { s.draining.Store(true) }

// who is the person behind the request; anonymous where nobody signed in.
func (s *Server) who(r *http.Request) user.Who { return exchangeOf(r.Context()).who }

// tenant is the institution that the request's host belongs to.
func (s *Server) tenant(r *http.Request) tenant.Tenant { return exchangeOf(r.Context()).tenant }

// exchange is one request and what is known of it; middleware fills it in, the access log tells it.
type exchange struct {
	id      string     // for the support team: in the log, in the answer's X-Request-Id, on error pages
	ip      netip.Addr // of the client, beyond trusted proxies
	https   bool
	tenant  tenant.Tenant
	who     user.Who
	bearer  bool           // the person comes from a token
	pattern string         // of the route, for metrics
	err     error          // that was answered
	launch  *lti.LaunchRow // that the session began with, once somebody asked
}

type exchangeKey struct{}

// exchangeOf gives the request's exchange; an empty one outside of a request.
func exchangeOf(ctx context.Context) *exchange {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return &exchange{}
}
