package handlers

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// lms is a platform that tools register at.
type lms struct {
	*httptest.Server
	bearer string
}

func newLMS(t *testing.T) *lms {
	t.Helper()
	l := &lms{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /config", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": l.URL, "authorization_endpoint": l.URL + "/auth", "jwks_uri": l.URL + "/keys", "registration_endpoint": l.URL + "/register"})
	})
	mux.HandleFunc("POST /register", func(w http.ResponseWriter, r *http.Request) {
		l.bearer = r.Header.Get("Authorization")
		_, _ = w.Write([]byte(`{"client_id": "given"}`))
	})
	l.Server = httptest.NewServer(mux)
	t.Cleanup(l.Close)
	return l
}
