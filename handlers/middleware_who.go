package handlers

import (
	"net/http"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
	"cutroom/views"
)

// sessionCookies are the cookies that hold browsers' session secrets.
type sessionCookies struct {
	sessions *user.Sessions
	name     string
	secure   bool
}

// newSessionCookies names the cookie: with the prefix __Host- browsers let nobody else set it, which needs https.
func newSessionCookies(users *user.Store, https bool) sessionCookies {
	c := sessionCookies{sessions: users.Sessions(), name: "sid", secure: https}
	if https {
		c.name = "__Host-sid"
	}
	return c
}

// launchCookie holds the session of a launch. It has to work in a frame on another site's page: each such site has its own
// (Partitioned), and it is sent from there (SameSite=None), which browsers allow for Secure alone. They take it on loopback too.
const launchCookie = "__Host-lti"

// secrets are those that the browser sent, the launch's first: in a frame there is no other, and in a window of its own the
// latest sign-in took the other away.
func (c sessionCookies) secrets(r *http.Request) []string {
	var all []string
	for _, secret := range []string{c.launched(r), cookieOf(r, c.name)} {
		if secret != "" {
			all = append(all, secret)
		}
	}
	return all
}

// launched is the secret of a launch's session; "" without one.
func (c sessionCookies) launched(r *http.Request) string { return cookieOf(r, launchCookie) }

func cookieOf(r *http.Request, name string) string {
	cookie, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// who finds whose session the browser has; a fault Unauthorized says that it has none, or that it has ended.
func (c sessionCookies) who(r *http.Request, t tenant.ID) (user.Who, error) {
	for _, secret := range c.secrets(r) {
		who, err := c.sessions.Who(r.Context(), t, secret)
		if err == nil || fault.KindOf(err) != fault.Unauthorized {
			return who, err
		}
	}
	return user.Who{}, needSignIn()
}

// give sets the cookie of one kind and takes away that of the other; without a secret it takes away both. How long a session
// lives is the server's to know.
func (c sessionCookies) give(w http.ResponseWriter, secret string, launch bool) {
	plain, framed := "", secret
	if !launch {
		plain, framed = secret, ""
	}
	cookies := []*http.Cookie{
		{Name: c.name, Value: plain, Path: "/", HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode},
		{Name: launchCookie, Value: framed, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode, Partitioned: true},
	}
	for _, cookie := range cookies {
		cookie.MaxAge = int(user.SessionLife.Seconds())
		if cookie.Value == "" {
			cookie.MaxAge = -1
		}
		http.SetCookie(w, cookie)
	}
	w.Header().Set("Cache-Control", "no-store")
}

// beginSession signs somebody in: the sessions that the browser had end, it gets a cookie, and the rest of the request is
// theirs. how is password, link, lti or oidc, source lti:<platform> or oidc:<provider>; framed chooses the cookie that works in
// a frame on another site, for launches alone.
func (s *Server) beginSession(w http.ResponseWriter, r *http.Request, who user.Who, how, source, launch string, framed bool) error {
	x := exchangeOf(r.Context())
	begin := user.Begin{How: how, Source: source, Launch: launch, Agent: r.UserAgent(), Address: x.ip.String()}
	if framed {
		begin.Old = s.sessions.launched(r) // a launch may go on with the session of another one
	}
	secret, who, err := s.sessions.sessions.Begin(r.Context(), who, begin)
	if err != nil {
		return err
	}
	for _, old := range s.sessions.secrets(r) {
		if old == secret {
			continue
		}
		if err := s.sessions.sessions.End(r.Context(), who.Tenant, old); err != nil {
			return err
		}
	}
	x.who = who
	s.sessions.give(w, secret, framed)
	return nil
}

// endSession signs the browser out, whichever way it came.
func (s *Server) endSession(w http.ResponseWriter, r *http.Request) error {
	for _, secret := range s.sessions.secrets(r) {
		if err := s.sessions.sessions.SignOut(r.Context(), s.tenant(r).ID, secret); err != nil {
			return err
		}
	}
	s.sessions.give(w, "", false)
	return nil
}

// withWho finds the person: by token, where one is sent, else by session. A token that is not known is refused even
// beside a good cookie. Here alone a token's scopes are asked for.
func (s *Server) withWho(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := exchangeOf(r.Context())
		if okapi(r) {
			_, x.bearer = okapiToken(r)
			next.ServeHTTP(w, r)
			return
		}
		who, bearer, err := s.authenticate(r, x)
		x.bearer = bearer
		if err != nil {
			s.answer(w, r, err)
			return
		}
		x.who = who
		r = inLaunchLanguage(r, who)
		err = s.enterNamed(r, x)
		if err == nil {
			err = allowed(r, who)
		}
		if err != nil {
			s.answer(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// inLaunchLanguage draws pages in the language of the course that somebody comes from, unless they chose one here. In a frame on
// another site there is no cookie that could keep a choice.
func inLaunchLanguage(r *http.Request, who user.Who) *http.Request {
	if who.Locale == "" || cookieOf(r, languageCookie) != "" {
		return r
	}
	return r.WithContext(views.WithLang(r.Context(), views.PickLang("", who.Locale)))
}

// allowed says whether the token that somebody came with is for such requests.
func allowed(r *http.Request, who user.Who) error {
	scope := user.ScopeWrite
	if safe(r.Method) && r.Header.Get("Upgrade") == "" { // what comes over a socket is written too
		scope = user.ScopeRead
	}
	if !who.May(scope) {
		return fault.Newf(fault.Forbidden, "error.scope-missing", "This token lacks the scope %s.", scope).With(map[string]any{"Scope": scope})
	}
	return nil
}

func (s *Server) authenticate(r *http.Request, x *exchange) (who user.Who, bearer bool, err error) {
	if token, ok := bearerToken(r); ok {
		who, err = s.Users.WhoByToken(r.Context(), x.tenant.ID, token)
		return who, true, err
	}
	who, err = s.sessions.who(r, x.tenant.ID)
	if err != nil && fault.KindOf(err) == fault.Unauthorized {
		return user.Anonymous(x.tenant.ID), false, nil
	}
	return who, false, err
}

// bearerToken reads the Authorization header (RFC 6750). Other schemes are not ours.
func bearerToken(r *http.Request) (string, bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(token), true
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
