package handlers

import (
	"net/http"

	"cutroom/views"
)

// apiDocsPage describes the API, from its own description.
func (s *Server) apiDocsPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, views.APIDocs(views.APIDocsPage{Page: s.page(r, "", "")}))
}
