package presence

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/live"
)

// pause between two writes of this node.
const pause = 5 * time.Millisecond

// change is what has to be written.
type change struct {
	put   []seat
	gone  []string // sessions
	rooms map[roomKey]bool
	all   bool
	mine  []string // all sessions of this node, with all
}

// writes brings the table up to date with the seats of this node, many at once.
func (r *Registry) writes(ctx context.Context) {
	for wait(ctx, r.write) {
		c := r.take()
		if err := r.save(ctx, c); err != nil {
			r.putBack(c)
			if ctx.Err() == nil {
				r.cfg.Log.Warn("presence cannot be written", "err", err)
			}
			sleep(ctx, 500*time.Millisecond)
			continue
		}
		r.tell(c.rooms)
		sleep(ctx, pause)
	}
}

func (r *Registry) tell(rooms map[roomKey]bool) {
	notices := make([]live.Notice, 0, len(rooms))
	for k := range rooms {
		notices = append(notices, k.notice())
	}
	r.cfg.Bus.Publish(notices...)
}

func (r *Registry) take() change {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := change{rooms: map[roomKey]bool{}, all: r.all}
	if r.all {
		c.mine = slices.AppendSeq([]string{}, maps.Keys(r.seats))
		for session, l := range r.seats {
			r.dirty[session] = l.room
		}
	}
	for session, k := range r.dirty {
		c.rooms[k] = true
		if l := r.seats[session]; l != nil {
			c.put = append(c.put, l.seat)
		} else {
			c.gone = append(c.gone, session)
		}
	}
	clear(r.dirty)
	r.all = false
	return c
}

// putBack marks what could not be written.
func (r *Registry) putBack(c change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range c.put {
		r.dirty[s.session] = s.room
	}
	for _, session := range c.gone {
		for k := range c.rooms {
			r.dirty[session] = k
		}
	}
	r.all = r.all || c.all
	signal(r.write)
}

// save is not broken off when the node stops: Postgres might commit it after Stop has taken the node's rows away.
func (r *Registry) save(ctx context.Context, c change) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	batch := &pgx.Batch{}
	if c.all {
		batch.Queue("delete from cutroom.presence where node = $1 and session <> all($2) returning tenant_id, event_id", r.cfg.Node, c.mine).Query(addRooms(c.rooms))
	}
	if len(c.gone) > 0 {
		batch.Queue("delete from cutroom.presence where session = any($1)", c.gone)
	}
	if len(c.put) > 0 {
		queuePut(batch, c.put)
	}
	return r.cfg.DB.Pool.SendBatch(ctx, batch).Close()
}

// addRooms notes the rooms of removed rows.
func addRooms(rooms map[roomKey]bool) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		var k roomKey
		_, err := pgx.ForEachRow(rows, []any{&k.tenant, &k.event}, func() error {
			rooms[k] = true
			return nil
		})
		return err
	}
}

func queuePut(batch *pgx.Batch, seats []seat) {
	n := len(seats)
	session, node, tenants, events := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	users, names, states, places, since := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]time.Time, n)
	for i, s := range seats {
		session[i], node[i], tenants[i], events[i] = s.session, s.node, string(s.room.tenant), s.room.event
		users[i], names[i], states[i], places[i], since[i] = s.user, s.name, string(s.state), s.place, s.since
	}
	batch.Queue(`
		insert into cutroom.presence (session, node, tenant_id, event_id, user_name, name, since, state, place)
		select p.* from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[], $9::text[])
			as p (session, node, tenant_id, event_id, user_name, name, since, state, place)
		where exists (select 1 from cutroom.tenant t where t.id = p.tenant_id and t.deleting_at is null) -- one that goes gets no more rows
		on conflict (session) do update set state = excluded.state, place = excluded.place`,
		session, node, tenants, events, users, names, since, states, places)
}

// leaveAll removes this node's rows, for it goes away.
func (r *Registry) leaveAll() {
	r.mu.Lock()
	rooms := map[roomKey]bool{}
	for k := range r.here {
		rooms[k] = true
	}
	r.mu.Unlock()
	if len(rooms) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if _, err := r.cfg.DB.Pool.Exec(ctx, "delete from cutroom.presence where node = $1", r.cfg.Node); err != nil {
		r.cfg.Log.Warn("presence is not taken off the table", "err", err)
		return
	}
	r.tell(rooms)
}
