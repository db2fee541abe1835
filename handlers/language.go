package handlers

import (
	"net/http"
	"slices"

	"cutroom/internal/fault"
	"cutroom/views"
)

const languageCookie = "lang"

// chooseLanguage keeps the language that somebody chose, and goes back to where they were.
func (s *Server) chooseLanguage(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	lang := r.PostForm.Get("lang")
	if !slices.Contains(views.Languages, lang) {
		return fault.New(fault.Invalid, "error.language", "Pages speak English (en) and German (de).")
	}
	cookie := &http.Cookie{Name: languageCookie, Value: lang, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: s.Config.PublicURL.Scheme == "https"}
	if framed(r) { // a page of another site around it: no other cookie is kept there
		cookie.SameSite, cookie.Secure, cookie.Partitioned = http.SameSiteNoneMode, true, true
	}
	http.SetCookie(w, cookie)
	http.Redirect(w, r, localPath(r.PostForm.Get("back")), http.StatusSeeOther)
	return nil
}

// readForm reads a form's fields.
func readForm(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		if asFault(err).Kind == fault.TooLarge {
			return err
		}
		return fault.New(fault.Malformed, "error.form", "This form cannot be read.").WithCause(err)
	}
	return nil
}
