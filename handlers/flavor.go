package handlers

import (
	"net/http"
	"strings"

	"cutroom/internal/event"
)

// isKind says whether a flavor's type is kind: presentation of presentation/source.
func isKind(flavor, kind string) bool { return strings.HasPrefix(flavor, kind+"/") }

// isType says whether a flavor's subtype is sub: source of presentation/source.
func isType(flavor, sub string) bool { return strings.HasSuffix(flavor, "/"+sub) }

// seriesTitle is the title of an event's series; "" without one, or when the person may not see it.
func (s *Server) seriesTitle(r *http.Request, e event.Event) string {
	if e.Series == nil {
		return ""
	}
	one, err := s.Events.FindSeries(r.Context(), s.who(r), *e.Series, event.ToRead)
	if err != nil {
		return ""
	}
	return one.Title
}
