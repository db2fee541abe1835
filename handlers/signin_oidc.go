package handlers

import (
	"net/http"

	"cutroom/internal/fault"
	"cutroom/internal/institution"
	"cutroom/views"
)

// signInThere sends a browser to an institution's sign-in service, from where it comes back to signedInThere.
func (s *Server) signInThere(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("next"))
	login, err := s.OIDC.Start(r.Context(), s.tenant(r).ID, providerOf(r), s.origin(r), next)
	if err != nil {
		return s.notSignedIn(w, r, next, err)
	}
	s.giveLogin(w, login.State, login.Browser)
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, login.URL, http.StatusSeeOther)
	return nil
}

// signedInThere takes what a browser brings back, and signs in whom the institution vouches for.
func (s *Server) signedInThere(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	answer := institution.Answer{State: q.Get("state"), Code: q.Get("code"), Issuer: q.Get("iss"), Error: q.Get("error"), Description: q.Get("error_description")}
	if cookie, err := r.Cookie(s.loginCookie(answer.State)); err == nil {
		answer.Browser = cookie.Value
	}
	s.giveLogin(w, answer.State, "")
	w.Header().Set("Referrer-Policy", "no-referrer") // the address has a code in it
	id := providerOf(r)
	who, next, err := s.OIDC.Finish(r.Context(), s.tenant(r).ID, id, s.origin(r), answer)
	if err != nil {
		return s.notSignedIn(w, r, next, err)
	}
	if err := s.beginSession(w, r, who, "oidc", "oidc:"+string(id), "", false); err != nil {
		return err
	}
	http.Redirect(w, r, localPath(next), http.StatusSeeOther)
	return nil
}

func providerOf(r *http.Request) institution.ProviderID {
	return institution.ProviderID(r.PathValue("id"))
}

// notSignedIn draws the sign-in page with why it did not work there; a password may do.
func (s *Server) notSignedIn(w http.ResponseWriter, r *http.Request, next string, err error) error {
	if fault.KindOf(err) == fault.Internal {
		return err
	}
	f := s.refusal(r, err)
	w.Header().Set("Cache-Control", "no-store")
	writeRetry(w.Header(), f.Kind)
	return s.drawSignIn(w, r, f.Kind.Status(), views.SignInPage{Next: localPath(next), Trouble: told(r.Context(), f)})
}

// loginCookie names the cookie of one sign-in, so that several may be under way in one browser.
func (s *Server) loginCookie(state string) string {
	name := "oidc-"
	for _, c := range state[:min(len(state), 8)] {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			name += string(c)
		}
	}
	if s.sessions.secure {
		return "__Host-" + name
	}
	return name
}

// giveLogin gives a browser the secret of a sign-in that begins; an empty one takes it away. Lax is enough: the browser comes
// back by a link.
func (s *Server) giveLogin(w http.ResponseWriter, state, secret string) {
	cookie := &http.Cookie{Name: s.loginCookie(state), Value: secret, Path: "/", HttpOnly: true, Secure: s.sessions.secure, SameSite: http.SameSiteLaxMode, MaxAge: int(institution.LoginLife.Seconds())}
	if secret == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
	w.Header().Set("Cache-Control", "no-store")
}

// institutions are the providers that the sign-in page offers. Operators' hosts have none.
func (s *Server) institutions(r *http.Request) ([]views.Institution, error) {
	if exchangeOf(r.Context()).above() {
		return nil, nil
	}
	active, err := s.OIDC.Active(r.Context(), s.tenant(r).ID)
	all := make([]views.Institution, len(active))
	for i, p := range active {
		all[i] = views.Institution{ID: string(p.ID), Name: p.Name}
	}
	return all, err
}
