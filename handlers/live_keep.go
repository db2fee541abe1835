package handlers

import (
	"context"
	"time"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// keep pings, and asks again who this is: at once when the session, the person or the tenant changed, else
// each minute.
func (k *socket) keep() {
	who := k.person()
	session, stop := k.sockets.bus.Subscribe(string(who.Home()), "session:"+who.Session)
	defer stop()
	tenants, stop := k.sockets.bus.Subscribe(string(who.Tenant), tenant.Topic)
	defer stop()
	ping, recheck := time.NewTicker(k.sockets.times.ping), time.NewTicker(k.sockets.times.recheck)
	defer ping.Stop()
	defer recheck.Stop()
	k.recheck() // what ended while the socket opened was told before anybody listened
	for {
		select {
		case <-k.ctx.Done():
			return
		case <-session:
			k.recheck()
		case <-tenants:
			k.recheck()
		case <-recheck.C:
			k.recheck()
		case <-ping.C:
			ctx, cancel := context.WithTimeout(k.ctx, k.sockets.times.write)
			err := k.conn.Ping(ctx)
			cancel()
			if err != nil && k.ctx.Err() == nil {
				_ = k.conn.CloseNow()
				return
			}
		}
	}
}

// recheck closes the socket of somebody who is signed out or may not write any more. When the database cannot say, it
// stays open: each op asks anyway.
func (k *socket) recheck() {
	ctx, cancel := context.WithTimeout(k.ctx, 10*time.Second)
	defer cancel()
	who, err := k.sockets.again(ctx, k.person())
	if err == nil {
		k.mu.Lock()
		k.who = who
		k.mu.Unlock()
		_, err = k.sockets.findEvent(ctx, who, k.event, event.ToWrite)
	}
	switch fault.KindOf(err) {
	case fault.NotFound:
		// To somebody without rights an event is as if it were not there; their socket is told which of the two it is.
		if _, err := k.sockets.findEvent(ctx, user.System(who.Tenant), k.event, event.ToRead); err == nil {
			k.close(closeForbidden)
			return
		}
		k.close(closeDeleted)
	case fault.Unauthorized, fault.Forbidden:
		k.close(closingOf(err))
	}
}
