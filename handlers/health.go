package handlers

import (
	"context"
	"io"
	"net/http"
	"time"

	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
)

// tenantsChange gives a channel that hears when the list of tenants changes; nil where nobody tells.
func (s *Server) tenantsChange() <-chan live.Notice {
	bus, ok := s.Bus.(subscriber)
	if !ok {
		return nil
	}
	notices, _ := bus.Subscribe("", tenant.ListTopic) // for as long as the process lives
	return notices
}

// healthz says that the process is alive.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) {
	say(w, http.StatusOK, "alive")
}

// readyz says whether load balancers may send people here: not while draining, and not without the database or
// with one that is newer than this node can serve.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if s.draining.Load() {
		say(w, http.StatusServiceUnavailable, "draining")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.DB.Pool.Ping(ctx); err != nil {
		s.Log.WarnContext(r.Context(), "not ready", "err", err)
		say(w, http.StatusServiceUnavailable, "no database")
		return
	}
	if _, err := s.tenants.younger(ctx, s.tenants.ttl); tenant.Unservable(err) {
		say(w, http.StatusServiceUnavailable, fault.As(err).Text)
		return
	}
	say(w, http.StatusOK, "ready")
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}
