//go:build bench

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// complete asks for a job again and again, without a pause, until it is complete.
func (o *okapi) complete(path string) time.Time {
	o.t.Helper()
	for begun := time.Now(); time.Since(begun) < 5*time.Minute; {
		text, _ := o.call("GET", path, nil, http.StatusOK)
		var job struct {
			Complete bool
			Modules  []struct{ ID, Message string }
		}
		if err := json.Unmarshal(text, &job); err != nil {
			o.t.Fatal(err)
		}
		if job.Complete {
			for _, m := range job.Modules {
				if m.Message != "" {
					o.t.Fatalf("%s: %s", m.ID, m.Message)
				}
			}
			return time.Now()
		}
	}
	o.t.Fatalf("%s does not come to an end", path)
	return time.Time{}
}

// service is one outside service behind many modules: it answers at once, or with a job that takes a while.
type service struct {
	takes time.Duration
	mu    sync.Mutex
	jobs  map[string]time.Time // when each ends
	next  atomic.Int64
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimPrefix(r.URL.Path, "/_/tenant/")
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.Method == http.MethodPost && s.takes == 0, r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPost:
		id = strconv.FormatInt(s.next.Add(1), 10)
		s.mu.Lock()
		s.jobs[id] = time.Now().Add(s.takes)
		s.mu.Unlock()
		w.Header().Set("Location", "/_/tenant/"+id)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"id":%q,"complete":false}`, id)
	default:
		s.mu.Lock()
		ends := s.jobs[id]
		s.mu.Unlock()
		fmt.Fprintf(w, `{"id":%q,"complete":%v}`, id, time.Now().After(ends))
	}
}

// installs measures installs of outside modules that answer at once, of one that takes 10 s, of what is built in, and of a hundred
// tenants at the same time. Okapi's own figures stand beside them.
func (b *bench) installs(i *installation) {
	o := i.okapi(i.base)
	wanted := o.modules("fast", 20, &service{})
	n := 0
	fresh := func() string {
		n++
		id := fmt.Sprintf("bench%d", n)
		o.tenant(id)
		return "/_/proxy/tenants/" + id
	}
	for _, c := range []struct {
		name     string
		modules  int
		parallel int
		note     string
	}{{"1 module", 1, 1, "Okapi on Postgres: 8 ms"}, {"20 modules", 20, 1, "Okapi on Postgres: 87 ms"}, {"20 modules, parallel=5", 20, 5, "Okapi on Postgres: 47 ms"}} {
		var posted, seen []time.Duration
		t := fresh()
		for n := range 32 {
			// In turn they are enabled and disabled: both tell every module.
			for k := range c.modules {
				wanted[k]["action"] = []string{"enable", "disable"}[n%2]
			}
			begun := time.Now()
			_, location := o.call("POST", fmt.Sprintf("%s/install?async=true&parallel=%d", t, c.parallel), wanted[:c.modules], http.StatusCreated)
			if n >= 2 {
				posted = append(posted, time.Since(begun))
				seen = append(seen, o.complete(location).Sub(begun))
			} else {
				o.complete(location)
			}
		}
		if c.modules == 1 {
			b.spread("install, POST to 201 (Okapi: 4 ms)", posted)
		}
		b.spread("install, "+c.name+", POST to complete seen", seen)
		b.rows[len(b.rows)-2].Note += "; " + c.note
	}
	for k := range wanted {
		wanted[k]["action"] = "enable"
	}
	var seen []time.Duration
	for range 15 {
		t := fresh()
		begun := time.Now()
		_, location := o.call("POST", t+"/install?async=true", wanted[:1], http.StatusCreated)
		seen = append(seen, o.complete(location).Sub(begun))
	}
	b.spread("install, 1 module in a tenant made just now, POST to complete", seen)

	slow := o.modules("slow", 1, &service{takes: 10 * time.Second, jobs: map[string]time.Time{}})
	t := fresh()
	_, location := o.call("POST", t+"/install?async=true", slow, http.StatusCreated)
	begun := time.Now()
	b.add("install, end of a module's job of 10 s to complete seen", (o.complete(location).Sub(begun)-10*time.Second).Seconds()*1000, "ms", "Okapi: 2,760 ms")

	t = fresh()
	begun = time.Now()
	_, location = o.call("POST", t+"/install?async=true", []map[string]any{{"id": "cutroom-core"}, {"id": "cutroom-editor"}}, http.StatusCreated)
	b.add("install, all built-in modules", o.complete(location).Sub(begun).Seconds()*1000, "ms", "")

	var paths []string
	for range 100 {
		paths = append(paths, fresh())
	}
	begun = time.Now()
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for k := w; k < len(paths); k += 4 {
				_, location := o.call("POST", paths[k]+"/install?async=true&parallel=4", wanted[:4], http.StatusCreated)
				o.complete(location)
			}
		})
	}
	all.Wait()
	took := time.Since(begun)
	b.add("install, 100 tenants with 4 modules each, parallel=4", took.Seconds(), "s", fmt.Sprintf("4 clients; %.1f ms a tenant", took.Seconds()*10))
}

// idleTenants measures a node of its own with a thousand tenants that nobody uses.
func (b *bench) idleTenants(i *installation, ben *api) {
	o := i.okapi(i.base)
	const tenants = 1000
	begun := time.Now()
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for k := w; k < tenants; k += 4 {
				o.tenant(fmt.Sprintf("idle%d", k))
			}
		})
	}
	all.Wait()
	b.add("tenants, making one of 1,000", time.Since(begun).Seconds()*1000/tenants, "ms", "4 clients")
	begun = time.Now()
	if _, errs, code := i.cutroom("migrate"); code != 0 {
		b.t.Fatal(errs)
	}
	b.add("tenants, migrate 1,000 that are up to date", time.Since(begun).Seconds(), "s", "")
	node := i.node("serve", "node-idle")
	work := i.node("work", "node-idle-jobs")
	at := &api{b.t, node.base, ben.token}
	var times []time.Duration
	for n := range 220 {
		begun := time.Now()
		at.callHost("demo.localhost", "GET", "/events/demo-lecture", http.StatusOK)
		if n >= 20 {
			times = append(times, time.Since(begun))
		}
	}
	b.spread("event page with 1,000 tenants", times)
	before := cpuOf(b.t, node.cmd.Process.Pid) + cpuOf(b.t, work.cmd.Process.Pid)
	<-time.After(15 * time.Second)
	b.add("idle with 1,000 tenants, processor of a page node and a job node", (cpuOf(b.t, node.cmd.Process.Pid)+cpuOf(b.t, work.cmd.Process.Pid)-before)/15*100, "%", "of one core")
	b.add("idle with 1,000 tenants, memory of a page node", residentOf(b.t, node.cmd.Process.Pid), "MB", "resident")
	b.add("idle with 1,000 tenants, memory of a job node", residentOf(b.t, work.cmd.Process.Pid), "MB", "resident")
	b.add("idle with 1,000 tenants, connections of a page node", float64(connectionsOf(b.t, node.cmd.Process.Pid)), "", "to Postgres")
	b.add("idle with 1,000 tenants, connections of a job node", float64(connectionsOf(b.t, work.cmd.Process.Pid)), "", "to Postgres")
}

// callHost is call for a tenant's host.
func (a *api) callHost(host, method, path string, want int) {
	a.t.Helper()
	r, err := http.NewRequest(method, a.base+path, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	r.Host = host + a.base[strings.LastIndex(a.base, ":"):]
	r.Header.Set("Authorization", "Bearer "+a.token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		a.t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || answer.StatusCode != want {
		a.t.Fatalf("%s %s: %d %v %s", method, path, answer.StatusCode, err, text)
	}
}

// cpuOf is the processor time that a process has used, in seconds.
func cpuOf(t *testing.T, pid int) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100
}

// residentOf is the memory of a process, in MB.
func residentOf(t *testing.T, pid int) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb / 1024
		}
	}
	t.Fatal("no VmRSS")
	return 0
}

// connectionsOf counts a process's sockets to Postgres, which are those of the unix domain.
func connectionsOf(t *testing.T, pid int) int {
	t.Helper()
	table, err := os.ReadFile("/proc/net/unix")
	if err != nil {
		t.Fatal(err)
	}
	unix := map[string]bool{}
	for line := range strings.Lines(string(table)) {
		if fields := strings.Fields(line); len(fields) >= 7 {
			unix[fields[6]] = true
		}
	}
	found := 0
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		target, err := os.Readlink(file)
		if err != nil {
			continue
		}
		if inode, ok := strings.CutPrefix(target, "socket:["); ok && unix[strings.TrimSuffix(inode, "]")] {
			found++
		}
	}
	return found
}
