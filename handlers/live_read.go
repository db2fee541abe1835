package handlers

import (
	"context"
	"time"

	"github.com/coder/websocket"

	"cutroom/internal/edit"
	"cutroom/views"
)

// maxTogether is how many ops of a socket go into the log in one transaction.
const maxTogether = 100

// read hears the client until the connection ends.
func (k *socket) read() {
	for {
		kind, frame, err := k.conn.Read(context.Background()) // ends by close
		if err != nil {
			return
		}
		k.heard(kind, frame)
	}
}

// heard deals with one frame. After too many that are no messages the socket is closed.
func (k *socket) heard(kind websocket.MessageType, frame []byte) {
	now := time.Now()
	m, ok := heard{}, false
	code := "bad-message"
	switch {
	case len(frame) > maxFrame:
		code = "too-large"
	case kind == websocket.MessageText:
		m, ok = hear(frame)
	}
	if !k.limits.messages.take(now) {
		code, ok = "too-fast", false
	}
	if ok {
		ok = k.act(m, now)
	}
	if ok {
		return
	}
	if !k.limits.strikes.take(now) {
		k.close(closeFlood)
		return
	}
	k.refuse(m.ID, code, views.T(k.ctx, "live."+code))
}

// act does what a message says; false when it is none.
func (k *socket) act(m heard, now time.Time) bool {
	switch m.Type {
	case "op":
		k.seat.Touch()
		select {
		case k.ops <- edit.Sent{ID: m.ID, Base: m.Base, Op: m.Op}:
		case <-k.ctx.Done():
		}
		return true
	case "where":
		moment, ok := m.moment()
		if !ok || len(m.Place) > 40 {
			return false
		}
		if k.limits.wheres.take(now) {
			k.seat.Where(m.Place, moment)
		}
		return true
	case "pen":
		k.refuse(m.ID, "no-pen", views.T(k.ctx, "live.no-pen"))
		return true
	}
	return false
}

func (k *socket) refuse(id, code, message string) {
	k.put(encode(sayRefuse{"refuse", id, code, message}))
}

// submit puts the reader's ops into the log, as many at once as there are.
func (k *socket) submit() {
	for first := range k.ops {
		sent := []edit.Sent{first}
	more:
		for len(sent) < maxTogether {
			select {
			case op, open := <-k.ops:
				if !open {
					break more
				}
				sent = append(sent, op)
			default:
				break more
			}
		}
		k.commit(sent)
	}
}

// commit answers ops, after they are in the log. What is new there is answered by the hub, in the order of the log.
func (k *socket) commit(sent []edit.Sent) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(k.ctx), 10*time.Second)
	defer cancel()
	done, err := k.sockets.edits.Submit(ctx, k.person(), k.session, k.event, sent)
	if err != nil {
		// Nothing is known of these ops: no answer, and the client sends them again when it is back.
		k.sockets.log.Warn("ops of a socket were not taken", "tenant", k.hub.key.tenant, "event", k.event, "err", err)
		k.close(closingOf(err))
		return
	}
	fresh := map[string]bool{}
	for _, op := range done.Ops {
		fresh[op.ID] = true
	}
	for _, r := range done.Results {
		switch {
		case r.Code != "":
			k.refuse(r.ID, r.Code, views.T(k.ctx, "edit."+r.Code))
		case !fresh[r.ID]:
			k.put(ackFrame(r.ID, r.Rev))
		}
	}
}
