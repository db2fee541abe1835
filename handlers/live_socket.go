package handlers

import (
	"context"
	"crypto/rand"
	"sync"

	"github.com/coder/websocket"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/presence"
	"cutroom/internal/user"
	"cutroom/views"
)

// fewOps is how many missed ops a hello carries; for more of them the state is shorter.
const fewOps = 500

// socket is one open tab.
type socket struct {
	sockets *sockets
	conn    *websocket.Conn
	hub     *hub
	event   event.ID
	session string          // names this socket, to everybody
	ctx     context.Context // language of its texts; done when the socket is
	cancel  context.CancelFunc
	seat    *presence.Seat
	out     *outbox
	ops     chan edit.Sent // from the reader to the log
	cursor  edit.Rev       // up to here it knows the log; guarded by hub.mu

	mu  sync.Mutex
	who user.Who

	closed  sync.Once
	closers sync.WaitGroup
	limits  limits
}

// closing is why a socket is closed.
type closing struct {
	code websocket.StatusCode
	id   string // of the text
}

var (
	closeDrain     = closing{websocket.StatusServiceRestart, "live.drain"}
	closeRestart   = closing{websocket.StatusServiceRestart, "error.database"}
	closeOverload  = closing{websocket.StatusTryAgainLater, "live.overload"}
	closeFlood     = closing{websocket.StatusPolicyViolation, "live.too-fast"}
	closeSignedOut = closing{4401, "live.signed-out"}
	closeForbidden = closing{4403, "live.no-right"}
	closeDeleted   = closing{4404, "live.deleted"}
)

// serve runs a socket until it is closed.
func (s *sockets) serve(ctx context.Context, conn *websocket.Conn, who user.Who, id event.ID, now edit.Edit, since edit.Rev) {
	ctx, cancel := context.WithCancel(ctx)
	k := &socket{sockets: s, conn: conn, event: id, who: who, session: rand.Text()[:16], ctx: ctx, cancel: cancel, out: newOutbox(), ops: make(chan edit.Sent, 64), limits: newLimits()}
	k.seat = s.presence.Join(who, string(id), k.session)
	k.hub = s.enter(hubKey{who.Tenant, id}, now.Rev)
	s.mu.Lock()
	s.all[k] = struct{}{}
	drains := s.draining
	s.mu.Unlock()

	var workers sync.WaitGroup
	workers.Go(k.write)
	workers.Go(k.submit)
	workers.Go(k.keep)
	if err := k.greet(now, since); err != nil {
		k.close(closingOf(err))
	}
	if drains {
		k.close(closeDrain)
	}
	k.read()

	s.mu.Lock()
	delete(s.all, k)
	s.mu.Unlock()
	k.hub.leave(k)
	s.exit(k.hub)
	k.seat.Leave()
	close(k.ops)
	cancel()
	k.closers.Wait()
	_ = conn.CloseNow()
	workers.Wait()
}

// greet says hello and joins the hub at the rev that the hello told.
func (k *socket) greet(now edit.Edit, since edit.Rev) error {
	who := k.person()
	hello := sayHello{Type: "hello", Rev: now.Rev, You: sayYou{k.session, who.User, who.Name}, Mode: "together"}
	if since >= 0 && since <= now.Rev && now.Rev-since <= fewOps {
		page, err := k.sockets.edits.Since(k.ctx, who, k.event, since, edit.PageSize)
		if err != nil {
			return err
		}
		if n := len(page.Ops); edit.Rev(n) == page.Rev-since {
			hello.Rev, hello.Ops = page.Rev, &page.Ops
		}
	}
	if hello.Ops == nil {
		hello.State = &now.State
	}
	k.put(encode(hello))
	k.cursor = hello.Rev
	for !k.hub.join(k) { // it has told more meanwhile
		page, err := k.sockets.edits.Since(k.ctx, who, k.event, k.cursor, edit.PageSize)
		if err != nil {
			return err
		}
		k.tell(page.Ops)
	}
	return nil
}

// tell sends ops that the socket does not know, in order: an ack for its own, the op for others'.
func (k *socket) tell(ops []edit.Logged) {
	var others []edit.Logged
	flush := func() {
		if len(others) > 0 {
			k.put(opsFrame(others))
			others = nil
		}
	}
	for _, op := range ops {
		switch {
		case op.Rev <= k.cursor:
			continue
		case op.Author.Session == k.session:
			flush()
			k.put(ackFrame(op.ID, op.Rev))
		default:
			others = append(others, op)
		}
		k.cursor = op.Rev
	}
	flush()
}

// put queues a frame; a socket that is too slow for that is closed.
func (k *socket) put(frame []byte) {
	if !k.out.put(frame) {
		k.close(closeOverload)
	}
}

func (k *socket) person() user.Who {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.who
}

// close begins to close the socket; the reader ends by it. It does not wait: the client may take seconds.
func (k *socket) close(why closing) {
	k.closed.Do(func() {
		k.closers.Go(func() {
			_ = k.conn.Close(why.code, views.T(k.ctx, why.id))
		})
	})
}

// closingOf is how a socket ends by an error that is not the client's.
func closingOf(err error) closing {
	switch fault.KindOf(err) {
	case fault.Unauthorized:
		return closeSignedOut
	case fault.Forbidden:
		return closeForbidden
	case fault.NotFound:
		return closeDeleted
	}
	return closeRestart
}

// write sends what is queued, one frame after the other.
func (k *socket) write() {
	for {
		select {
		case <-k.ctx.Done():
			return
		case <-k.out.wake:
		}
		for _, frame := range k.out.take() {
			ctx, cancel := context.WithTimeout(k.ctx, k.sockets.times.write)
			err := k.conn.Write(ctx, websocket.MessageText, frame)
			cancel()
			if err != nil {
				return // the connection is gone, which the reader sees
			}
		}
	}
}
