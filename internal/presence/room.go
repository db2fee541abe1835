package presence

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"cutroom/internal/live"
	"cutroom/internal/tenant"
)

// room is an event that this node shows.
type room struct {
	watchers map[chan struct{}]struct{}
	remote   map[string]seat  // of other nodes, by session
	moments  map[string]heard // of other nodes, as they whispered
	loaded   bool
	stale    bool
	close    func()
}

// heard is what another node whispered of a seat, and when.
type heard struct {
	moment Moment
	at     time.Time
}

// wake tells the watchers that something changed. A nil room has none.
func (m *room) wake() {
	if m == nil {
		return
	}
	for ch := range m.watchers {
		signal(ch)
	}
}

// Watch gives a channel that holds a token when the editors of an event may have changed, on whatever node. From then on
// Editors answers without the database. Call cancel when done.
func (r *Registry) Watch(t tenant.ID, event string) (changes <-chan struct{}, cancel func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := roomKey{t, event}
	m := r.rooms[k]
	if m == nil {
		m = r.open(k)
	}
	ch := make(chan struct{}, 1)
	m.watchers[ch] = struct{}{}
	return ch, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(m.watchers, ch)
		if len(m.watchers) == 0 && r.rooms[k] == m {
			delete(r.rooms, k)
			m.close()
		}
	}
}

// open begins to show an event. Under the lock.
func (r *Registry) open(k roomKey) *room {
	notices, cancel := r.cfg.Bus.Subscribe(string(k.tenant), k.topic())
	done := make(chan struct{})
	m := &room{watchers: map[chan struct{}]struct{}{}, remote: map[string]seat{}, moments: map[string]heard{}, close: func() { cancel(); close(done) }}
	r.rooms[k] = m
	r.stale(m)
	go func() {
		for {
			select {
			case <-done:
				return
			case <-notices:
				r.mu.Lock()
				r.stale(m)
				r.mu.Unlock()
			}
		}
	}()
	return m
}

// stale asks for a room's remote seats to be read again. Under the lock.
func (r *Registry) stale(m *room) {
	m.stale = true
	signal(r.load)
}

func (r *Registry) staleAll() {
	for _, m := range r.rooms {
		r.stale(m)
	}
}

// whispered takes what another node says of a seat's moment.
func (r *Registry) whispered(w live.Whisper) {
	event, ok := strings.CutPrefix(w.Topic, "presence:")
	if !ok {
		return
	}
	var moment Moment
	if err := json.Unmarshal(w.Value, &moment); err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.rooms[roomKey{tenant.ID(w.Tenant), event}]
	if m == nil {
		return
	}
	m.moments[w.Key] = heard{moment, time.Now()}
	if s, there := m.remote[w.Key]; there {
		s.moment = moment
		m.remote[w.Key] = s
		m.wake()
	}
}

// Editors gives who is on an event now, the same on every node.
func (r *Registry) Editors(ctx context.Context, t tenant.ID, event string) ([]Editor, error) {
	k := roomKey{t, event}
	r.mu.Lock()
	m := r.rooms[k]
	if m != nil && m.loaded {
		defer r.mu.Unlock()
		return faces(r.seatsOf(k, m)), nil
	}
	r.mu.Unlock()
	all, err := r.EditorsOf(ctx, t, []string{event})
	if all[event] == nil {
		return []Editor{}, err
	}
	return all[event], err
}

// seatsOf gives all seats of a room. Under the lock.
func (r *Registry) seatsOf(k roomKey, m *room) []seat {
	var all []seat
	for _, l := range r.here[k] {
		all = append(all, l.seat)
	}
	if m != nil {
		for _, s := range m.remote {
			all = append(all, s)
		}
	}
	return all
}

// EditorsOf gives who is on each of these events; those where nobody is are left out.
func (r *Registry) EditorsOf(ctx context.Context, t tenant.ID, events []string) (map[string][]Editor, error) {
	keys := make([]roomKey, len(events))
	for i, e := range events {
		keys[i] = roomKey{t, e}
	}
	remote, err := r.read(ctx, keys)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[string][]Editor{}
	for _, k := range keys {
		if seats := append(r.seatsOf(k, nil), remote[k]...); len(seats) > 0 {
			all[k.event] = faces(seats)
		}
	}
	return all, nil
}
