package presence

import (
	"encoding/json"
	"slices"
	"time"

	"cutroom/internal/live"
	"cutroom/internal/user"
)

// localSeat is a tab that has its socket here.
type localSeat struct {
	seat
	touched time.Time // when it last did something
	left    time.Time // zero while the socket is open
}

// Seat is a socket's place on an event.
type Seat struct {
	registry *Registry
	session  string
}

// Join puts somebody on an event; session names the socket and nothing else. All nodes that show the event hear of it.
func (r *Registry) Join(who user.Who, event, session string) *Seat {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	k := roomKey{who.Tenant, event}
	s := &localSeat{touched: now, seat: seat{session: session, node: r.cfg.Node, user: who.User, name: who.Name, room: k, since: now.UTC().Truncate(time.Millisecond), state: Active}}
	r.seats[session] = s
	if r.here[k] == nil {
		r.here[k] = map[string]*localSeat{}
	}
	r.here[k][session] = s
	r.changed(s)
	return &Seat{r, session}
}

// Where tells where somebody is: place is a short word for a part of the page, "" leaves it as it was. Saying the same
// again is no sign of doing anything: pages repeat it.
func (s *Seat) Where(place string, m Moment) {
	s.registry.update(s.session, func(l *localSeat) (stored bool) {
		if (place == "" || place == l.place) && sameMoment(m, l.moment) {
			return false
		}
		stored = place != "" && place != l.place || l.state != Active
		if place != "" {
			l.place = place
		}
		l.state, l.touched, l.moment = Active, time.Now(), m
		return stored
	})
}

// Touch tells that somebody did something.
func (s *Seat) Touch() {
	s.registry.update(s.session, func(l *localSeat) (stored bool) {
		stored = l.state != Active
		l.state, l.touched = Active, time.Now()
		return stored
	})
}

// Leave takes the socket away; the person is shown as away for some seconds.
func (s *Seat) Leave() {
	s.registry.update(s.session, func(l *localSeat) (stored bool) {
		l.state, l.left, l.moment = Away, time.Now(), Moment{}
		return true
	})
}

// update changes a seat whose socket is open, and tells whom it concerns.
func (r *Registry) update(session string, change func(*localSeat) (stored bool)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.seats[session]
	if l == nil || !l.left.IsZero() {
		return
	}
	before := l.moment
	if change(l) {
		r.changed(l)
	}
	if l.left.IsZero() && !sameMoment(before, l.moment) {
		r.momentChanged(l)
	}
}

// changed marks a seat to be written and wakes those who show it here. Under the lock.
func (r *Registry) changed(l *localSeat) {
	r.dirty[l.session] = l.room
	signal(r.write)
	r.rooms[l.room].wake()
}

func (r *Registry) momentChanged(l *localSeat) {
	room := r.rooms[l.room]
	room.wake()
	if room != nil && len(room.remote) > 0 {
		r.whisper(l)
	}
}

// whisper tells the other nodes a seat's moment. Under the lock.
func (r *Registry) whisper(l *localSeat) {
	raw, err := json.Marshal(l.moment)
	if err == nil {
		r.cfg.Bus.Broadcast(live.Whisper{Tenant: string(l.room.tenant), Topic: l.room.topic(), Key: l.session, Value: raw})
	}
}

func sameMoment(a, b Moment) bool {
	same := func(a, b *int64) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }
	return same(a.Playhead, b.Playhead) && same(a.Drag, b.Drag) && slices.Equal(a.Selection, b.Selection)
}
