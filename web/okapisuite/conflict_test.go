package okapisuite

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Two products that provide one interface do not go together.
func TestTwoProvidersAtOnce(t *testing.T) {
	w := setup(t)
	p := w.register(descriptor{ID: "p-1.0.0", Provides: faces{w.face("a", "1.0")}})
	q := w.register(descriptor{ID: "q-1.0.0", Provides: faces{w.face("a", "1.0")}})
	r := do(t, "POST", w.path("/install?simulate=true"), enable(p, q))
	if r.status != http.StatusBadRequest || !strings.HasPrefix(r.body, "Multiple modules ") || !strings.HasSuffix(r.body, " provide interface "+w.prefix+"-a") {
		t.Errorf("%d %q", r.status, r.body)
	}
	// The one that is there makes way, after the other has come.
	w.install("", enable(p), http.StatusOK, "enable p-1.0.0")
	w.install("", enable(q), http.StatusOK, "enable q-1.0.0", "disable p-1.0.0")
	w.has("q-1.0.0")
}

func TestTwoVersionsAtOnce(t *testing.T) {
	w := setup(t)
	before, after := w.register(descriptor{ID: "a-1.0.0"}), w.register(descriptor{ID: "a-2.0.0"})
	w.install("", enable(before), http.StatusOK, "enable a-1.0.0")
	do(t, "POST", w.path("/install?simulate=true"), enable(before, after)).
		text(http.StatusBadRequest, "Cannot remove module "+before+" which is explicitly given")
}

// Enabling and disabling in one call.
func TestMixedCall(t *testing.T) {
	w := setup(t)
	a, b := w.simple("a-1.0.0", "2.0"), w.simple("b-1.0.0", "2.0")
	w.install("", enable(a), http.StatusOK, "enable a-1.0.0")
	w.install("", append(disable(a), enable(b)...), http.StatusOK, "disable a-1.0.0", "enable b-1.0.0")
	w.has("b-1.0.0")
	w.heard("POST /_/tenant module_to=a-1.0.0 purge=false", "POST /_/tenant module_from=a-1.0.0 purge=false", "POST /_/tenant module_to=b-1.0.0 purge=false")
}

// Two modules that need each other can never be enabled.
func TestCircle(t *testing.T) {
	w := setup(t)
	a := w.register(descriptor{ID: "a-1.0.0", Provides: faces{w.face("a", "1.0")}, Requires: faces{w.face("b", "1.0")}})
	w.register(descriptor{ID: "b-1.0.0", Provides: faces{w.face("b", "1.0")}, Requires: faces{w.face("a", "1.0")}})
	r := do(t, "POST", w.path("/install"), enable(a))
	if r.status != http.StatusBadRequest || !strings.HasPrefix(r.body, "Some modules cannot be topological sorted: ") {
		t.Errorf("%d %q", r.status, r.body)
	}
	// Modules that are needed cannot be removed: this one breaks the circle, and goes last.
	w.register(descriptor{ID: "z-1.0.0", Provides: faces{w.face("a", "1.0"), w.face("b", "1.0")}})
	slices.Reverse(w.made)
}

// A downgrade is asked for by its version; an upgrade call makes none.
func TestDowngrade(t *testing.T) {
	w := setup(t)
	w.simple("a-1.0.0", "2.0")
	after := w.simple("a-1.1.0", "2.0")
	w.install("", enable(after), http.StatusOK, "enable a-1.1.0")
	w.install("", enable(w.id("a-1.0.0")), http.StatusOK, "enable a-1.0.0 from a-1.1.0")
	w.has("a-1.0.0")
	w.sameModules("upgrade", do(t, "POST", w.path("/upgrade"), nil).want(http.StatusOK).list(), []string{"enable a-1.1.0 from a-1.0.0"})
}

// A module at a time, by the older addresses.
func TestOneModuleAtATime(t *testing.T) {
	w := setup(t)
	a := w.simple("a-1.0.0", "2.0")
	do(t, "GET", w.path("/modules/"+a), nil).text(http.StatusNotFound, a)
	r := do(t, "POST", w.path("/modules"), map[string]string{"id": a}).want(http.StatusCreated)
	if location := r.header.Get("Location"); location != w.path("/modules/"+a) {
		t.Errorf("Location %q", location)
	}
	if got := r.object()["id"]; got != a {
		t.Errorf("enabled %v", got)
	}
	same(t, "the module", do(t, "GET", w.path("/modules/"+a), nil).want(http.StatusOK).object(), map[string]any{"id": a})
	w.has("a-1.0.0")
	do(t, "DELETE", w.path("/modules/"+a), nil).want(http.StatusNoContent)
	w.has()
	w.heard("POST /_/tenant module_to=a-1.0.0 purge=false", "POST /_/tenant module_from=a-1.0.0 purge=false")
}
