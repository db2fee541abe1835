package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"cutroom/internal/dbtest"
	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/live"
	"cutroom/internal/presence"
	"cutroom/internal/run"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// liveNode is one node of a cluster under test, whole but for jobs and files.
type liveNode struct {
	*Server
	url  string
	stop func() // may be called early, once
}

// newLiveNode starts a node on a database. change may shorten times.
func newLiveNode(t testing.TB, dsn, name string, change func(*Server)) *liveNode {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	db := &tenant.DB{Pool: pool}
	_, err = pool.Exec(context.Background(), `insert into cutroom.node (name, roles, version, heartbeat_at) values ($1, '{pages}', 'test', now() + interval '1 hour')`, name)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	bus := live.New(live.Config{DSN: dsn, Pool: pool, Log: log})
	public, _ := url.Parse("http://localhost:8080")
	edits := &edit.Store{DB: db, Bus: bus}
	s := &Server{DB: db, Users: user.New(db, bus), Events: &event.Store{DB: db, Bus: bus}, Edits: edits, Runs: &run.Store{DB: db, Bus: bus, Edits: edits}, Bus: bus, Log: log,
		Presence: presence.New(presence.Config{DB: db, Bus: bus, Node: name, Away: 200 * time.Millisecond, Log: log}),
		Config:   Config{PublicURL: public, Secret: []byte("a secret of the tests"), Node: name}}
	if err := s.prepare(); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(s)
	}
	api, err := s.apiHandler()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /api/v1/events/{id}/live", s.adapt(route{"GET /api/v1/events/{id}/live", open, s.live}))
	mux.Handle("/api/", api)
	server := httptest.NewServer(s.before(mux))
	bus.Start(context.Background())
	s.Presence.Start(context.Background())
	var once sync.Once
	n := &liveNode{Server: s, url: server.URL, stop: func() {
		once.Do(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			s.CloseSockets(ctx, 0)
			server.Close()
			s.Presence.Stop()
			bus.Stop()
			pool.Close()
		})
	}}
	t.Cleanup(n.stop)
	select {
	case <-bus.Ready():
	case <-time.After(10 * time.Second):
		t.Fatal("the bus does not listen")
	}
	return n
}

// liveSetup is a database with the event "e" of 30 s, which ben and chloe may write and vera may read, and their tokens.
func liveSetup(t testing.TB) (dsn string, tokens map[string]string) {
	t.Helper()
	dsn = dbtest.DSN(t)
	pool, err := pgxpool.New(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	db := &tenant.DB{Pool: pool}
	users := user.New(db, live.Discard{})
	tokens = map[string]string{}
	for name, role := range map[string]string{"ada": "admin", "ben": "editor", "chloe": "editor", "vera": "viewer", "dora": "editor"} {
		tokens[name] = newLiveToken(t, users, name, role)
	}
	err = db.Tx(context.Background(), dbtest.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), `
			insert into event (id, title, owner, created_by, state, duration) values ('e', 'Lecture', 'ben', 'ben', 'ready', 30000);
			insert into event_acl (event_id, role, action) values ('e', 'ROLE_USER_BEN', 'write'), ('e', 'ROLE_USER_CHLOE', 'write'), ('e', 'ROLE_USER_VERA', 'read');
			insert into asset (id, event_id, kind, flavor, mime_type, size, checksum, source, internal, path, duration, streams) values
			  ('a', 'e', 'track', 'presenter/source', 'video/mp4', 9, 'sha256:'||repeat('0', 64), true, true, 'a', 30000, '[{"kind":"video","frameRate":25},{"kind":"audio"}]')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return dsn, tokens
}

func newLiveToken(t testing.TB, users *user.Store, name, role string) string {
	t.Helper()
	system := user.System(dbtest.Tenant)
	if _, err := users.Ensure(context.Background(), system, user.NewPerson{Name: name, Role: role}); err != nil {
		t.Fatal(err)
	}
	_, secret, err := users.CreateToken(context.Background(), system, name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// tab is an open socket that keeps all it hears.
type tab struct {
	testing.TB
	conn    *websocket.Conn
	mu      sync.Mutex
	heard   []message
	changed chan struct{} // closed and made anew with each message
	code    websocket.StatusCode
	at      map[string]time.Time // of ops and acks, by id
}

type message struct {
	Type    string
	ID      string
	Rev     edit.Rev
	Code    string
	Message string
	Ops     []edit.Logged
	State   *edit.State
	You     sayYou
	Mode    string
	Editors []presence.Editor
	Fields  []string
	Run     liveRun
}

// openTab opens a socket; path may carry ?since=.
func openTab(t testing.TB, n *liveNode, token, path string, headers ...string) *tab {
	t.Helper()
	conn, answer, err := dialTab(n, token, path, headers...)
	if err != nil {
		t.Fatalf("no socket: %v %v", err, answer)
	}
	b := &tab{TB: t, conn: conn, changed: make(chan struct{}), at: map[string]time.Time{}}
	conn.SetReadLimit(8 << 20)
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.listen()
	}()
	t.Cleanup(func() { _ = conn.CloseNow(); <-done })
	return b
}

func dialTab(n *liveNode, token, path string, headers ...string) (*websocket.Conn, *http.Response, error) {
	h := http.Header{"Authorization": {"Bearer " + token}}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		h.Set(name, value)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return websocket.Dial(ctx, n.url+"/api/v1/events/"+path, &websocket.DialOptions{Subprotocols: []string{subprotocol}, HTTPHeader: h})
}

func (b *tab) listen() {
	for {
		_, frame, err := b.conn.Read(context.Background())
		b.mu.Lock()
		if err != nil {
			b.code = max(websocket.CloseStatus(err), 1)
		} else {
			var m message
			if err := json.Unmarshal(frame, &m); err != nil {
				b.Errorf("%s: %v", frame, err)
			}
			b.heard = append(b.heard, m)
			b.at[m.ID] = time.Now()
			for _, op := range m.Ops {
				b.at[op.ID] = time.Now()
			}
		}
		close(b.changed)
		b.changed = make(chan struct{})
		b.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// until waits until look finds something among all that was heard.
func (b *tab) until(what string, look func([]message) bool) {
	b.Helper()
	end := time.After(10 * time.Second)
	for {
		b.mu.Lock()
		found, changed, code := look(b.heard), b.changed, b.code
		b.mu.Unlock()
		if found {
			return
		}
		if code != 0 {
			b.Fatalf("closed with %d before: %s", code, what)
		}
		select {
		case <-changed:
		case <-end:
			b.Fatalf("did not come: %s; heard %+v", what, b.heard)
		}
	}
}

// first waits for the first message that fits.
func (b *tab) first(what string, fits func(message) bool) (found message) {
	b.Helper()
	b.until(what, func(all []message) bool {
		for _, m := range all {
			if fits(m) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

func (b *tab) hello() message {
	b.Helper()
	return b.first("hello", func(m message) bool { return m.Type == "hello" })
}

func (b *tab) say(text string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := b.conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		b.Logf("not sent: %v", err)
	}
}

// op sends one and waits for its answer.
func (b *tab) op(id, op string) message {
	b.Helper()
	b.say(fmt.Sprintf(`{"type":"op","id":%q,"base":0,"op":%s}`, id, op))
	return b.first("answer to "+id, func(m message) bool { return m.ID == id && (m.Type == "ack" || m.Type == "refuse") })
}

func (b *tab) closed() websocket.StatusCode {
	b.Helper()
	end := time.After(10 * time.Second)
	for {
		b.mu.Lock()
		code, changed := b.code, b.changed
		b.mu.Unlock()
		if code != 0 {
			return code
		}
		select {
		case <-changed:
		case <-end:
			b.Fatal("the socket stays open")
		}
	}
}

func (b *tab) sees(name, state string) {
	b.Helper()
	b.until(name+" "+state, func(all []message) bool {
		for i := len(all) - 1; i >= 0; i-- {
			if all[i].Type != "editors" {
				continue
			}
			for _, e := range all[i].Editors {
				if e.User == name {
					return string(e.State) == state
				}
			}
			return state == ""
		}
		return false
	})
}

// log is all that a tab was told of the log, in order: ops as they are, its own as acks.
func (b *tab) log() (revs []edit.Rev, ids map[edit.Rev]string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ids = map[edit.Rev]string{}
	add := func(rev edit.Rev, id string) {
		revs = append(revs, rev)
		ids[rev] = id
	}
	for _, m := range b.heard {
		if m.Type == "ack" {
			add(m.Rev, m.ID)
		}
		for _, op := range m.Ops {
			add(op.Rev, op.ID)
		}
	}
	return revs, ids
}

func readMessage(frame []byte) (m message) {
	_ = json.Unmarshal(frame, &m)
	return m
}
