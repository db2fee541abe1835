package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cutroom/internal/live"
)

// listener is an open socket that keeps every frame as it came.
type listener struct {
	testing.TB
	conn    *websocket.Conn
	mu      sync.Mutex
	frames  []string
	changed chan struct{}
}

// listen opens a socket of a house's event on a node.
func listen(t testing.TB, url string, h *house, id string) *listener {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	conn, answer, err := websocket.Dial(ctx, url+"/api/v1/events/"+id+"/live", &websocket.DialOptions{Host: h.host, Subprotocols: []string{subprotocol},
		HTTPHeader: http.Header{"Authorization": {"Bearer " + h.token}}})
	if err != nil {
		t.Fatalf("no socket: %v %v", err, answer)
	}
	conn.SetReadLimit(8 << 20)
	l, done := &listener{TB: t, conn: conn, changed: make(chan struct{})}, make(chan struct{})
	go func() {
		defer close(done)
		for {
			_, frame, err := conn.Read(context.Background())
			if err != nil {
				return
			}
			l.mu.Lock()
			l.frames = append(l.frames, string(frame))
			close(l.changed)
			l.changed = make(chan struct{})
			l.mu.Unlock()
		}
	}()
	t.Cleanup(func() { _ = conn.CloseNow(); <-done })
	l.until(`"hello"`)
	return l
}

func (l *listener) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.frames, "\n")
}

// until waits for a frame that holds all these words.
func (l *listener) until(words ...string) {
	l.Helper()
	end := time.After(15 * time.Second)
	for {
		l.mu.Lock()
		changed := l.changed
		for _, frame := range l.frames {
			found := true
			for _, word := range words {
				found = found && strings.Contains(frame, word)
			}
			if found {
				l.mu.Unlock()
				return
			}
		}
		l.mu.Unlock()
		select {
		case <-changed:
		case <-end:
			l.Fatalf("no frame with %q came, but: %s", words, l.all())
		}
	}
}

func (l *listener) say(text string) {
	l.Helper()
	ctx, cancel := context.WithTimeout(l.Context(), 10*time.Second)
	defer cancel()
	if err := l.conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		l.Error(err)
	}
}

// Two houses edit an event of the same id at the same time, each on two nodes, under the same names: each hears all of its
// own and nothing of the other: no change, no person, no playhead, no metadata, no run.
func TestIsolationOfSockets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second := newLiveNode(t, w.dsn, "n3", nil)
	tabs := map[*house][]*listener{}
	for _, h := range []*house{w.alpha, w.beta} {
		tabs[h] = []*listener{listen(t, w.url, h, "shared"), listen(t, second.url, h, "shared")}
	}
	for round := range 2 {
		for n, h := range []*house{w.alpha, w.beta} {
			says, said := fmt.Sprint("Says", h.mark, round), fmt.Sprint(7000+1000*n+round)
			tabs[h][0].say(fmt.Sprintf(`{"type":"op","id":%q,"base":2,"op":{"kind":"chapter","id":"c","at":1000,"title":%q}}`, "same-id-"+fmt.Sprint(round), says))
			tabs[h][0].say(`{"type":"where","place":"` + h.mark + `","playhead":` + said + `}`)
			for _, tab := range tabs[h] {
				if tab != tabs[h][0] {
					tab.until(`"ops"`, says)
				}
				tab.until(`"editors"`, h.mark, said)
			}
			header := http.Header{"Authorization": {"Bearer " + h.token}, "Content-Type": {mergePatch}}
			if status, text := w.ask(t, h.host, "PATCH", eventsPath+"/shared", `{"title":"`+says+`"}`, header); status != http.StatusOK {
				t.Fatal(text)
			}
			header.Set("Content-Type", "application/json")
			w.ask(t, h.host, "POST", eventsPath+"/shared/runs", `{"workflow":"publish"}`, header)
			for _, tab := range tabs[h] {
				tab.until(`"type":"metadata"`, `"title"`)
				tab.until(`"type":"run"`)
			}
		}
	}
	for _, h := range []*house{w.alpha, w.beta} {
		for i, tab := range tabs[h] {
			other := w.other(h)
			if heard := tab.all(); other.leaks(heard, "") || strings.Contains(heard, string(other.id)) {
				t.Errorf("tab %d of %s heard of %s: %s", i, h.id, other.id, heard)
			}
		}
		_, text := w.ask(t, h.host, "GET", eventsPath+"/shared/editors", "", http.Header{"Authorization": {"Bearer " + h.token}})
		if !strings.Contains(text, h.mark) || w.other(h).leaks(text, "") || strings.Count(text, `"user":`) != 1 {
			t.Errorf("here are %s", text)
		}
	}
	w.endsSessionsOfOneHouse(t, tabs)
}

// endsSessionsOfOneHouse: the token of the same person next door lives on, and so do its sockets.
func (w *world) endsSessionsOfOneHouse(t *testing.T, tabs map[*house][]*listener) {
	t.Helper()
	if err := w.Users.RevokeToken(t.Context(), w.alpha.ada(), w.alpha.tokenID); err != nil {
		t.Fatal(err)
	}
	beta := tabs[w.beta][1]
	beta.say(`{"type":"op","id":"after","base":2,"op":{"kind":"split","at":2500}}`)
	beta.until(`"ack"`, "after")
	if strings.Contains(tabs[w.alpha][0].all(), `"after"`) {
		t.Error("the other house heard it")
	}
}

// Notices and whispers go to those of their own tenant, on this node and on others, whatever the topic is called.
func TestIsolationOfNotices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second := newLiveNode(t, w.dsn, "n3", nil)
	topics := []string{"edit:shared", "event:shared", "runs:shared", "run:done-shared", "presence:shared", "session:x", "installs", "install:x", "settings"}
	type ear struct {
		notices <-chan live.Notice
		topic   string
	}
	var theirs, ours []ear
	for _, bus := range []*live.Bus{w.Bus.(*live.Bus), second.Bus.(*live.Bus)} {
		for _, topic := range topics {
			for _, h := range []*house{w.alpha, w.beta} {
				notices, stop := bus.Subscribe(string(h.id), topic)
				defer stop()
				if h == w.alpha {
					ours = append(ours, ear{notices, topic})
				} else {
					theirs = append(theirs, ear{notices, topic})
				}
			}
		}
	}
	for i, topic := range topics {
		w.Bus.Publish(live.Notice{Tenant: string(w.alpha.id), Topic: topic, Rev: int64(i + 1)})
	}
	end := time.After(10 * time.Second)
	for _, e := range ours {
		select {
		case n := <-e.notices:
			if n.Tenant != string(w.alpha.id) || n.Topic != e.topic {
				t.Errorf("%s heard %+v", e.topic, n)
			}
		case <-end:
			t.Fatalf("nothing came on %s", e.topic)
		}
	}
	for _, e := range theirs {
		select {
		case n := <-e.notices:
			t.Errorf("the other house's %s heard %+v", e.topic, n)
		default:
		}
	}
}
