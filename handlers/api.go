package handlers

import (
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	jsonv2 "github.com/go-json-experiment/json"

	"cutroom/internal/fault"
)

// api is the typed API while its routes are put together. Its description, openapi.json, is made of the Go types that are
// serialised.
type api struct {
	*Server
	huma.API
	mux *http.ServeMux
}

// operations is the one table of the API's routes, by noun. The paths are beside their handlers.
func (a *api) operations() {
	a.eventRoutes()
	a.seriesRoutes()
	a.editRoutes()
	a.searchRoutes()
	a.runRoutes()
	a.settingsRoutes()
	a.nodeRoutes()
	a.auditRoutes()
	a.meRoutes()
	a.assetsFormAPI(a)
	a.describedRoutes()
}

// apiHandler answers /api/. Every error is a problem document, that of an unknown route too.
func (s *Server) apiHandler() (http.Handler, error) {
	a := s.newAPI()
	a.operations()
	spec, err := specOf(a)
	if err != nil {
		return nil, err
	}
	a.mux.HandleFunc("GET /api/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(spec)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if exchangeOf(r.Context()).above() && !aboveTenants[r.URL.Path] {
			s.problem(w, r, s.nowhere(r))
			return
		}
		if _, pattern := a.mux.Handler(r); pattern == "" {
			s.problem(w, r, a.noRoute(w, r))
			return
		}
		a.mux.ServeHTTP(w, r)
	}), nil
}

// aboveTenants are the paths of the API that are there on hosts that name no tenant.
var aboveTenants = map[string]bool{"/api/openapi.json": true, "/api/v1/me": true, "/api/v1/nodes": true, "/api/v1/audit": true}

func (s *Server) newAPI() *api {
	mux := http.NewServeMux()
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: "Cutroom", Version: versionOf(s.Config.Version), Description: "Recordings of lectures: metadata, access, files, shared edits, runs. " +
				"Absent means null. Every error is a problem document (RFC 9457). Every POST may carry an Idempotency-Key."},
			Components: &huma.Components{
				Schemas:         huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}, "session": {Type: "apiKey", In: "cookie", Name: s.sessions.name}},
			},
			Security: []map[string][]string{{"token": {}}, {"session": {}}},
		},
		Formats:                      map[string]huma.Format{"application/json": {Marshal: writeJSON, Unmarshal: jsonUnused}, "json": {Marshal: writeJSON, Unmarshal: jsonUnused}},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
	return &api{Server: s, API: humago.New(mux, config), mux: mux}
}

func versionOf(version string) string {
	if version == "" {
		return "dev"
	}
	return version
}

// schemaName names types without the api that tells them from the nouns' own, and an error after its body.
func schemaName(t reflect.Type, hint string) string {
	name := strings.ReplaceAll(huma.DefaultSchemaNamer(t, hint), "Api", "")
	if name == "ProblemError" {
		return "Problem"
	}
	return name
}

// writeJSON writes answers: an empty list is [], never null, and the same value is always the same text.
func writeJSON(w io.Writer, v any) error {
	return jsonv2.MarshalWrite(w, v, jsonv2.Deterministic(true))
}

// jsonUnused stands where huma would read bodies: they are read by api_body.go, which is stricter.
func jsonUnused([]byte, any) error { return fault.Gone() }

// noRoute tells an unknown path from a method that a path does not have.
func (a *api) noRoute(w http.ResponseWriter, r *http.Request) error {
	var allowed []string
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		other := *r
		other.Method = method
		if _, pattern := a.mux.Handler(&other); pattern != "" && !slices.Contains(allowed, method) {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		return fault.Gone()
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return fault.New(fault.NotAllowed, "error.method", "This address does not take "+r.Method+". It takes "+strings.Join(allowed, ", ")+".").
		With(map[string]any{"Method": r.Method, "Allowed": strings.Join(allowed, ", ")})
}
