package handlers

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// pulses are the open pages of this node that hear when what they were drawn for is no longer so: somebody is signed out, or
// may do more or less than when the page was drawn. A page says what it was drawn for, its mark (see pulseMark); whatever
// happens, the answer is one message and the end of the stream, and the page loads itself again.
//
// A stream asks the database when it opens and when a notice says that its session or person changed. What becomes of a
// recording is asked once for all pages of the node that show it. A stream at rest costs its heartbeats alone.
type pulses struct {
	bus    subscriber
	again  func(context.Context, user.Who) (user.Who, error) // the same session or token, with the rights of now
	things pulseThings
	times  pulseTimes

	asking  chan struct{} // bounds how many ask who they are at once
	drain   sync.Once
	drained chan struct{} // closed when the node goes away
}

// pulseTimes are shorter in tests. A heartbeat keeps proxies from closing a stream that is silent; they do after 60 s, some
// after 30. The recheck finds what ends by itself, as a membership of a course does.
type pulseTimes struct{ beat, recheck, write time.Duration }

var defaultPulse = pulseTimes{beat: 25 * time.Second, recheck: 5 * time.Minute, write: 5 * time.Second}

// pulsesOf makes those of a server. Without a bus that hears, they hear nothing and recheck.
func pulsesOf(s *Server) *pulses {
	bus, ok := s.Bus.(subscriber)
	if !ok {
		bus = live.Discard{}
	}
	return &pulses{bus: bus, again: s.Users.Again, things: newPulseThings(bus, s.pulseRights), times: defaultPulse, asking: make(chan struct{}, 8), drained: make(chan struct{})}
}

// pulse answers GET /pulse with server-sent events (HTML, section 9.2): "signed-out" or "reload" once, then the end.
// ?seen= is the page's mark, ?event= or ?series= what the page shows.
func (s *Server) pulse(w http.ResponseWriter, r *http.Request) error {
	who, q := s.who(r), r.URL.Query()
	thing := pulseThing{tenant: who.Tenant, event: event.ID(q.Get("event")), series: event.SeriesID(q.Get("series"))}
	out := pulseStream{w, s.pulses.times.write}
	out.begin()
	if !who.SignedIn() {
		return out.say("signed-out", "")
	}
	return s.pulses.serve(r.Context(), out, who, thing, q.Get("seen"))
}

// serve looks whenever there is reason to, until the page has to be loaded again or is closed.
func (p *pulses) serve(ctx context.Context, out pulseStream, who user.Who, about pulseThing, seen string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	session, stop := p.bus.Subscribe(string(who.Home()), "session:"+who.Session)
	defer stop()
	person, stop := p.bus.Subscribe(string(who.Home()), "user:"+who.Login())
	defer stop()
	tenants, stop := p.bus.Subscribe(string(who.Tenant), tenant.Topic)
	defer stop()
	rights, leave := p.things.enter(about)
	defer leave()
	beat, recheck := time.NewTicker(p.times.beat), time.NewTimer(p.later())
	defer beat.Stop()
	defer recheck.Stop()

	ask := true // the page is older than the stream
	for {
		if ask {
			now, err := p.ask(ctx, who)
			switch kind := fault.KindOf(err); {
			case err == nil:
				who = now
				recheck.Reset(p.later())
			case kind == fault.Unauthorized:
				return out.say("signed-out", "")
			case kind == fault.NotFound: // the whole institution is gone
				return out.say("reload", "lost")
			default:
				recheck.Reset(time.Second)
			}
		}
		right, changed, known := rights.of(ctx, p.drained, who)
		switch {
		case !known:
			return nil
		case pulseMark(who, right) != seen:
			return out.say("reload", lostIf(right == rightNone && about.named()))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-p.drained:
			return nil
		case <-changed:
			ask = false
		case <-session:
			ask = true
		case <-person:
			ask = true
		case <-tenants:
			ask = true
		case <-recheck.C:
			ask = true
		case <-beat.C:
			ask = false
			if err := out.beat(); err != nil {
				return nil // the page is gone
			}
		}
	}
}

// lostIf tells the page that what it shows is not there any more for whoever sees it.
func lostIf(lost bool) string {
	if lost {
		return "lost"
	}
	return ""
}

// ask finds who somebody is now; at most a few at once, for a notice may concern all of them.
func (p *pulses) ask(ctx context.Context, who user.Who) (user.Who, error) {
	select {
	case p.asking <- struct{}{}:
	case <-ctx.Done():
		return who, ctx.Err()
	}
	defer func() { <-p.asking }()
	return p.again(ctx, who)
}

// later is when a stream that heard nothing asks all the same; not all at once.
func (p *pulses) later() time.Duration { return p.times.recheck*3/4 + rand.N(p.times.recheck/2) }

// stop ends all streams: their pages come back elsewhere, each after a moment of its own.
func (p *pulses) stop() { p.drain.Do(func() { close(p.drained) }) }

// pulseStream writes to one page.
type pulseStream struct {
	http.ResponseWriter
	patience time.Duration
}

func (s pulseStream) begin() {
	h := s.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no") // nginx would hold it back
	_ = s.write(": here\n\n")
}

func (s pulseStream) say(event, data string) error {
	_ = s.write("event: " + event + "\ndata: " + data + "\n\n")
	return nil
}

func (s pulseStream) beat() error { return s.write(":\n\n") }

func (s pulseStream) write(text string) error {
	c := http.NewResponseController(s.ResponseWriter)
	_ = c.SetWriteDeadline(time.Now().Add(s.patience)) // not every writer has one
	if _, err := io.WriteString(s.ResponseWriter, text); err != nil {
		return err
	}
	return c.Flush()
}
