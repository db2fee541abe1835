package okapisuite

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cutroom/internal/install/stubmodule"
)

// world is a tenant with modules of its own and the service that stands for them.
type world struct {
	t       *testing.T
	tenant  string
	prefix  string // of products and interfaces
	service *stubmodule.Service
	made    []string // modules, in order
}

// setup makes a world with an empty tenant.
func setup(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	w := &world{t: t, prefix: letters(8), service: stubmodule.Start(t)}
	w.tenant = w.newTenant()
	t.Cleanup(w.clear)
	return w
}

func letters(n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(byte('a' + rand.IntN(26))) //nolint:gosec // a name
	}
	return b.String()
}

func (w *world) newTenant() string {
	w.t.Helper()
	id := "t" + letters(12)
	do(w.t, "POST", "/_/proxy/tenants", map[string]string{"id": id, "name": "Suite " + id}).want(http.StatusCreated)
	w.t.Cleanup(func() { do(w.t, "DELETE", "/_/proxy/tenants/"+id, nil).want(http.StatusNoContent, http.StatusNotFound) })
	return id
}

// clear removes the modules; it runs before the tenant goes, so what is enabled is disabled first.
func (w *world) clear() {
	w.service.ReleaseAll()
	for _, m := range w.enabled() {
		do(w.t, "POST", w.path("/install?depCheck=false&invoke=false"), []map[string]string{{"id": m, "action": "disable"}})
	}
	for _, id := range slices.Backward(w.made) {
		do(w.t, "DELETE", "/_/discovery/modules/"+id, nil).want(http.StatusNoContent, http.StatusNotFound)
		do(w.t, "DELETE", "/_/proxy/modules/"+id, nil).want(http.StatusNoContent, http.StatusNotFound)
	}
}

func (w *world) path(rest string) string { return "/_/proxy/tenants/" + w.tenant + rest }

// id is a module's id, or its product without a version.
func (w *world) id(name string) string { return w.prefix + name }

// face is an interface that a module of this world provides or needs.
func (w *world) face(name, version string) stubmodule.Interface {
	return stubmodule.Interface{ID: w.prefix + "-" + name, Version: version}
}

// register makes a module known; its id in d is the name after the world's prefix.
func (w *world) register(d stubmodule.Descriptor) string {
	w.t.Helper()
	d.ID = w.id(d.ID)
	do(w.t, "POST", "/_/proxy/modules?check=false", string(d.JSON())).want(http.StatusCreated)
	w.made = append(w.made, d.ID)
	return d.ID
}

// deploy makes a module known and says where it serves.
func (w *world) deploy(d stubmodule.Descriptor) string {
	w.t.Helper()
	id := w.register(d)
	do(w.t, "POST", "/_/discovery/modules", map[string]string{"srvcId": id, "instId": "i-" + id, "url": w.service.URL}).want(http.StatusCreated)
	return id
}

// simple deploys a module with a tenant interface that depends on nothing.
func (w *world) simple(name, tenant string) string {
	w.t.Helper()
	return w.deploy(stubmodule.Descriptor{ID: name, Tenant: tenant})
}

// enable is the body of an install that enables these.
func enable(ids ...string) []map[string]string { return act("enable", ids...) }

func disable(ids ...string) []map[string]string { return act("disable", ids...) }

func act(action string, ids ...string) []map[string]string {
	var list []map[string]string
	for _, id := range ids {
		list = append(list, map[string]string{"id": id, "action": action})
	}
	return list
}

// install calls and checks the answer's list, written as by spell.
func (w *world) install(query string, body any, status int, want ...string) reply {
	w.t.Helper()
	r := do(w.t, "POST", w.path("/install"+query), body).want(status)
	w.sameModules(r.what, r.list(), want)
	return r
}

// simulate is install?simulate=true.
func (w *world) simulate(body any, want ...string) {
	w.t.Helper()
	w.install("?simulate=true", body, http.StatusOK, want...)
}

func (w *world) sameModules(what string, modules []map[string]any, want []string) {
	w.t.Helper()
	got := []string{}
	for _, m := range modules {
		got = append(got, w.spell(m))
	}
	if want == nil {
		want = []string{}
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("%s:\n\t%s\nwant\n\t%s", what, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// spell is a module of a list in one line, without this world's prefix: "enable users-1.1.0 from users-1.0.0 [done] message". Keys
// that nobody knows are shown.
func (w *world) spell(m map[string]any) string {
	m = maps.Clone(m)
	take := func(key, format string) string {
		v, ok := m[key].(string)
		if !ok {
			return ""
		}
		delete(m, key)
		return fmt.Sprintf(format, v)
	}
	line := take("action", "%s ") + take("id", "%s") + take("from", " from %s") + take("stage", " [%s]") + take("message", " %s")
	for _, key := range slices.Sorted(maps.Keys(m)) {
		line += fmt.Sprintf(" %s=%v", key, m[key])
	}
	return strings.ReplaceAll(line, w.prefix, "")
}

// enabled are the modules of the tenant, in the API's order.
func (w *world) enabled() []string {
	w.t.Helper()
	var ids []string
	for _, m := range do(w.t, "GET", w.path("/modules"), nil).want(http.StatusOK).list() {
		id, _ := m["id"].(string)
		ids = append(ids, id)
	}
	return ids
}

// has checks which modules the tenant has; names are without the prefix.
func (w *world) has(names ...string) {
	w.t.Helper()
	want := []string{}
	for _, name := range names {
		want = append(want, w.id(name))
	}
	got := w.enabled()
	if !slices.Equal(append([]string{}, got...), want) {
		w.t.Errorf("the tenant has %v, want %v", got, want)
	}
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// begin starts an asynchronous install and returns its address, which is checked.
func (w *world) begin(query string, body any) string {
	w.t.Helper()
	return w.located(do(w.t, "POST", w.path("/install?async=true"+query), body).want(http.StatusCreated))
}

// located checks a Location and returns it as a path.
func (w *world) located(r reply) string {
	w.t.Helper()
	location := r.header.Get("Location")
	id, ok := strings.CutPrefix(location, w.path("/install/"))
	if !ok || !uuid.MatchString(id) {
		w.t.Fatalf("%s: Location %q, want %s and a UUID", r.what, location, w.path("/install/"))
	}
	return location
}

// end waits for a job and checks its modules.
func (w *world) end(location string, want ...string) map[string]any {
	w.t.Helper()
	job := w.wait(location)
	var modules []map[string]any
	for _, m := range job["modules"].([]any) {
		modules = append(modules, m.(map[string]any))
	}
	w.sameModules(location, modules, want)
	return job
}

// wait waits until a job is complete.
func (w *world) wait(location string) map[string]any {
	w.t.Helper()
	return w.until(location, "it is complete", func(job map[string]any) bool { return job["complete"] == true })
}

// until looks at a job until something is so.
func (w *world) until(location, what string, so func(map[string]any) bool) map[string]any {
	w.t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	deadline := time.After(time.Minute)
	for {
		job := do(w.t, "GET", location, nil).want(http.StatusOK).object()
		if so(job) {
			return job
		}
		select {
		case <-look.C:
		case <-deadline:
			w.t.Fatalf("%s: waited a minute until %s: %v", location, what, job)
		}
	}
}

// jobs are the ids of the tenant's jobs, in the API's order.
func (w *world) jobs(kind string) []string {
	w.t.Helper()
	ids := []string{}
	for _, job := range do(w.t, "GET", w.path("/"+kind), nil).want(http.StatusOK).list() {
		ids = append(ids, job["id"].(string))
	}
	return ids
}

func idOf(location string) string { return location[strings.LastIndex(location, "/")+1:] }

// told are the calls that the service got, one line each, without the prefix.
func (w *world) told() []string {
	lines := []string{}
	for _, c := range w.service.Told() {
		line := c.Method + " " + c.Path
		for _, key := range slices.Sorted(maps.Keys(c.Body)) {
			line += fmt.Sprintf(" %s=%v", key, c.Body[key])
		}
		lines = append(lines, strings.ReplaceAll(line, w.prefix, ""))
	}
	return lines
}

func (w *world) heard(want ...string) {
	w.t.Helper()
	if got := w.told(); !slices.Equal(got, append([]string{}, want...)) {
		w.t.Errorf("modules were told\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func escape(s string) string { return url.QueryEscape(s) }
