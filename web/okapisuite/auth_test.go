package okapisuite

import (
	"net/http"
	"testing"
	"time"
)

// Only an operator's token opens the API.
func TestOnlyOperators(t *testing.T) {
	w := setup(t)
	beyond(t, "Okapi leaves it to its modules who may call")
	if token == "" {
		t.Skip("there is no OKAPI_TOKEN: the server is open")
	}
	for _, path := range []string{"/_/proxy/tenants", "/_/proxy/modules", "/_/discovery/modules", w.path(""), w.path("/modules"), w.path("/install"), "/_/proxy/tenants/" + "t" + letters(9)} {
		doAs(t, "", "GET", path, nil, nil).refused(http.StatusUnauthorized)
		doAs(t, "wrong", "GET", path, nil, nil).refused(http.StatusUnauthorized)
		doAs(t, "", "GET", path, nil, map[string]string{"Authorization": "Bearer wrong"}).refused(http.StatusUnauthorized)
	}
	doAs(t, "", "POST", w.path("/install"), enable("x-1.0.0"), nil).refused(http.StatusUnauthorized)
	doAs(t, "", "DELETE", w.path(""), nil, nil).refused(http.StatusUnauthorized)
	doAs(t, "", "GET", w.path(""), nil, map[string]string{"Authorization": "Bearer " + token}).want(http.StatusOK)
}

// eventually looks until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	deadline := time.After(time.Minute)
	for !so() {
		select {
		case <-look.C:
		case <-deadline:
			t.Fatalf("waited a minute until %s", what)
		}
	}
}
