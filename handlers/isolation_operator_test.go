package handlers

import (
	"net/http"
	"strings"
	"testing"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// olga makes an operator, and gives the header with her token and the cookie of a session.
func (w *world) olga(t *testing.T) (token, cookie string) {
	t.Helper()
	system := user.System(tenant.Operators)
	if _, err := w.Users.Ensure(t.Context(), system, user.NewPerson{Name: "olga", DisplayName: "Olga", Role: user.OperatorRole}); err != nil {
		t.Fatal(err)
	}
	_, secret, err := w.Users.CreateToken(t.Context(), system, "olga", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	who, err := w.Users.WhoByToken(t.Context(), tenant.Operators, secret)
	if err != nil {
		t.Fatal(err)
	}
	session, _, err := w.Users.Sessions().Begin(t.Context(), who, user.Begin{How: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + secret, w.sessions.name + "=" + session
}

// An operator's token acts in the tenant that X-Okapi-Tenant names, whatever the host, and in no other.
func TestIsolationHoldsForOperators(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, cookie := w.olga(t)
	paths := []string{eventsPath, eventsPath + "?q=lecture", eventsPath + "/shared", eventsPath + "/shared/edit", seriesPath, runsPath, "/api/v1/search?q=lecture", "/api/v1/audit", eventsPath + "/shared/editors"}
	for _, h := range []*house{w.alpha, w.beta} {
		other := w.other(h)
		was := w.state(t, other)
		named := http.Header{"Authorization": {token}, "X-Okapi-Tenant": {string(h.id)}}
		for _, host := range []string{"localhost:8080", h.host, other.host} {
			for _, path := range paths {
				if status, text := w.ask(t, host, "GET", path, "", named); status != http.StatusOK || !h.leaks(text, "") || other.leaks(text, "") {
					t.Errorf("olga in %s by %s: GET %s: %.600s", h.id, host, path, text)
				}
			}
			for _, path := range []string{eventsPath + "/" + other.own(), runsPath + "/done-" + other.own(), seriesPath + "/" + other.own(), "/api/v1/events/" + other.own() + "/edit"} {
				if status, text := w.ask(t, host, "GET", path, "", named); status != http.StatusNotFound || other.leaks(text, path) {
					t.Errorf("olga in %s by %s: GET %s: %.600s", h.id, host, path, text)
				}
			}
			change := named.Clone()
			change.Set("Content-Type", mergePatch)
			if status, text := w.ask(t, host, "PATCH", eventsPath+"/shared", `{"title":"By olga `+h.mark+host+`"}`, change); status != http.StatusOK {
				t.Errorf("olga in %s by %s: %.600s", h.id, host, text)
			}
			change.Set("Content-Type", "application/json")
			change.Set("Idempotency-Key", "key")
			w.ask(t, host, "POST", eventsPath, `{"title":"x"}`, change)
		}
		// A session acts where the host says; the header is for tokens.
		if _, text := w.ask(t, h.host, "GET", eventsPath+"/shared", "", http.Header{"Cookie": {cookie}, "X-Okapi-Tenant": {string(other.id)}}); other.leaks(text, "") {
			t.Errorf("olga's session at %s: %.600s", h.host, text)
		}
		w.unchanged(t, other, was, "olga in "+string(h.id))
	}
	for _, name := range []string{"gamma", "_operators", "t_alpha", "alpha,beta", "", "ALPHA", "../beta", "cutroom"} {
		status, text := w.ask(t, "localhost:8080", "GET", eventsPath, "", http.Header{"Authorization": {token}, "X-Okapi-Tenant": {name}})
		if status < 400 || w.alpha.leaks(text, "") || w.beta.leaks(text, "") {
			t.Errorf("olga in %q: %.600s", name, text)
		}
	}
}

// Nobody of a tenant becomes an operator, or reaches one.
func TestIsolationOfOperators(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, cookie := w.olga(t)
	ada := w.alpha.ada()
	system := user.System(w.alpha.id)
	for what, try := range map[string]func() error{
		"a person called as one": func() error {
			_, err := w.Users.Create(t.Context(), ada, user.NewPerson{Name: "operator:olga"})
			return err
		},
		"a person called alike": func() error {
			_, err := w.Users.Create(t.Context(), ada, user.NewPerson{Name: "operator_olga"})
			return err
		},
		"a person of their role": func() error {
			_, err := w.Users.Create(t.Context(), ada, user.NewPerson{Name: "mallory", Role: user.OperatorRole})
			return err
		},
		"their role afterwards":     func() error { return w.Users.SetRole(t.Context(), ada, "ben", user.OperatorRole) },
		"a token of one":            func() error { _, _, err := w.Users.CreateToken(t.Context(), ada, "operator:olga", nil, 0); return err },
		"a token of olga":           func() error { _, _, err := w.Users.CreateToken(t.Context(), ada, "olga", nil, 0); return err },
		"a link of one":             func() error { _, _, err := w.Users.CreateLink(t.Context(), ada, "operator:olga"); return err },
		"a password of one":         func() error { return w.Users.SetPassword(t.Context(), ada, "operator:olga", "another good horse") },
		"disabling one":             func() error { return w.Users.Disable(t.Context(), ada, "operator:olga") },
		"a link that the node asks": func() error { _, _, err := w.Users.CreateLink(t.Context(), system, "olga"); return err },
	} {
		if err := try(); err == nil || fault.KindOf(err) == fault.Internal {
			t.Errorf("%s: %v", what, err)
		}
	}
	// The right of a tenant's admin ends at the tenant, whatever the request claims.
	for _, header := range []http.Header{
		{"Authorization": {"Bearer " + w.alpha.token}, "X-Okapi-Tenant": {"_operators"}}, {"Authorization": {"Bearer " + w.alpha.token}, "X-Okapi-Tenant": {"beta"}, "X-Okapi-Token": {strings.TrimPrefix(token, "Bearer ") + "x"}},
		{"X-Okapi-Token": {w.alpha.token}}, {"X-Okapi-Token": {w.alpha.token}, "X-Okapi-Tenant": {"beta"}},
	} {
		for _, path := range []string{"/tenants", "/installs", "/_/proxy/tenants", "/_/proxy/modules", "/_/proxy/tenants/beta", "/_/proxy/tenants/beta/modules", "/_/proxy/tenants/alpha/modules", "/_/discovery/modules", "/api/v1/nodes"} {
			for _, host := range []string{"localhost:8080", w.alpha.host} {
				status, text := w.ask(t, host, "GET", path, "", header)
				if w.beta.leaks(text, "") || strings.Contains(text, w.beta.name) || status == http.StatusOK && !strings.HasSuffix(path, "/nodes") {
					t.Errorf("%v: GET %s at %s: %.500s", header, path, host, text)
				}
			}
		}
	}
	// What an operator has ends with them, in every tenant at once.
	if _, err := w.Users.Ensure(t.Context(), user.System(tenant.Operators), user.NewPerson{Name: "otto", Role: user.OperatorRole}); err != nil { // one has to stay
		t.Fatal(err)
	}
	if err := w.Users.Disable(t.Context(), user.System(tenant.Operators), "olga"); err != nil {
		t.Fatal(err)
	}
	for _, header := range []http.Header{{"Authorization": {token}, "X-Okapi-Tenant": {"beta"}}, {"Cookie": {cookie}}} {
		if status, text := w.ask(t, w.beta.host, "GET", eventsPath, "", header); status != http.StatusUnauthorized {
			t.Errorf("who is no operator any more: %.500s", text)
		}
	}
}
