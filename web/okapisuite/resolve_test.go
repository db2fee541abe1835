package okapisuite

import (
	"net/http"
	"testing"

	"cutroom/internal/install/stubmodule"
)

type (
	descriptor = stubmodule.Descriptor
	faces      = []stubmodule.Interface
)

// What is missing is added, providers first, whatever the order of the call.
func TestProvidersAreAdded(t *testing.T) {
	w := setup(t)
	w.register(descriptor{ID: "a-1.0.0", Provides: faces{w.face("a", "1.0")}})
	w.register(descriptor{ID: "b-1.0.0", Provides: faces{w.face("b", "1.2")}, Requires: faces{w.face("a", "1.0")}})
	c := w.register(descriptor{ID: "c-1.0.0", Requires: faces{w.face("b", "1.1")}})
	w.simulate(enable(c), "enable a-1.0.0", "enable b-1.0.0", "enable c-1.0.0")
	w.simulate(enable(c, w.id("b-1.0.0"), w.id("a-1.0.0")), "enable a-1.0.0", "enable b-1.0.0", "enable c-1.0.0")
	w.has()
	w.install("", enable(w.id("b-1.0.0")), http.StatusOK, "enable a-1.0.0", "enable b-1.0.0")
	w.simulate(enable(c), "enable c-1.0.0")
	w.install("", enable(c), http.StatusOK, "enable c-1.0.0")
	w.has("a-1.0.0", "b-1.0.0", "c-1.0.0")

	w.simulate(disable(w.id("a-1.0.0")), "disable c-1.0.0", "disable b-1.0.0", "disable a-1.0.0")
	w.install("", disable(w.id("b-1.0.0")), http.StatusOK, "disable c-1.0.0", "disable b-1.0.0")
	w.has("a-1.0.0")
}

func TestNewestOfAProduct(t *testing.T) {
	w := setup(t)
	for _, version := range []string{"1.2.0", "1.10.0", "1.9.9"} {
		w.register(descriptor{ID: "a-" + version, Provides: faces{w.face("a", "1.0")}})
	}
	b := w.register(descriptor{ID: "b-1.0.0", Requires: faces{w.face("a", "1.0")}})
	w.simulate(enable(w.id("a")), "enable a-1.10.0")
	w.simulate(enable(b), "enable a-1.10.0", "enable b-1.0.0")
	w.simulate(enable(b, w.id("a-1.2.0")), "enable a-1.2.0", "enable b-1.0.0")
	w.simulate([]map[string]string{{"id": w.id("a")}}, "enable a-1.10.0") // no action is enable
	w.install("", enable(w.id("a-1.9.9")), http.StatusOK, "enable a-1.9.9")
	w.simulate(enable(w.id("a-1.9.9")), "uptodate a-1.9.9")
	w.simulate(enable(w.id("a")), "enable a-1.10.0 from a-1.9.9")
	w.install("", enable(w.id("a-1.9.9")), http.StatusOK, "uptodate a-1.9.9")
	w.simulate(disable(w.id("a")), "disable a-1.9.9")
	w.install("", disable(w.id("a")), http.StatusOK, "disable a-1.9.9")
	w.has()
}

func TestInterfaceVersions(t *testing.T) {
	w := setup(t)
	w.register(descriptor{ID: "a-1.0.0", Provides: faces{w.face("a", "2.1")}})
	for name, c := range map[string]struct {
		version string
		fits    bool
	}{"d-1.0.0": {"2.0", true}, "e-1.0.0": {"2.1", true}, "f-1.0.0": {"2.2", false}, "g-1.0.0": {"1.0", false}, "h-1.0.0": {"3.0", false}, "i-1.0.0": {"1.0 2.1", true}} {
		id := w.register(descriptor{ID: name, Requires: faces{w.face("a", c.version)}})
		if c.fits {
			w.simulate(enable(id), "enable a-1.0.0", "enable "+name)
			continue
		}
		do(t, "POST", w.path("/install?simulate=true"), enable(id)).
			text(http.StatusBadRequest, "interface "+w.prefix+"-a required by module "+id+" not found")
	}
}

// With async too, a call that cannot be resolved makes no job.
func TestUnmetDependencies(t *testing.T) {
	w := setup(t)
	a := w.register(descriptor{ID: "a-1.0.0", Requires: faces{w.face("x", "1.0"), w.face("y", "1.0")}})
	x, y := "interface "+w.prefix+"-x required by module "+a+" not found", "interface "+w.prefix+"-y required by module "+a+" not found"
	for _, query := range []string{"", "?async=true", "?simulate=true", "?simulate=true&async=true"} {
		do(t, "POST", w.path("/install"+query), enable(a)).text(http.StatusBadRequest, x+". "+y)
	}
	do(t, "POST", w.path("/install"), enable(w.id("nothing-1.0.0"))).text(http.StatusBadRequest, "Module "+w.id("nothing-1.0.0")+" not found")
	do(t, "POST", w.path("/install"), disable(w.id("a-1.0.0"))).text(http.StatusBadRequest, "Module "+w.id("a-1.0.0")+" not found")
	if jobs := w.jobs("install"); len(jobs) != 0 {
		t.Errorf("jobs %v", jobs)
	}
	w.install("?depCheck=false", enable(a), http.StatusOK, "enable a-1.0.0")
	w.has("a-1.0.0")
}

func TestProvidersOfOneInterface(t *testing.T) {
	w := setup(t)
	w.register(descriptor{ID: "p-1.0.0", Provides: faces{w.face("a", "1.0")}})
	w.register(descriptor{ID: "q-1.0.0", Provides: faces{w.face("a", "1.0")}})
	c := w.register(descriptor{ID: "c-1.0.0", Requires: faces{w.face("a", "1.0")}})
	r := do(t, "POST", w.path("/install?simulate=true"), enable(c))
	said := "interface " + w.prefix + "-a required by module " + c + " is provided by multiple products: "
	if r.status != http.StatusBadRequest || r.body != said+w.id("p")+", "+w.id("q") && r.body != said+w.id("q")+", "+w.id("p") {
		t.Errorf("%d %q", r.status, r.body)
	}
	w.simulate(enable(c, w.id("q-1.0.0")), "enable q-1.0.0", "enable c-1.0.0")
	w.register(descriptor{ID: "r-1.0.0", Provides: faces{w.face("a", "1.0")}, Replaces: []string{w.id("p"), w.id("q")}})
	w.simulate(enable(c), "enable r-1.0.0", "enable c-1.0.0")
}

func TestOptionalInterfaces(t *testing.T) {
	w := setup(t)
	b := w.register(descriptor{ID: "b-1.0.0", Optional: faces{w.face("a", "1.0")}})
	w.simulate(enable(b), "enable b-1.0.0")
	a := w.register(descriptor{ID: "a-1.0.0", Provides: faces{w.face("a", "1.0")}})
	w.simulate(enable(b), "enable b-1.0.0")
	w.simulate(enable(b, a), "enable b-1.0.0", "enable a-1.0.0") // nobody waits for what is optional
	w.simulate(enable(a, b), "enable a-1.0.0", "enable b-1.0.0")
}

// What can be done is done in the order of the call, what is added comes after it.
func TestOrderOfTheCall(t *testing.T) {
	w := setup(t)
	w.register(descriptor{ID: "a-1.0.0", Provides: faces{w.face("a", "1.0")}})
	b := w.register(descriptor{ID: "b-1.0.0", Requires: faces{w.face("a", "1.0")}})
	d, c := w.register(descriptor{ID: "d-1.0.0"}), w.register(descriptor{ID: "c-1.0.0"})
	w.simulate(enable(d, b, c), "enable d-1.0.0", "enable c-1.0.0", "enable a-1.0.0", "enable b-1.0.0")
}

// Interfaces whose id begins with _ take no part.
func TestSystemInterfaces(t *testing.T) {
	w := setup(t)
	a, b := w.simple("a-1.0.0", "2.0"), w.simple("b-1.0.0", "1.2")
	w.simulate(enable(a, b), "enable a-1.0.0", "enable b-1.0.0")
}

// The provider goes up first, and who needs the old one goes along.
func TestUpgradeOfAProvider(t *testing.T) {
	w := setup(t)
	w.register(descriptor{ID: "a-1.0.0", Provides: faces{w.face("a", "1.0")}})
	w.register(descriptor{ID: "b-1.0.0", Requires: faces{w.face("a", "1.0")}})
	w.install("", enable(w.id("b-1.0.0")), http.StatusOK, "enable a-1.0.0", "enable b-1.0.0")
	w.register(descriptor{ID: "a-2.0.0", Provides: faces{w.face("a", "2.0")}})
	w.register(descriptor{ID: "b-2.0.0", Requires: faces{w.face("a", "2.0")}})
	w.simulate(enable(w.id("a-2.0.0")), "enable a-2.0.0 from a-1.0.0", "enable b-2.0.0 from b-1.0.0")
	w.simulate(enable(w.id("b-2.0.0")), "enable a-2.0.0 from a-1.0.0", "enable b-2.0.0 from b-1.0.0")
	w.install("", enable(w.id("b")), http.StatusOK, "enable a-2.0.0 from a-1.0.0", "enable b-2.0.0 from b-1.0.0")
	w.has("a-2.0.0", "b-2.0.0")
}

func TestPreReleases(t *testing.T) {
	w := setup(t)
	w.register(descriptor{ID: "a-1.0.0"})
	w.register(descriptor{ID: "a-1.1.0-rc.1"})
	for query, want := range map[string]string{
		"": "enable a-1.1.0-rc.1", "&preRelease=true": "enable a-1.1.0-rc.1", "&preRelease=false": "enable a-1.0.0", "&preRelease=only": "enable a-1.1.0-rc.1",
		"&npmSnapshot=false": "enable a-1.1.0-rc.1",
	} {
		w.install("?simulate=true"+query, enable(w.id("a")), http.StatusOK, want)
	}
}

func TestReinstall(t *testing.T) {
	w := setup(t)
	a := w.simple("a-1.0.0", "2.0")
	w.install("", enable(a), http.StatusOK, "enable a-1.0.0")
	w.install("", enable(a), http.StatusOK, "uptodate a-1.0.0")
	w.install("?reinstall=true", enable(a), http.StatusOK, "enable a-1.0.0 from a-1.0.0")
	w.heard("POST /_/tenant module_to=a-1.0.0 purge=false", "POST /_/tenant module_from=a-1.0.0 module_to=a-1.0.0 purge=false")
}

// A client may send back a list it got.
func TestAListCanBeSentBack(t *testing.T) {
	w := setup(t)
	w.register(descriptor{ID: "a-1.0.0", Provides: faces{w.face("a", "1.0")}})
	b := w.register(descriptor{ID: "b-1.0.0", Requires: faces{w.face("a", "1.0")}})
	list := do(t, "POST", w.path("/install?simulate=true"), enable(b)).want(http.StatusOK).list()
	w.install("", list, http.StatusOK, "enable a-1.0.0", "enable b-1.0.0")
	beyond(t, "Okapi believes a client's from and stage")
	c := w.register(descriptor{ID: "c-1.0.0"})
	w.install("", []map[string]string{{"id": c, "action": "enable", "stage": "done", "message": "lie", "from": w.id("c-0.1.0")}}, http.StatusOK, "enable c-1.0.0")
}
