package handlers

import (
	"net/http"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/user"
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

func (c sessionCookies) secret(r *http.Request) string {
	cookie, err := r.Cookie(c.name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// give sets the cookie; without a secret it takes it away. How long a session lives is the server's to know.
func (c sessionCookies) give(w http.ResponseWriter, secret string) {
	cookie := &http.Cookie{Name: c.name, Value: secret, Path: "/", HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode, MaxAge: int(user.SessionLife.Seconds())}
	if secret == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
	w.Header().Set("Cache-Control", "no-store")
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
	if secret := s.sessions.secret(r); secret != "" {
		who, err = s.sessions.sessions.Who(r.Context(), x.tenant.ID, secret)
		if err == nil || fault.KindOf(err) != fault.Unauthorized {
			return who, false, err
		}
	}
	return user.Anonymous(x.tenant.ID), false, nil
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
