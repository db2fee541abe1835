package handlers

import (
	"net/http"
	"strings"
)

// origin is where the tenant's pages are for browsers and learning platforms: the public address' scheme with the host that was
// asked for, which withTenant has found to be the tenant's.
func (s *Server) origin(r *http.Request) string {
	return s.Config.PublicURL.Scheme + "://" + strings.ToLower(r.Host)
}
