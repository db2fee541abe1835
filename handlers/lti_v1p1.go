package handlers

import (
	"net/http"
	"net/url"

	"cutroom/internal/lti"
)

// ltiLaunch11 takes a launch by LTI 1.1, which is one signed form. Nothing of it can be bound to a browser. In a frame it goes on over a
// page that finds out whether the browser keeps our cookies there.
func (s *Server) ltiLaunch11(w http.ResponseWriter, r *http.Request) error {
	if err := readLaunch(w, r); err != nil {
		return s.launchRefused(w, r, refusedLaunch{message: "launch", err: err})
	}
	t := s.tenant(r).ID
	l, err := s.LTI.Check11(r.Context(), t, s.origin(r)+r.URL.RequestURI(), r.PostForm)
	r = inLocale(r, l.Locale)
	if err != nil {
		return s.launchRefused(w, r, refusedLaunch{platform: l.Platform.ID, message: "launch", err: err, detail: l.Detail()})
	}
	if !framed(r) {
		return s.enter(w, r, l, nil, true)
	}
	who, launch, err := s.LTI.Enter(r.Context(), t, l, nil)
	if err != nil {
		return s.launchRefused(w, r, refusedLaunch{platform: l.Platform.ID, message: l.Message, err: err, detail: l.Detail()})
	}
	target, err := s.launchTarget(r, who, l, launch)
	if err != nil {
		return s.launchDenied(w, r, l, err)
	}
	ticket, err := s.LTI.NewWindow(r.Context(), who, launch, target)
	if err != nil {
		return err
	}
	http.SetCookie(w, loginCookie(ticketCookie, ticketHash(ticket)))
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/lti/window?"+url.Values{"ticket": {ticket}, "locale": {l.Locale}}.Encode(), http.StatusSeeOther)
	return nil
}

// opencastPath opens what links of Opencast lead to, for who is signed in or may watch without.
func (s *Server) opencastPath(w http.ResponseWriter, r *http.Request) error {
	place, err := lti.Opencast(r.URL.RequestURI(), nil)
	if err != nil {
		return err
	}
	http.Redirect(w, r, localPath(place.Path), http.StatusSeeOther)
	return nil
}
