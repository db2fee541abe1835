package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/install"
	"cutroom/internal/live"
	"cutroom/internal/presence"
	"cutroom/internal/run"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// sockets are the open sockets of this node. Those of one event share a hub, which asks the database once for all of them.
//
// A socket has four goroutines: one reads frames, one puts ops into the log, one writes, one keeps it alive and asks
// whether its person still may. Nothing that is sent is made in the reader: it waits in a bounded queue for the writer.
type sockets struct {
	socketParts

	mu       sync.Mutex
	hubs     map[hubKey]*hub
	all      map[*socket]struct{}
	draining bool
	wg       sync.WaitGroup // hubs and sockets
}

// socketParts are what sockets work with.
type socketParts struct {
	edits     *edit.Store
	presence  *presence.Registry
	bus       subscriber
	findEvent func(ctx context.Context, who user.Who, id event.ID, right event.Right) (event.Event, error)
	changedBy func(ctx context.Context, who user.Who, id event.ID) (*sayYou, error) // who changed the metadata last; nil: nobody knows
	latestRun func(ctx context.Context, who user.Who, ids []event.ID) (map[event.ID]run.Run, error)
	again     func(ctx context.Context, who user.Who) (user.Who, error) // the same session or token, with the rights of now
	log       *slog.Logger
	times     socketTimes
}

// subscriber is the hearing end of the bus.
type subscriber interface {
	Subscribe(tenant, topic string) (<-chan live.Notice, func())
}

// newSockets makes the sockets of a node.
func newSockets(parts socketParts) *sockets {
	parts.times = parts.times.orDefault()
	return &sockets{socketParts: parts, hubs: map[hubKey]*hub{}, all: map[*socket]struct{}{}}
}

// socketsOf makes the sockets of a server. Without a bus that hears, they hear of their own node alone.
func socketsOf(s *Server) *sockets {
	bus, ok := s.Bus.(subscriber)
	if !ok {
		bus = live.Discard{}
	}
	k := newSockets(socketParts{edits: s.Edits, presence: s.Presence, bus: bus, findEvent: s.Events.Find, changedBy: s.changedBy, latestRun: s.Runs.Latest, again: s.editorAgain, log: s.Log})
	if s.Edits != nil {
		s.Edits.Wrote = k.wrote
	}
	return k
}

// editorAgain finds who somebody is now; a fault Forbidden where the tenant's editor was switched off meanwhile.
func (s *Server) editorAgain(ctx context.Context, who user.Who) (user.Who, error) {
	if t, err := s.tenants.byID(ctx, who.Tenant); err == nil && !t.Has(install.Editor) {
		return who, editorOff()
	}
	return s.Users.Again(ctx, who)
}

// live answers GET /api/v1/events/{id}/live.
func (s *Server) live(w http.ResponseWriter, r *http.Request) error {
	who := s.who(r)
	if !who.SignedIn() {
		return needSignIn()
	}
	if !who.May(user.ScopeWrite) { // a GET that writes
		return fault.Newf(fault.Forbidden, "error.scope-missing", "This token lacks the scope %s.", user.ScopeWrite).With(map[string]any{"Scope": user.ScopeWrite})
	}
	return s.sockets.open(w, r, who)
}

// CloseSockets takes no new sockets and closes the open ones, staggered over some time. Call it when the node goes away,
// before presence and bus stop. Pages that listen are let go first: they come back elsewhere by themselves.
func (s *Server) CloseSockets(ctx context.Context, over time.Duration) {
	s.pulses.stop()
	s.sockets.drain(ctx, over)
}

// socketTimes are those of LIVE.md, shorter in tests.
type socketTimes struct{ ping, recheck, write, gather time.Duration }

func (t socketTimes) orDefault() socketTimes {
	def := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	def(&t.ping, 25*time.Second)
	def(&t.recheck, time.Minute)
	def(&t.write, 5*time.Second)
	def(&t.gather, 40*time.Millisecond)
	return t
}

type hubKey struct {
	tenant tenant.ID
	event  event.ID
}

// subprotocol names the messages of this version.
const subprotocol = "cutroom.v1"

const (
	maxFrame = 32 << 10 // bytes of a frame that is read
	maxRead  = 1 << 20  // bytes of a frame after which the connection is cut
)

// open answers GET /api/v1/events/{id}/live until the socket closes. Who may not write the event is refused before the
// upgrade: 404 or 403.
func (s *sockets) open(w http.ResponseWriter, r *http.Request, who user.Who) error {
	id := event.ID(r.PathValue("id"))
	since, err := sinceOf(r)
	if err != nil {
		return err
	}
	if err := ownOrigin(r); err != nil {
		return err
	}
	now, err := s.edits.Load(r.Context(), who, id)
	if err != nil {
		return err
	}
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return fault.New(fault.Malformed, "error.socket-only", "This address answers WebSockets only.")
	}
	k, release := s.admit()
	if !k {
		return fault.New(fault.Unavailable, "live.drain", "This node is going away. The connection comes back by itself.")
	}
	defer release()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return nil // it has answered
	}
	conn.SetReadLimit(maxRead)
	// The request's context ends with the handler; a done context would cut the connection.
	s.serve(context.WithoutCancel(r.Context()), conn, who, id, now, since)
	return nil
}

// admit counts a new socket, unless the node drains.
func (s *sockets) admit() (admitted bool, release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return false, nil
	}
	s.wg.Add(1)
	return true, s.wg.Done
}

// sinceOf reads ?since=REV; -1 when it is absent.
func sinceOf(r *http.Request) (edit.Rev, error) {
	given := r.URL.Query().Get("since")
	if given == "" {
		return -1, nil
	}
	n, err := strconv.ParseInt(given, 10, 64)
	if err != nil || n < 0 {
		return 0, fault.New(fault.Malformed, "error.parameters", "since: has to be a rev.").
			WithFields(fault.Field{Path: "/since", Rule: "Parameter", Message: "has to be a rev"})
	}
	return edit.Rev(n), nil
}

// ownOrigin refuses browsers' pages of other sites: they would come with the visitor's cookie.
func ownOrigin(r *http.Request) error {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	u, err := url.Parse(origin)
	if err != nil || !strings.EqualFold(u.Host, r.Host) {
		return fault.New(fault.Forbidden, "error.cross-origin", "This request came from another site.")
	}
	return nil
}
