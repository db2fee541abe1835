package handlers

import (
	"net/http"

	"cutroom/internal/fault"
	"cutroom/views"
)

// signInLinkPage shows a button: programs that open the links in mails sign nobody in.
func (s *Server) signInLinkPage(w http.ResponseWriter, r *http.Request) error {
	token := r.URL.Query().Get("token")
	who, err := s.Users.WhoByLink(r.Context(), s.tenant(r).ID, token)
	if err != nil {
		return s.spentLink(w, r, err)
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	return s.drawSignInLink(w, r, http.StatusOK, views.SignInLinkPage{Token: token, Name: who.Name})
}

// signInByLink signs in whom the link was made for.
func (s *Server) signInByLink(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	who, err := s.Users.WhoByLink(r.Context(), s.tenant(r).ID, r.PostForm.Get("token"))
	if err != nil {
		return s.spentLink(w, r, err)
	}
	if err := s.beginSession(w, r, who, "link", "", "", false); err != nil {
		return err
	}
	http.Redirect(w, r, localPath(r.PostForm.Get("next")), http.StatusSeeOther)
	return nil
}

func (s *Server) spentLink(w http.ResponseWriter, r *http.Request, err error) error {
	if fault.KindOf(err) != fault.Unauthorized {
		return err
	}
	exchangeOf(r.Context()).err = err
	return s.drawSignInLink(w, r, http.StatusUnauthorized, views.SignInLinkPage{Used: true})
}

func (s *Server) drawSignInLink(w http.ResponseWriter, r *http.Request, status int, p views.SignInLinkPage) error {
	p.Page = s.page(r, views.T(r.Context(), "signin.title"), "")
	return s.render(w, r, status, views.SignInLink(p))
}
