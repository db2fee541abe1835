package handlers

import (
	"net/http"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// maxImport is how many bytes a call may have that registers modules: the descriptors of a whole FOLIO are some 5 MB.
const maxImport = 32 << 20

// okapiCall is a request to Okapi's API, read and allowed.
type okapiCall struct {
	*http.Request
	w    http.ResponseWriter
	who  user.Who
	t    tenant.ID // of the path; "" where it names none
	body []byte
}

// okapiRoute is a route of Okapi's API. Operators may call all; who else may is said by the other fields.
type okapiRoute struct {
	pattern string
	answer  func(*okapiCall) error
	open    bool // to everybody
	admins  bool // to admins of the path's tenant too
}

// okapiTable is the table of Okapi's routes, as far as Cutroom has them; see internal/install.
func (s *Server) okapiTable() []okapiRoute {
	const tenants = "/_/proxy/tenants"
	const one = tenants + "/{t}"
	return []okapiRoute{
		{pattern: "GET /_/version", answer: s.okapiVersion, open: true},
		{pattern: "GET /_/proxy/health", answer: s.okapiHealth, open: true},

		{pattern: "GET /_/proxy/modules", answer: s.okapiModules},
		{pattern: "POST /_/proxy/modules", answer: s.okapiAddModule},
		{pattern: "POST /_/proxy/import/modules", answer: s.okapiImportModules},
		{pattern: "GET /_/proxy/modules/{m}", answer: s.okapiModule},
		{pattern: "DELETE /_/proxy/modules/{m}", answer: s.okapiRemoveModule},

		{pattern: "GET /_/discovery/modules", answer: s.okapiInstances},
		{pattern: "POST /_/discovery/modules", answer: s.okapiAddInstance},
		{pattern: "DELETE /_/discovery/modules", answer: s.okapiRemoveInstances},
		{pattern: "GET /_/discovery/modules/{m}", answer: s.okapiInstances},
		{pattern: "DELETE /_/discovery/modules/{m}", answer: s.okapiRemoveInstances},
		{pattern: "GET /_/discovery/modules/{m}/{i}", answer: s.okapiInstance},
		{pattern: "DELETE /_/discovery/modules/{m}/{i}", answer: s.okapiRemoveInstances},

		{pattern: "GET " + tenants, answer: s.okapiTenants},
		{pattern: "POST " + tenants, answer: s.okapiCreateTenant},
		{pattern: "GET " + one, answer: s.okapiTenant},
		{pattern: "PUT " + one, answer: s.okapiPutTenant},
		{pattern: "DELETE " + one, answer: s.okapiDeleteTenant},

		{pattern: "GET " + one + "/modules", answer: s.okapiTenantModules},
		{pattern: "POST " + one + "/modules", answer: s.okapiEnableModule},
		{pattern: "DELETE " + one + "/modules", answer: s.okapiDisableModules},
		{pattern: "GET " + one + "/modules/{m}", answer: s.okapiTenantModule},
		{pattern: "POST " + one + "/modules/{m}", answer: s.okapiReplaceModule},
		{pattern: "DELETE " + one + "/modules/{m}", answer: s.okapiDisableModule},
		{pattern: "GET " + one + "/interfaces", answer: s.okapiInterfaces},
		{pattern: "GET " + one + "/interfaces/{i}", answer: s.okapiProviders},

		{pattern: "POST " + one + "/install", answer: s.okapiInstall},
		{pattern: "GET " + one + "/install", answer: s.okapiJobs, admins: true},
		{pattern: "DELETE " + one + "/install", answer: s.okapiForgetJobs},
		{pattern: "GET " + one + "/install/{id}", answer: s.okapiJob, admins: true},
		{pattern: "DELETE " + one + "/install/{id}", answer: s.okapiEndJob},
		{pattern: "POST " + one + "/upgrade", answer: s.okapiUpgrade},
		{pattern: "GET " + one + "/upgrade", answer: s.okapiJobs, admins: true},
		{pattern: "DELETE " + one + "/upgrade", answer: s.okapiForgetJobs},
	}
}

// okapiHandler answers Okapi's API.
func (s *Server) okapiHandler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range s.okapiTable() {
		mux.Handle(rt.pattern, s.okapiAdapt(rt))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = withoutSlash(r)
		if _, pattern := mux.Handler(r); pattern == "" {
			s.answer(w, r, noOkapiRoute(mux, w, r))
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// withoutSlash takes the slashes at the path's end away, as Okapi does.
func withoutSlash(r *http.Request) *http.Request {
	if !strings.HasSuffix(r.URL.Path, "/") {
		return r
	}
	at := *r.URL
	at.Path, at.RawPath = strings.TrimRight(at.Path, "/"), strings.TrimRight(at.RawPath, "/")
	trimmed := *r
	trimmed.URL = &at
	return &trimmed
}

// noOkapiRoute tells an unknown path from a method that a path does not have.
func noOkapiRoute(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) error {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		other := *r
		other.Method = method
		if _, pattern := mux.Handler(&other); pattern != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		return okapiFault(fault.NotFound, "No suitable module found for path %s", r.URL.Path)
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return okapiFault(fault.NotAllowed, "%s is not taken here, but %s", r.Method, strings.Join(allowed, ", "))
}

// okapiAdapt makes a handler of a route: finds who calls and refuses whom it is not for, reads the body, and answers the error.
func (s *Server) okapiAdapt(rt okapiRoute) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exchangeOf(r.Context()).pattern = rt.pattern
		c := &okapiCall{Request: r, w: w, t: tenant.ID(r.PathValue("t"))}
		if err := s.okapiAllowed(c, rt); err != nil {
			s.answer(w, r, err)
			return
		}
		if err := readOkapi(c); err != nil {
			s.answer(w, r, err)
			return
		}
		s.okapiOnce(c, rt)
	})
}
