package handlers

import (
	"net/http"
	"slices"
	"strings"
)

// withFrames lets the tenant's active learning platforms show its pages in their frames, besides the pages themselves. Where they cannot
// be found out nobody else may.
func (s *Server) withFrames(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if x := exchangeOf(r.Context()); !x.above() && s.LTI != nil {
			if origins, err := s.LTI.Frames(r.Context(), x.tenant.ID); err == nil {
				framedBy(w, r, origins)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// framedBy sets the policy of a page that these origins may show in a frame.
func framedBy(w http.ResponseWriter, r *http.Request, origins []string) {
	if len(origins) > 0 {
		w.Header().Set("Content-Security-Policy", framedPolicy(r.Host, origins))
	}
}

const framedBySelf = "frame-ancestors 'self'"

// framedPolicy is pagePolicy with more origins that may show the page. They are as lti.Origin gives them: nothing in them ends a source.
func framedPolicy(host string, origins []string) string {
	origins = slices.DeleteFunc(slices.Clone(origins), func(origin string) bool { return strings.ContainsAny(origin, " ;,'\"") })
	return strings.Replace(pagePolicy(host), framedBySelf, strings.Join(append([]string{framedBySelf}, origins...), " "), 1)
}
