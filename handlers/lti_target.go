package handlers

import (
	"context"
	"net/http"
	"net/url"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/install"
	"cutroom/internal/lti"
	"cutroom/internal/user"
	"cutroom/views"
)

// launchTarget is where a launch leads its person, a path here: to the picker, to a recording, the editor for who may edit it and
// the player for who may watch it, else to where the link says. Who may neither is a fault Forbidden that names whom to ask; a
// recording that is not there one that says so.
func (s *Server) launchTarget(r *http.Request, who user.Who, l lti.Launch, launch string) (string, error) {
	if l.Message == lti.DeepLinking {
		return "/lti/deep-link?launch=" + url.QueryEscape(launch), nil
	}
	to := localPath(l.Target)
	if l.Event == "" {
		return to, nil
	}
	e, err := s.Events.Find(r.Context(), who, event.ID(l.Event), event.ToRead)
	if fault.KindOf(err) == fault.NotFound {
		return "", s.neither(r.Context(), who, l.Event)
	}
	if err != nil {
		return "", err
	}
	u, err := url.Parse(to)
	if err != nil {
		return "", err
	}
	view := lti.ViewWatch
	if e.MayWrite && l.View != lti.ViewWatch && s.tenant(r).Has(install.Editor) {
		view = lti.ViewEdit
	}
	u.Path = "/events/" + l.Event + "/" + view
	u.RawPath = ""
	return localPath(u.RequestURI()), nil
}

// neither is for who may neither watch nor edit a recording. Whose it is they hear, since a course's link led them there.
func (s *Server) neither(ctx context.Context, who user.Who, id string) error {
	system := user.System(who.Tenant)
	e, err := s.Events.Find(ctx, system, event.ID(id), event.ToRead)
	if fault.KindOf(err) == fault.NotFound {
		return fault.New(fault.NotFound, "lti.recording-gone", "The link in the course leads to a recording that is not here, or was deleted. Choose another recording for the link.")
	}
	if err != nil {
		return err
	}
	return fault.New(fault.Forbidden, deniedID, "You may neither watch nor edit this recording.").With(map[string]any{"Owner": s.name(ctx, system, e.Owner)})
}

const deniedID = "lti.denied"

// launchDenied answers a launch that let somebody in who may not go where it leads.
func (s *Server) launchDenied(w http.ResponseWriter, r *http.Request, l lti.Launch, err error) error {
	f := fault.As(err)
	if f == nil || f.ID != deniedID {
		return s.launchRefused(w, r, refusedLaunch{platform: l.Platform.ID, message: l.Message, err: err, detail: l.Detail(), back: l.ReturnURL})
	}
	s.refusal(r, err)
	s.LTI.Refused(r.Context(), s.tenant(r).ID, string(l.Platform.ID), l.Message, err, l.Detail())
	p := views.LaunchDeniedPage{Page: s.page(r, "", ""), Request: exchangeOf(r.Context()).id}
	p.Page.CourseURL = l.ReturnURL
	p.Ask, _ = f.Data["Owner"].(string)
	w.Header().Set("Cache-Control", "no-store")
	return s.render(w, r, http.StatusForbidden, views.LaunchDenied(p))
}
