package handlers

import (
	"net/http"

	"cutroom/internal/lti"
)

// framed says whether a page is drawn inside of another site's: browsers tell so with each address that a frame goes to.
func framed(r *http.Request) bool { return r.Header.Get("Sec-Fetch-Dest") == "iframe" }

// frameAgain looks once more who may frame the page: the platform that a launch comes from may have been registered a moment ago.
func (s *Server) frameAgain(w http.ResponseWriter, r *http.Request) {
	if origins, err := s.LTI.Frames(r.Context(), s.tenant(r).ID); err == nil {
		framedBy(w, r, origins)
	}
}

// launchOf is the launch that the present session began with; false without one. It is read once a request.
func (s *Server) launchOf(r *http.Request) (lti.LaunchRow, bool) {
	x := exchangeOf(r.Context())
	if s.LTI == nil || x.bearer || x.who.Launch == "" {
		return lti.LaunchRow{}, false
	}
	if x.launch == nil {
		row, err := s.LTI.LaunchOf(r.Context(), x.who, x.who.Launch)
		if err != nil {
			return lti.LaunchRow{}, false // what a page shows beside its own is not worth failing for
		}
		x.launch = &row
	}
	return *x.launch, true
}
