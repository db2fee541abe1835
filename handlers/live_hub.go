package handlers

import (
	"context"
	"math"
	"sync"
	"time"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// hub serves the sockets of one event on this node. Its goroutine alone sends them ops, so each hears them in rev order;
// acks of a socket's own ops go in the same line.
type hub struct {
	sockets *sockets
	key     hubKey
	users   int // sockets that have it; guarded by sockets.mu
	cancel  context.CancelFunc

	mu        sync.Mutex
	rev       edit.Rev // up to here ops went out
	open      map[*socket]struct{}
	committed []edit.Logged // of this node, in no order yet
	event     *event.Event  // as last seen
	editors   []byte        // frames that newcomers get
	run       []byte

	wake chan struct{} // a token: look at committed
}

// enter gives the hub of an event, made if need be. rev is one that the edit has had.
func (s *sockets) enter(k hubKey, rev edit.Rev) *hub {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hubs[k]
	if h == nil {
		ctx, cancel := context.WithCancel(context.Background())
		h = &hub{sockets: s, key: k, cancel: cancel, rev: rev, open: map[*socket]struct{}{}, wake: make(chan struct{}, 1)}
		s.hubs[k] = h
		s.wg.Go(func() { h.work(ctx) })
	}
	h.users++
	return h
}

func (s *sockets) exit(h *hub) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.users--
	if h.users == 0 {
		delete(s.hubs, h.key)
		h.cancel()
	}
}

// who the hub asks as: the sockets were let in one by one.
func (h *hub) who() user.Who { return user.System(h.key.tenant) }

// work is the hub's life: it waits for something to happen to the event and tells the sockets.
func (h *hub) work(ctx context.Context) {
	bus, t, id := h.sockets.bus, string(h.key.tenant), string(h.key.event)
	edits, stop := bus.Subscribe(t, "edit:"+id)
	defer stop()
	events, stop := bus.Subscribe(t, "event:"+id)
	defer stop()
	runs, stop := bus.Subscribe(t, "runs:"+id)
	defer stop()
	people, stop := h.sockets.presence.Watch(h.key.tenant, id)
	defer stop()

	h.looked(ctx, fewTries, h.lookAtEvent) // first: a change is told against what was seen, so whoever sees the others hears of every change after
	h.tellEditors(ctx)
	h.looked(ctx, forever, h.catchUp)
	h.looked(ctx, fewTries, h.lookAtRun)
	gather := time.NewTimer(0)
	defer gather.Stop()
	waiting := people
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
			if !h.sendOwn() {
				h.looked(ctx, forever, h.catchUp)
			}
		case n := <-edits:
			h.hearEdit(ctx, n)
		case <-events:
			h.looked(ctx, fewTries, h.lookAtEvent)
		case <-runs:
			h.looked(ctx, fewTries, h.lookAtRun)
		case <-waiting:
			h.tellEditors(ctx)
			waiting = nil // playheads move all the time: one message for many
			gather.Reset(h.sockets.times.gather)
		case <-gather.C:
			waiting = people
		}
	}
}

const (
	fewTries = 5 // for what the next notice, or a reload, tells as well
	forever  = math.MaxInt
)

// looked asks the database, and again while it cannot be reached.
func (h *hub) looked(ctx context.Context, tries int, look func(context.Context) error) {
	pause := 50 * time.Millisecond
	for range tries {
		err := look(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		h.sockets.log.Warn("sockets wait: an event cannot be read", "tenant", h.key.tenant, "event", h.key.event, "err", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, time.Second)
	}
}

// hearEdit asks for what a notice tells of, unless this node wrote all of it.
func (h *hub) hearEdit(ctx context.Context, n live.Notice) {
	h.sendOwn()
	h.mu.Lock()
	known := n.Rev != 0 && edit.Rev(n.Rev) <= h.rev
	h.mu.Unlock()
	if !known {
		h.looked(ctx, forever, h.catchUp)
	}
}

// wrote takes ops that this node has put into the log: by a socket, or by HTTP.
func (s *sockets) wrote(t tenant.ID, id event.ID, ops []edit.Logged) {
	s.mu.Lock()
	h := s.hubs[hubKey{t, id}]
	s.mu.Unlock()
	if h == nil {
		return
	}
	h.mu.Lock()
	h.committed = append(h.committed, ops...)
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// catchUp asks the log for what is new, and sends it.
func (h *hub) catchUp(ctx context.Context) error {
	for {
		h.mu.Lock()
		since := h.rev
		h.mu.Unlock()
		page, err := h.sockets.edits.Since(ctx, h.who(), h.key.event, since, edit.PageSize)
		if fault.KindOf(err) == fault.NotFound {
			h.closeAll(closeDeleted)
			return nil
		}
		if err != nil {
			return err
		}
		h.send(page.Ops)
		if len(page.Ops) == 0 || page.Ops[len(page.Ops)-1].Rev >= page.Rev {
			return nil
		}
	}
}
