package handlers

import (
	"net/http"
	"strings"

	"cutroom/internal/lti"
	"cutroom/views"
)

// origin is where the tenant's pages are for browsers and learning platforms: the public address' scheme with the host that was
// asked for, which withTenant has found to be the tenant's.
func (s *Server) origin(r *http.Request) string {
	return s.Config.PublicURL.Scheme + "://" + strings.ToLower(r.Host)
}

// ltiLogin begins a login by LTI 1.3, by a form or an address that a learning platform sends its browser with: the browser gets a
// secret that the launch has to come back with, and goes to the platform's sign-in. Where the platform keeps things for frames, the
// secret is kept there too.
func (s *Server) ltiLogin(w http.ResponseWriter, r *http.Request) error {
	if err := readLaunch(w, r); err != nil {
		return s.launchRefused(w, r, refusedLaunch{message: "login", err: err})
	}
	request := lti.LoginRequestOf(r.Form)
	login, err := s.LTI.Login(r.Context(), s.tenant(r).ID, s.origin(r), request)
	if err != nil {
		return s.launchRefused(w, r, refusedLaunch{message: "login", err: err, detail: map[string]any{"issuer": request.Issuer, "client": request.ClientID}})
	}
	s.frameAgain(w, r)
	http.SetCookie(w, loginCookie(lti.CookieName(login.State), login.Browser))
	w.Header().Set("Cache-Control", "no-store")
	if login.Storage == "" || login.StorageOrigin == "" {
		http.Redirect(w, r, login.AuthURL, http.StatusFound)
		return nil
	}
	return s.render(w, r, http.StatusOK, views.LaunchStore(views.LaunchStorePage{
		Page: s.page(r, "", ""), Next: login.AuthURL, Frame: login.Storage, Origin: login.StorageOrigin, Key: storageKey(login.State), Value: login.Browser,
	}))
}

// loginCookie is a cookie that comes back from inside another site's page, for as long as a login takes; without a value it goes.
func loginCookie(name, value string) *http.Cookie {
	c := &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(lti.LoginLife.Seconds()), HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode, Partitioned: true}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}

// storageKey is what a login's secret is called in the platform's storage: as its cookie, which no two logins share.
func storageKey(state string) string { return strings.TrimPrefix(lti.CookieName(state), "__Host-") }
