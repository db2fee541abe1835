package handlers

import (
	"net/http"
	"net/url"

	"cutroom/internal/fault"
	"cutroom/internal/lti"
	"cutroom/views"
)

// ltiLaunch ends a login by LTI 1.3: the launch is checked whole, then the browser has to be the one in which the login began, then
// its person is let in. Cookies that the browser kept prove that; else what the platform keeps for us; else it takes a window of
// its own, where the login begins anew: nothing was used up.
func (s *Server) ltiLaunch(w http.ResponseWriter, r *http.Request) error {
	if err := readLaunch(w, r); err != nil {
		return s.launchRefused(w, r, refusedLaunch{message: "launch", err: err})
	}
	form, state := r.PostForm, r.PostForm.Get("state")
	if form.Get("error") != "" {
		return s.platformRefused(w, r, form)
	}
	l, p, err := s.LTI.Check(r.Context(), s.tenant(r).ID, s.origin(r), form.Get("id_token"), state)
	r = inLocale(r, l.Locale)
	if err != nil {
		return s.launchRefused(w, r, refusedLaunch{platform: p.Platform, message: l.Message, err: err, detail: l.Detail()})
	}
	s.frameAgain(w, r)
	again := "/lti/login?" + p.Request.Values().Encode()
	cookie, stored := cookieOf(r, lti.CookieName(state)), form.Get("storage")
	switch {
	case p.Bound(cookie):
		http.SetCookie(w, loginCookie(lti.CookieName(state), ""))
		return s.enter(w, r, l, &p, true)
	case p.Bound(stored):
		return s.enter(w, r, l, &p, false)
	case cookie != "" || stored != "":
		err := fault.New(fault.Forbidden, "lti.browser", "This sign-in began in another browser or tab. Go back to the course and click the link again.")
		return s.launchRefused(w, r, refusedLaunch{platform: p.Platform, message: l.Message, err: err, detail: l.Detail()})
	case p.Storage != "" && p.StorageOrigin != "" && !form.Has("storage"):
		w.Header().Set("Cache-Control", "no-store")
		return s.render(w, r, http.StatusOK, views.LaunchLoad(views.LaunchLoadPage{
			Page: s.page(r, "", ""), IDToken: form.Get("id_token"), State: state, Frame: p.Storage, Origin: p.StorageOrigin, Key: storageKey(state), Window: again,
		}))
	}
	return s.launchWindow(w, r, views.LaunchWindowPage{Window: again})
}

// platformRefused tells what a platform says that did not sign somebody in (OpenID Connect Core, 3.1.2.6).
func (s *Server) platformRefused(w http.ResponseWriter, r *http.Request, form url.Values) error {
	p, err := s.LTI.FindPending(r.Context(), s.tenant(r).ID, form.Get("state"))
	if err == nil {
		said := clipped(form.Get("error"), 100)
		if more := clipped(form.Get("error_description"), 300); more != "" {
			said += " (" + more + ")"
		}
		err = fault.Newf(fault.Forbidden, "lti.platform-said", "The learning platform refused the sign-in and said: %s", said).With(map[string]any{"Answer": said})
	}
	return s.launchRefused(w, r, refusedLaunch{platform: p.Platform, message: "launch", err: err})
}

// enter lets somebody in and brings them to where the launch leads. cookies says whether the browser keeps ours.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, l lti.Launch, p *lti.Pending, cookies bool) error {
	who, launch, err := s.LTI.Enter(r.Context(), s.tenant(r).ID, l, p)
	if err != nil {
		return s.launchRefused(w, r, refusedLaunch{platform: l.Platform.ID, message: l.Message, err: err, detail: l.Detail()})
	}
	target, err := s.launchTarget(r, who, l, launch)
	if err != nil {
		return s.launchDenied(w, r, l, err)
	}
	if cookies {
		if err := s.beginSession(w, r, who, "lti", sourceOf(l.Platform.ID), launch, true); err != nil {
			return err
		}
		http.Redirect(w, r, target, http.StatusSeeOther)
		return nil
	}
	ticket, err := s.LTI.NewWindow(r.Context(), who, launch, target)
	if err != nil {
		return err
	}
	return s.launchWindow(w, r, views.LaunchWindowPage{Ticket: ticket})
}

// sourceOf is a registration as sessions name it.
func sourceOf(id lti.PlatformID) string { return "lti:" + string(id) }

// launchWindow says that the browser keeps no cookies here, and how to get in all the same.
func (s *Server) launchWindow(w http.ResponseWriter, r *http.Request, p views.LaunchWindowPage) error {
	w.Header().Set("Cache-Control", "no-store")
	p.Page = s.page(r, "", "")
	return s.render(w, r, http.StatusOK, views.LaunchWindow(p))
}
