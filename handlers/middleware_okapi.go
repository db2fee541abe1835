package handlers

import (
	"net/http"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// okapiPaths is where Okapi's API begins.
const okapiPaths = "/_/"

// okapi says whether a request is for Okapi's API. Its routes find out themselves who asks, by operatorOf and okapiWho, since
// its clients know a header of their own and read errors as plain text.
func okapi(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, okapiPaths) }

// okapiToken reads the token of a request to Okapi's API: a bearer token, or Okapi's own header.
func okapiToken(r *http.Request) (string, bool) {
	if token, ok := bearerToken(r); ok {
		return token, true
	}
	token := r.Header.Get("X-Okapi-Token")
	return strings.TrimSpace(token), token != ""
}

// operatorOf finds the operator behind a request to Okapi's API, above the tenants: Who.In takes them to one. Nobody, or a
// token that is not known, is a fault Unauthorized; somebody else, or a token that lacks the scope, is a fault Forbidden.
func (s *Server) operatorOf(r *http.Request) (user.Who, error) {
	who, err := s.okapiWho(r, exchangeOf(r.Context()).tenant.ID)
	switch {
	case err != nil:
		return user.Who{}, err
	case !who.SignedIn():
		return user.Who{}, needSignIn()
	case !who.Operator():
		return user.Who{}, fault.Denied()
	}
	return who.In(tenant.Operators), nil
}

// okapiWho finds who asks Okapi's API about a tenant: an operator who acts there, or one of its own people. Nobody, or
// a session that has ended, is a fault Unauthorized, and so is another tenant's person: there they are not known.
func (s *Server) okapiWho(r *http.Request, t tenant.ID) (user.Who, error) {
	who, err := s.okapiWhoAt(r, t)
	if fault.KindOf(err) == fault.NotFound { // no such tenant: that is said to operators alone
		who, err = s.okapiWhoAt(r, tenant.Operators)
		who = who.In(t)
	}
	if err != nil {
		return user.Who{}, err
	}
	exchangeOf(r.Context()).who = who
	return who, allowed(r, who)
}

func (s *Server) okapiWhoAt(r *http.Request, t tenant.ID) (user.Who, error) {
	if token, given := okapiToken(r); given {
		return s.Users.WhoByToken(r.Context(), t, token)
	}
	return s.sessions.who(r, t)
}

// text answers an error of Okapi's API: its bare message.
func (s *Server) text(w http.ResponseWriter, r *http.Request, err error) {
	f := s.refusal(r, err)
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Del("Etag")
	if f.Kind == fault.Unauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="cutroom"`)
	}
	writeRetry(h, f.Kind)
	w.WriteHeader(okapiStatus(f.Kind))
	_, _ = w.Write([]byte(f.Text))
}
