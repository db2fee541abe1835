package handlers

import (
	"net/http"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/install"
	"cutroom/internal/tenant"
)

// withModules refuses what belongs to a module that was switched off in the tenant. Nothing of the tenant's is lost by that: it
// is there again when the module is enabled.
func (s *Server) withModules(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := served(exchangeOf(r.Context()).tenant, r.URL.Path); err != nil {
			s.answer(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// served says why a tenant does not serve a path, nil when it does.
func served(t tenant.Tenant, path string) error {
	product := productOf(path)
	switch {
	case product != "" && !t.Has(install.Core):
		return fault.New(fault.Forbidden, "error.module-core-off", "Recordings are switched off for this institution. Nothing is lost: they are here again when its operator enables them.")
	case product == install.Editor && !t.Has(install.Editor):
		return editorOff()
	case product == install.LTI && !t.Has(install.LTI):
		return fault.New(fault.Forbidden, "error.module-lti-off", "Opening Cutroom from courses is switched off for this institution. Its operator can enable it again.")
	}
	return nil
}

func editorOff() *fault.Error {
	return fault.New(fault.Forbidden, "error.module-editor-off", "The editor is switched off for this institution. What was published can be watched as before.")
}

// productOf names the built-in product that a path belongs to; "" is what every tenant has: signing in, and what is
// above the tenants.
func productOf(path string) string {
	path = strings.TrimPrefix(path, "/api/v1")
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "lti":
		return install.LTI
	case "", "events", "series", "runs", "jobs", "uploads", "media", "search":
	default:
		return ""
	}
	if _, of, ok := strings.Cut(rest, "/"); ok && first == "events" {
		switch what, _, _ := strings.Cut(of, "/"); what {
		case "edit", "editors", "live", "publish", "runs":
			return install.Editor
		}
	}
	return install.Core
}
