package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"cutroom/internal/fault"
	"cutroom/views"
)

// toSignIn sends a browser to the sign-in page, from where it comes back.
func (s *Server) toSignIn(w http.ResponseWriter, r *http.Request) {
	next := "/"
	if r.Header.Get("HX-Request") != "" || !safe(r.Method) {
		if ref, err := url.Parse(r.Referer()); err == nil && ref.Host == r.Host {
			next = localPath(ref.RequestURI())
		}
	} else {
		next = localPath(r.URL.RequestURI())
	}
	to := "/sign-in"
	if next != "/" {
		to += "?next=" + url.QueryEscape(next)
	}
	w.Header().Set("Cache-Control", "no-store")
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Redirect", to) // a fragment must not be replaced by a whole page
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// localPath is where a form may send somebody afterwards: a path of this site, never another site; else the start page.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.ContainsFunc(next, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }) {
		return "/"
	}
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || strings.HasPrefix(next, "//") || strings.HasPrefix(u.Path, "//") {
		return "/"
	}
	return next
}

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("next"))
	if s.who(r).SignedIn() {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	// A frame on another site keeps no cookie that comes from here: what is typed there would sign nobody in.
	return s.drawSignIn(w, r, http.StatusOK, views.SignInPage{Next: next, Blocked: framed(r), Window: next})
}

func (s *Server) drawSignIn(w http.ResponseWriter, r *http.Request, status int, p views.SignInPage) (err error) {
	p.Page = s.page(r, views.T(r.Context(), "signin.title"), "")
	if p.Institutions, err = s.institutions(r); err != nil {
		return err
	}
	return s.render(w, r, status, views.SignIn(p))
}

// signIn signs in by name and password. Whatever is wrong, the page says the same.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	p := views.SignInPage{Name: strings.TrimSpace(r.PostForm.Get("name")), Next: localPath(r.PostForm.Get("next"))}
	x := exchangeOf(r.Context())
	who, err := s.Users.CheckPassword(r.Context(), x.tenant.ID, p.Name, r.PostForm.Get("password"), x.ip)
	switch kind := fault.KindOf(err); {
	case err == nil:
	case kind == fault.Unauthorized:
		x.err, p.Failed = err, true
		return s.drawSignIn(w, r, http.StatusUnauthorized, p)
	case kind == fault.Limited:
		x.err, p.Limited = err, true
		w.Header().Set("Retry-After", "60")
		return s.drawSignIn(w, r, http.StatusTooManyRequests, p)
	default:
		return err
	}
	if err := s.beginSession(w, r, who, "password", "", "", false); err != nil {
		return err
	}
	http.Redirect(w, r, p.Next, http.StatusSeeOther)
	return nil
}

// signOut ends the session; sockets that live on it are closed.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.endSession(w, r); err != nil {
		return err
	}
	w.Header().Set("Clear-Site-Data", `"cache"`)
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}
