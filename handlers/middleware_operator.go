package handlers

import (
	"context"
	"net"
	"net/http"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// above is where a host leads that names no tenant: operators alone are at home there.
var above = tenant.Tenant{ID: tenant.Operators}

// above says whether the request is in no tenant.
func (x *exchange) above() bool { return x.tenant.ID == tenant.Operators }

// namedTenant is the header by which operators' tokens say which tenant they mean. Nobody else's is read.
const namedTenant = "X-Okapi-Tenant"

// enterNamed takes an operator's token to the tenant that the request names, whatever the host is.
func (s *Server) enterNamed(r *http.Request, x *exchange) error {
	id := r.Header.Get(namedTenant)
	if id == "" || !x.bearer || !x.who.Operator() {
		return nil
	}
	t, err := s.tenants.byID(r.Context(), tenant.ID(id))
	if err != nil {
		return err
	}
	x.tenant, x.who = t, x.who.In(t.ID)
	return nil
}

// inTenant answers what only tenants have.
func (s *Server) inTenant(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if exchangeOf(r.Context()).above() {
			s.answer(w, r, s.nowhere(r))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// nowhere is the answer where a tenant is needed and none is named.
func (s *Server) nowhere(r *http.Request) error {
	if s.who(r).Operator() {
		return fault.New(fault.NotFound, "error.name-tenant", "This belongs to an institution. Name it: by its host, or for a token by X-Okapi-Tenant.")
	}
	return noTenant(hostOf(r.Host))
}

// hostOf is a host without its port.
func hostOf(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	return strings.TrimSuffix(host, ".")
}

// operatorsDoor says whether a host without tenant is the operators' entrance: the installation's own, or a node's bare address.
// At any other, as that of a tenant that is gone, a visitor is told that nobody is at home.
func (s *Server) operatorsDoor(r *http.Request) bool {
	host := hostOf(r.Host)
	return strings.EqualFold(host, s.Config.PublicURL.Hostname()) || net.ParseIP(strings.Trim(host, "[]")) != nil
}

// startPage is "/": a tenant's recordings, or above the tenants the list of them.
func (s *Server) startPage(w http.ResponseWriter, r *http.Request) error {
	x := exchangeOf(r.Context())
	switch {
	case x.above() && x.who.Operator():
		http.Redirect(w, r, "/tenants", http.StatusSeeOther)
		return nil
	case x.above() && !s.operatorsDoor(r):
		return s.nowhere(r)
	case !x.who.SignedIn():
		return needSignIn()
	}
	return s.recordingsPage(w, r)
}

// seesNodes says whether somebody sees how the installation itself runs: operators, and the admins of a tenant that is the
// only one, since nothing there is anybody else's. Changing it is the operators' alone.
func (s *Server) seesNodes(ctx context.Context, who user.Who) error {
	switch {
	case !who.SignedIn():
		return needSignIn()
	case who.Operator():
		return nil
	case !who.Admin():
		return fault.Denied()
	}
	alone, err := s.tenants.alone(ctx)
	if err == nil && !alone {
		return fault.Denied()
	}
	return err
}
