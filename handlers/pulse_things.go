package handlers

import (
	"context"
	"sync"
	"time"

	"cutroom/internal/event"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// pulseThing is what a page shows: a recording, a series, or no one thing.
type pulseThing struct {
	tenant tenant.ID
	event  event.ID
	series event.SeriesID
}

func (t pulseThing) named() bool { return t.event != "" || t.series != "" }

func (t pulseThing) topic() string {
	if t.event != "" {
		return "event:" + string(t.event)
	}
	return "series:" + string(t.series)
}

// pulseThings are what the open pages of this node show, each watched once however many pages show it.
type pulseThings struct {
	bus  subscriber
	load func(context.Context, pulseThing) (*thingRights, error)

	mu  *sync.Mutex
	all map[pulseThing]*watchedThing
}

func newPulseThings(bus subscriber, load func(context.Context, pulseThing) (*thingRights, error)) pulseThings {
	return pulseThings{bus: bus, load: load, mu: &sync.Mutex{}, all: map[pulseThing]*watchedThing{}}
}

// watchedThing knows who may do what with a thing. nil is no thing: nobody has a right on it, and it never changes.
type watchedThing struct {
	pages  int // that show it; guarded by pulseThings.mu
	cancel context.CancelFunc
	loaded chan struct{} // closed when it was read for the first time

	mu      sync.Mutex
	rights  *thingRights
	changed chan struct{} // closed, and made anew, when it was read again
}

// enter begins to watch a thing for a page; leave when the page is gone.
func (p pulseThings) enter(t pulseThing) (w *watchedThing, leave func()) {
	if !t.named() {
		return nil, func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if w = p.all[t]; w == nil {
		ctx, cancel := context.WithCancel(context.Background())
		w = &watchedThing{cancel: cancel, loaded: make(chan struct{}), changed: make(chan struct{})}
		p.all[t] = w
		go p.watch(ctx, t, w)
	}
	w.pages++
	return w, func() { p.leave(t, w) }
}

func (p pulseThings) leave(t pulseThing, w *watchedThing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.pages--
	if w.pages == 0 {
		delete(p.all, t)
		w.cancel()
	}
}

// watch reads a thing, and again with each notice about it. While the database is away, what was read last holds: each
// request asks for rights anyway.
func (p pulseThings) watch(ctx context.Context, t pulseThing, w *watchedThing) {
	notices, stop := p.bus.Subscribe(string(t.tenant), t.topic())
	defer stop()
	for {
		for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
			rights, err := p.load(ctx, t)
			if err == nil {
				w.put(rights)
				break
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-notices:
		}
	}
}

func (w *watchedThing) put(rights *thingRights) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rights = rights
	select {
	case <-w.loaded:
		close(w.changed)
		w.changed = make(chan struct{})
	default:
		close(w.loaded)
	}
}

// of tells the right of somebody, and gives what is closed when it may be another one. It waits for the first reading; not
// known where the page or the node went before.
func (w *watchedThing) of(ctx context.Context, drained <-chan struct{}, who user.Who) (right string, changed <-chan struct{}, known bool) {
	if w == nil {
		return rightNone, nil, true
	}
	select {
	case <-ctx.Done():
		return rightNone, nil, false
	case <-drained:
		return rightNone, nil, false
	case <-w.loaded:
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rights.of(who), w.changed, true
}
