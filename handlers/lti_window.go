package handlers

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"

	"cutroom/views"
)

// ticketCookie says that the browser keeps our cookies where it is: it has the hash of the ticket that came with it.
const ticketCookie = "__Host-lti-ticket"

func ticketHash(ticket string) string {
	sum := sha256.Sum256([]byte("cutroom window " + ticket))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// ltiWindowPage goes on where a launch in a frame led, if the cookie came back that was set with the ticket. Else a button opens a
// window of its own.
func (s *Server) ltiWindowPage(w http.ResponseWriter, r *http.Request) error {
	ticket := r.URL.Query().Get("ticket")
	r = inLocale(r, clipped(r.URL.Query().Get("locale"), 64))
	if kept := cookieOf(r, ticketCookie); ticket != "" && subtle.ConstantTimeCompare([]byte(kept), []byte(ticketHash(ticket))) == 1 {
		http.SetCookie(w, loginCookie(ticketCookie, ""))
		return s.openWindow(w, r, ticket)
	}
	return s.launchWindow(w, r, views.LaunchWindowPage{Ticket: ticket})
}

// ltiWindow signs in the bearer of a ticket, in a window of its own.
func (s *Server) ltiWindow(w http.ResponseWriter, r *http.Request) error {
	if err := readLaunch(w, r); err != nil {
		return s.launchRefused(w, r, refusedLaunch{message: "window", err: err})
	}
	return s.openWindow(w, r, r.PostForm.Get("ticket"))
}

func (s *Server) openWindow(w http.ResponseWriter, r *http.Request, ticket string) error {
	win, err := s.LTI.OpenWindow(r.Context(), s.tenant(r).ID, ticket)
	if err != nil {
		return s.launchRefused(w, r, refusedLaunch{message: "window", err: err})
	}
	if err := s.beginSession(w, r, win.Who, "lti", sourceOf(win.Platform), win.Launch, true); err != nil {
		return err
	}
	http.Redirect(w, r, localPath(win.Target), http.StatusSeeOther)
	return nil
}
