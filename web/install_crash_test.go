package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cutroom/internal/postgres"
)

// preparing is an outside service that stands for many modules; a test says for each tenant and module how it behaves.
type preparing struct {
	mu    sync.Mutex
	posts map[string]int           // how often a module was told about a tenant
	asked map[string]int           // how often somebody asked for its job
	hangs map[string]chan struct{} // the first call gets no answer until this is closed
	jobs  map[string]bool          // it answers with a job; true: the job is complete
	no    map[string]string        // it refuses, with this text
	then  map[string]func()        // what happens as soon as its first answer is out
}

func newPreparing() *preparing {
	return &preparing{posts: map[string]int{}, asked: map[string]int{}, hangs: map[string]chan struct{}{}, jobs: map[string]bool{}, no: map[string]string{}, then: map[string]func(){}}
}

func (p *preparing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	p.mu.Lock()
	defer p.mu.Unlock()
	switch r.Method {
	case http.MethodPost:
		var body struct {
			To string `json:"module_to"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		what := r.Header.Get("X-Okapi-Tenant") + " " + body.To
		p.posts[what]++
		if hang := p.hangs[what]; hang != nil && p.posts[what] == 1 {
			p.mu.Unlock()
			<-hang
			p.mu.Lock()
		}
		if text := p.no[what]; text != "" {
			http.Error(w, text, http.StatusForbidden)
			return
		}
		if _, job := p.jobs[what]; !job {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		id := strings.ReplaceAll(what, " ", "+")
		w.Header().Set("Location", "/_/tenant/"+id)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"id":%q}`, id)
		if then := p.then[what]; then != nil && p.posts[what] == 1 {
			_ = http.NewResponseController(w).Flush()
			then()
		}
	case http.MethodGet:
		id := strings.TrimPrefix(r.URL.Path, "/_/tenant/")
		what := strings.ReplaceAll(id, "+", " ")
		p.asked[what]++
		fmt.Fprintf(w, `{"id":%q,"complete":%v}`, id, p.jobs[what])
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

func (p *preparing) count(of map[string]int, what string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return of[what]
}

func (p *preparing) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// crashCluster is a product on a Postgres of the test's own: everything in it may be killed.
type crashCluster struct {
	*installation
	database *postgres.Server
	folder   string
}

func newCrashCluster(t *testing.T) *crashCluster {
	t.Helper()
	dir, err := os.MkdirTemp("", "cutroom-crash")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL runs as another user when we are root
		t.Fatal(err)
	}
	c := &crashCluster{installation: &installation{t: t, data: filepath.Join(dir, "data"), base: "http://localhost"}, folder: filepath.Join(dir, "postgres")}
	c.startDatabase()
	t.Cleanup(func() { c.database.Stop() })
	c.more = []string{"CUTROOM_DATABASE_URL=" + c.database.DSN(), "CUTROOM_STORAGE_URL=file://" + filepath.Join(dir, "storage"), "CUTROOM_SECRET=" + strings.Repeat("s", 40)}
	for _, args := range [][]string{{"migrate"}, {"user", "create", "--operator", "olga"}} {
		if _, errs, code := c.cutroom(args...); code != 0 {
			t.Fatalf("%v: %s", args, errs)
		}
	}
	return c
}

func (c *crashCluster) startDatabase() {
	c.t.Helper()
	var err error
	if c.database, err = postgres.Start(c.t.Context(), postgres.Options{Dir: c.folder}); err != nil {
		c.t.Fatal(err)
	}
}

// installJob is what Okapi's API says of a job, with everything.
type installJob struct {
	Complete bool
	Status   string
	EndDate  string
	Modules  []struct{ ID, Stage, Status, Message string }
}

// look reads a job and what the tenant has, and fails when they contradict each other or themselves.
func (o *okapi) look(path string) installJob {
	o.t.Helper()
	var job installJob
	text, _ := o.call("GET", path+"?full=true", nil, http.StatusOK)
	if err := json.Unmarshal(text, &job); err != nil {
		o.t.Fatal(err)
	}
	var has []struct{ ID string }
	text, _ = o.call("GET", path[:strings.Index(path, "/install/")]+"/modules", nil, http.StatusOK)
	if err := json.Unmarshal(text, &has); err != nil {
		o.t.Fatal(err)
	}
	if job.Complete != (job.EndDate != "") || job.Complete != slices.Contains([]string{"done", "error", "aborted"}, job.Status) {
		o.t.Errorf("%s contradicts itself: %s", path, text)
	}
	for _, m := range job.Modules {
		if m.Stage == "done" && m.Message == "" && !slices.ContainsFunc(has, func(h struct{ ID string }) bool { return h.ID == m.ID }) {
			o.t.Errorf("%s says that %s is done, but the tenant has not got it", path, m.ID)
		}
	}
	return job
}

func (o *okapi) done(path string) {
	o.t.Helper()
	var job installJob
	waitFor(o.t, path+" to be complete", 90*time.Second, func() bool { job = o.look(path); return job.Complete })
	if job.Status != "done" {
		o.t.Errorf("%s ended as %+v", path, job)
	}
}

func (o *okapi) begin(tenant string, modules ...map[string]any) (path string) {
	o.t.Helper()
	_, path = o.call("POST", "/_/proxy/tenants/"+tenant+"/install?async=true", modules, http.StatusCreated)
	return path
}

func TestInstallsOutliveWhatIsKilled(t *testing.T) {
	t.Parallel()
	c := newCrashCluster(t)
	pages := c.node("serve", "pages-1")
	first := c.node("work", "jobs-1")
	o := c.okapi(pages.base)
	p := newPreparing()
	modules := o.modules("mod", 4, p)
	name := func(tenant string, n int) string { return tenant + " " + modules[n]["id"].(string) }
	for _, id := range []string{"before", "during", "after", "between", "answered", "rest"} {
		o.tenant(id)
	}

	// Killed while a module is being told, while its own job runs, with another module done before, and, where the kill comes
	// from, with the answer that a job has begun on its way; and one install has only just been asked for.
	hang := make(chan struct{})
	defer close(hang)
	p.hangs[name("during", 0)], p.jobs[name("after", 0)], p.hangs[name("between", 1)] = hang, false, hang
	during, after, between := o.begin("during", modules[0]), o.begin("after", modules[0]), o.begin("between", modules[0], modules[1])
	queued := o.begin("during", modules[2])
	waitFor(t, "the modules' calls", 30*time.Second, func() bool {
		return p.count(p.posts, name("during", 0)) == 1 && p.count(p.asked, name("after", 0)) > 0 && p.count(p.posts, name("between", 1)) == 1
	})
	if job := o.look(queued); job.Status != "queued" {
		t.Errorf("the second install of a tenant is %+v while the first one runs", job)
	}
	p.set(func() {
		p.jobs[name("answered", 0)] = false
		p.then[name("answered", 0)] = func() { _ = first.cmd.Process.Kill() }
	})
	answered, before := o.begin("answered", modules[0]), o.begin("before", modules[0])
	<-first.done
	second := c.node("work", "jobs-2")
	waitFor(t, "another node to ask for the module's own job", 60*time.Second, func() bool {
		asked := p.count(p.asked, name("after", 0))
		<-time.After(1500 * time.Millisecond)
		return p.count(p.asked, name("after", 0)) > asked
	})
	if job := o.look(after); job.Complete {
		t.Errorf("a job is complete before its module is: %+v", job)
	}
	p.set(func() { p.jobs[name("after", 0)], p.jobs[name("answered", 0)] = true, true })
	for _, path := range []string{before, during, after, between, queued, answered} {
		o.done(path)
	}
	for what, want := range map[string]int{name("after", 0): 1, name("between", 0): 1, name("between", 1): 2, name("during", 0): 2, name("during", 2): 1} {
		if got := p.count(p.posts, what); got != want {
			t.Errorf("%s was told %d times instead of %d", what, got, want)
		}
	}

	// An answer that never was written down is asked for again: that is Okapi's rule for calls. Not more often than that.
	for what, most := range map[string]int{name("answered", 0): 2, name("before", 0): 2} {
		if got := p.count(p.posts, what); got < 1 || got > most {
			t.Errorf("%s was told %d times", what, got)
		}
	}

	// Everything is killed, Postgres ends too; later it all comes back.
	p.set(func() { p.jobs[name("rest", 0)] = false })
	all := o.begin("rest", modules[0], modules[1])
	waitFor(t, "the module's job", 30*time.Second, func() bool { return p.count(p.asked, name("rest", 0)) > 0 })
	kill(pages)
	kill(second)
	c.database.Stop()
	c.startDatabase()
	pages, third := c.node("serve", "pages-2"), c.node("work", "jobs-3")
	o.base = pages.base
	p.set(func() { p.jobs[name("rest", 0)] = true })
	o.done(all)
	if got := p.count(p.posts, name("rest", 0)); got != 1 {
		t.Errorf("after all was killed a module with a job was told %d times", got)
	}

	// Postgres is restarted under running nodes while a module takes its time.
	p.set(func() { p.jobs[name("rest", 3)] = false })
	restart := o.begin("rest", modules[3])
	waitFor(t, "the module's job", 30*time.Second, func() bool { return p.count(p.asked, name("rest", 3)) > 0 })
	c.database.Stop()
	c.startDatabase()
	pages.ready(30 * time.Second)
	p.set(func() { p.jobs[name("rest", 3)] = true })
	o.done(restart)
	if got := p.count(p.posts, name("rest", 3)); got != 1 {
		t.Errorf("after a restart of Postgres a module with a job was told %d times", got)
	}
	third.end()
}

// kill ends a process as a power cut would.
func kill(p *process) {
	_ = p.cmd.Process.Kill()
	<-p.done
}
