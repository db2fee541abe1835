//go:build bench

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"
)

// bench collects figures: a table for people, JSON lines for programs.
type bench struct {
	t    *testing.T
	rows []figure
}

// figure is one line of the table.
type figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Note  string  `json:"note,omitempty"`
}

func (b *bench) add(name string, value float64, unit, note string) {
	b.rows = append(b.rows, figure{name, math.Round(value*100) / 100, unit, note})
}

// spread adds the middle and the 99th percentile of some times.
func (b *bench) spread(name string, times []time.Duration) {
	if len(times) == 0 {
		b.t.Fatalf("%s: nothing was measured", name)
	}
	slices.Sort(times)
	at := func(q float64) float64 {
		return float64(times[min(len(times)-1, int(q*float64(len(times))))].Microseconds()) / 1000
	}
	b.add(name+", p50", at(0.5), "ms", fmt.Sprintf("of %d", len(times)))
	b.add(name+", p99", at(0.99), "ms", fmt.Sprintf("worst %.1f ms", at(1)))
}

func (b *bench) print(path string) {
	fmt.Println()
	for _, r := range b.rows {
		fmt.Printf("%-58s %12.2f %-6s %s\n", r.Name, r.Value, r.Unit, r.Note)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	for _, r := range b.rows {
		if err := json.NewEncoder(f).Encode(r); err != nil {
			b.t.Fatal(err)
		}
	}
}

// TestBench measures the product as it runs: a dev process and a second node for pages. BENCH=ops,installs measures these parts alone.
func TestBench(t *testing.T) {
	b := &bench{t: t}
	i := newInstallation(t)
	ben := i.api("ben", i.base)
	waitFor(t, "the demo lecture", 5*time.Minute, func() bool { return state(ben, "demo-lecture") == "ready" && published(ben, "demo-lecture") })
	second := i.node("serve", "node-2")
	chloe := &api{t, second.base, i.api("chloe", second.base).token}

	path := os.Getenv("BENCH_OUT")
	if path == "" {
		path = filepath.Join(t.TempDir(), "bench.jsonl")
	}
	defer func() { b.print(path) }() // also of what was measured before a failure
	for _, part := range []struct {
		name    string
		measure func()
	}{
		{"pages", func() { b.pages(ben) }},
		{"presence", func() { b.presence(ben, chloe) }},
		{"ops", func() { b.ops(ben, chloe, 10, 1); b.ops(ben, chloe, 200, 5) }},
		{"ingest", func() { b.ingest(i, ben) }},
		{"publish", func() { b.publish(ben) }},
		{"installs", func() { b.installs(i) }},
		{"launches", func() { b.launches(i) }},
		{"tenants", func() { b.idleTenants(i, ben) }},
	} {
		if only := os.Getenv("BENCH"); only == "" || slices.Contains(strings.Split(only, ","), part.name) {
			part.measure()
		}
	}
}

func state(a *api, id string) string {
	var e struct{ State string }
	a.call("GET", "/api/v1/events/"+id, nil, &e, http.StatusOK)
	return e.State
}

func published(a *api, id string) bool {
	var e struct{ Assets []struct{ Internal bool } }
	a.call("GET", "/api/v1/events/"+id, nil, &e, http.StatusOK)
	return slices.ContainsFunc(e.Assets, func(x struct{ Internal bool }) bool { return !x.Internal })
}

// pages measures the editor page as a browser on the same machine gets it.
func (b *bench) pages(a *api) {
	for _, page := range []struct{ name, path string }{{"editor page", "/events/demo-lecture/edit"}, {"recordings page", "/"}} {
		var times []time.Duration
		size := 0
		for n := range 320 {
			begun := time.Now()
			r, err := http.NewRequest("GET", a.base+page.path, nil)
			if err != nil {
				b.t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+a.token)
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				b.t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if err != nil || answer.StatusCode != http.StatusOK {
				b.t.Fatalf("%s: %d %v", page.path, answer.StatusCode, err)
			}
			if n >= 20 {
				times = append(times, time.Since(begun))
			}
			size = len(body)
		}
		b.spread(page.name, times)
		b.add(page.name+", size", float64(size)/1000, "kB", "HTML, not compressed")
	}
}

// message is what sockets say, as far as it is measured.
type message struct {
	Type    string
	ID      string
	Rev     int64
	Ops     []struct{ ID string }
	Editors []struct{ Name, User, State string }
}

// socket is an open socket whose messages go to a function.
func (b *bench) socket(a *api, hear func(message, time.Time)) (say func(any), end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	c, _, err := websocket.Dial(ctx, strings.Replace(a.base, "http", "ws", 1)+"/api/v1/events/demo-lecture/live", &websocket.DialOptions{
		Subprotocols: []string{"cutroom.v1"}, HTTPHeader: http.Header{"Authorization": {"Bearer " + a.token}}})
	if err != nil {
		b.t.Fatal(err)
	}
	c.SetReadLimit(16 << 20)
	hello := make(chan struct{})
	go func() {
		for first := true; ; first = false {
			_, text, err := c.Read(ctx)
			if err != nil {
				return
			}
			at := time.Now()
			var m message
			if json.Unmarshal(text, &m) == nil {
				hear(m, at)
			}
			if first {
				close(hello)
			}
		}
	}()
	<-hello
	say = func(v any) {
		text, err := json.Marshal(v)
		if err == nil {
			err = c.Write(ctx, websocket.MessageText, text)
		}
		if err != nil {
			b.t.Error(err)
		}
	}
	return say, func() { _ = c.Close(websocket.StatusNormalClosure, ""); cancel() }
}

// presence measures how long after somebody begins to open an event another node's people see them.
func (b *bench) presence(ben, chloe *api) {
	seen := make(chan time.Time, 100)
	var mu sync.Mutex
	there := false
	_, end := b.socket(ben, func(m message, at time.Time) {
		if m.Type != "editors" {
			return
		}
		now := false
		for _, e := range m.Editors {
			now = now || e.User == "chloe" && e.State == "active"
		}
		mu.Lock()
		defer mu.Unlock()
		if now != there {
			there = now
			seen <- at
		}
	})
	defer end()
	var times []time.Duration
	for range 30 {
		begun := time.Now()
		_, leave := b.socket(chloe, func(message, time.Time) {})
		times = append(times, (<-seen).Sub(begun))
		leave()
		<-seen
	}
	b.spread("opened on a node, seen on another", times)
}

// ops measures how long after an op was sent, and acknowledged, another node's people have it, at a rate of ops a second
// spread over some sockets.
func (b *bench) ops(ben, chloe *api, rate, sockets int) {
	const seconds = 6
	var mu sync.Mutex
	sent, acked, seen := map[string]time.Time{}, map[string]time.Time{}, map[string]time.Time{}
	_, end := b.socket(chloe, func(m message, at time.Time) {
		mu.Lock()
		defer mu.Unlock()
		for _, op := range m.Ops {
			seen[op.ID] = at
		}
	})
	defer end()
	var authors sync.WaitGroup
	for n := range sockets {
		say, end := b.socket(ben, func(m message, at time.Time) {
			mu.Lock()
			defer mu.Unlock()
			if m.Type == "ack" {
				acked[m.ID] = at
			}
		})
		defer end()
		authors.Go(func() {
			tick := time.NewTicker(time.Second * time.Duration(sockets) / time.Duration(rate))
			defer tick.Stop()
			for k := range rate * seconds / sockets {
				<-tick.C
				id, start := uuid.NewString(), int64((k*sockets+n)%500)*100
				mu.Lock()
				sent[id] = time.Now()
				mu.Unlock()
				say(map[string]any{"type": "op", "id": id, "base": 0, "op": map[string]any{"kind": "cut", "start": start, "end": start + 50, "keep": k%2 == 1}})
			}
		})
	}
	authors.Wait()
	waitFor(b.t, "all ops to be seen", 20*time.Second, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(seen) >= len(sent) && len(acked) >= len(sent)
	})
	var commit, other []time.Duration
	for id, at := range sent {
		commit, other = append(commit, acked[id].Sub(at)), append(other, seen[id].Sub(at))
	}
	b.spread(fmt.Sprintf("op sent to acknowledged, %d ops/s", rate), commit)
	b.spread(fmt.Sprintf("op sent to seen on another node, %d ops/s", rate), other)
}

// slides is the demo's slides as they were uploaded.
func slides(a *api) (uri string, size int64, duration float64) {
	var e struct {
		Assets []struct {
			Flavor, URI string
			Size        int64
			Duration    float64
		}
	}
	a.call("GET", "/api/v1/events/demo-lecture", nil, &e, http.StatusOK)
	for _, x := range e.Assets {
		if x.Flavor == "presentation/source" {
			return x.URI, x.Size, x.Duration / 1000
		}
	}
	a.t.Fatal("the demo lecture has no slides")
	return "", 0, 0
}

// ingest measures from the last byte of a file until its event is ready.
func (b *bench) ingest(i *installation, ben *api) {
	uri, _, duration := slides(ben)
	r, err := http.NewRequest("GET", ben.base+uri, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+ben.token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	path := filepath.Join(b.t.TempDir(), "slides.mp4")
	f, err := os.Create(path)
	if err == nil {
		_, err = io.Copy(f, answer.Body)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	_ = f.Close()
	out, errs, code := i.cutroom("import", "--tenant", "demo", "--title", "Bench", path)
	if code != 0 {
		b.t.Fatal(errs)
	}
	begun := time.Now()
	var line struct{ Event string }
	if err := json.Unmarshal([]byte(strings.TrimSpace(out)), &line); err != nil {
		b.t.Fatal(err)
	}
	ada := i.api("ada", ben.base)
	waitFor(b.t, "the imported file", 3*time.Minute, func() bool { return state(ada, line.Event) == "ready" })
	took := time.Since(begun).Seconds()
	b.add("ingest, an hour of media", took*3600/duration, "s", fmt.Sprintf("%.1f s for %.0f s, file taken in to ready", took, duration))
}

// publish measures a run of the demo lecture with three cuts, against its length and against copying its file.
func (b *bench) publish(ben *api) {
	_, size, duration := slides(ben)
	cuts := []map[string]any{{"kind": "cut", "start": 0, "end": int64(duration * 1000), "keep": true}}
	for n := range 3 {
		at := int64(duration*1000) * int64(n+1) / 4
		cuts = append(cuts, map[string]any{"kind": "cut", "start": at, "end": at + 3000, "keep": false})
	}
	var sent []map[string]any
	for _, op := range cuts {
		sent = append(sent, map[string]any{"id": uuid.NewString(), "base": 0, "op": op})
	}
	ben.call("POST", "/api/v1/events/demo-lecture/edit/ops", sent, nil, http.StatusOK)
	begun := time.Now()
	var run struct{ ID, State string }
	ben.call("POST", "/api/v1/events/demo-lecture/runs", map[string]any{"workflow": "publish"}, &run, http.StatusAccepted)
	waitFor(b.t, "the run", 10*time.Minute, func() bool {
		ben.call("GET", "/api/v1/runs/"+run.ID, nil, &run, http.StatusOK)
		return run.State == "done" || run.State == "failed"
	})
	if run.State != "done" {
		b.t.Fatalf("the run is %s", run.State)
	}
	took := time.Since(begun).Seconds()
	b.add("publish, two tracks", took, "s", fmt.Sprintf("of %.0f s with 3 cuts", duration))
	b.add("publish, times the speed of the lecture", duration/took, "x", "")
	b.add("publish, against copying the slides' file", took/copyTime(b.t, size), "x", fmt.Sprintf("%.1f MB", float64(size)/1e6))
}

// copyTime is how long writing a file of a size, with fsync, takes here.
func copyTime(t *testing.T, size int64) float64 {
	from, to := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	if err := os.WriteFile(from, make([]byte, size), 0o644); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err == nil {
		_, err = io.Copy(out, in)
	}
	if err == nil {
		err = out.Sync()
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = out.Close()
	return time.Since(begun).Seconds()
}
