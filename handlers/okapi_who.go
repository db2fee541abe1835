package handlers

import (
	"net/http"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// okapiAllowed finds who calls and refuses whom the route is not for. Operators may call all of them. A tenant's people are known by
// the tenant that the path names, else X-Okapi-Tenant: they hear 403 instead of 401, and its admins may read its own jobs.
func (s *Server) okapiAllowed(c *okapiCall, rt okapiRoute) error {
	if rt.open {
		return nil
	}
	who, err := s.okapiCaller(c, rt)
	if err != nil {
		return err
	}
	c.who = who
	x := exchangeOf(c.Context())
	x.who, x.tenant.ID = who.In(tenant.Operators), c.t
	return nil
}

func (s *Server) okapiCaller(c *okapiCall, rt okapiRoute) (user.Who, error) {
	if err := oneToken(c.Request); err != nil {
		return user.Who{}, err
	}
	if c.t == "" {
		if named := tenant.ID(c.Header.Get(namedTenant)); named.Valid() && exchangeOf(c.Context()).bearer {
			exchangeOf(c.Context()).tenant.ID = named
		}
		return s.operatorOf(c.Request)
	}
	who, err := s.okapiWho(c.Request, c.t)
	switch {
	case err != nil:
		return user.Who{}, err
	case !who.SignedIn():
		return user.Who{}, needSignIn()
	case who.Operator(), rt.admins && who.Admin() && who.Tenant == c.t:
		return who, nil
	}
	return user.Who{}, fault.Denied()
}

// oneToken refuses two tokens that are not the same.
func oneToken(r *http.Request) error {
	bearer, given := bearerToken(r)
	if other := strings.TrimSpace(r.Header.Get("X-Okapi-Token")); given && other != "" && bearer != other {
		return badOkapi("Different tokens in Authentication and X-Okapi-Token. Use only one of them")
	}
	return nil
}
