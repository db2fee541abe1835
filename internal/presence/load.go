package presence

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// read gives the seats on other nodes that are alive.
func (r *Registry) read(ctx context.Context, keys []roomKey) (map[roomKey][]seat, error) {
	tenants, events := make([]string, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		tenants[i], events[i] = string(k.tenant), k.event
	}
	rows, err := r.cfg.DB.Pool.Query(ctx, `
		select p.session, p.node, p.user_name, p.name, p.tenant_id, p.event_id, p.since, p.state, p.place
		from cutroom.presence p join cutroom.node n on n.name = p.node and n.heartbeat_at > clock_timestamp() - $4::interval
		where p.node <> $1 and (p.tenant_id, p.event_id) in (select * from unnest($2::text[], $3::text[]))`, r.cfg.Node, tenants, events, r.cfg.Lost)
	if err != nil {
		return nil, err
	}
	all := map[roomKey][]seat{}
	var s seat
	_, err = pgx.ForEachRow(rows, []any{&s.session, &s.node, &s.user, &s.name, &s.room.tenant, &s.room.event, &s.since, &s.state, &s.place}, func() error {
		s.since = s.since.UTC()
		all[s.room] = append(all[s.room], s)
		return nil
	})
	return all, err
}

// loads reads the rooms that are stale, all in one query.
func (r *Registry) loads(ctx context.Context) {
	for wait(ctx, r.load) {
		keys := r.staleRooms()
		if len(keys) == 0 {
			continue
		}
		if err := r.loadRooms(ctx, keys); err != nil && ctx.Err() == nil {
			r.cfg.Log.Warn("presence cannot be read", "err", err)
			r.again(ctx, keys)
		}
	}
}

func (r *Registry) staleRooms() []roomKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	var keys []roomKey
	for k, m := range r.rooms {
		if m.stale {
			m.stale = false
			keys = append(keys, k)
		}
	}
	return keys
}

func (r *Registry) loadRooms(ctx context.Context, keys []roomKey) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	all, err := r.read(ctx, keys)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range keys {
		if m := r.rooms[k]; m != nil {
			r.settle(k, m, all[k])
		}
	}
	return nil
}

// settle takes what was read of a room. Under the lock.
func (r *Registry) settle(k roomKey, m *room, seats []seat) {
	changed := !m.loaded || len(seats) != len(m.remote)
	remote, moments, nodes := map[string]seat{}, map[string]heard{}, map[string]bool{}
	for _, old := range m.remote {
		nodes[old.node] = true
	}
	newNode := false
	for _, s := range seats {
		if h, there := m.moments[s.session]; there && s.state != Away {
			s.moment, moments[s.session] = h.moment, h
		}
		old, there := m.remote[s.session]
		changed = changed || !there || old.state != s.state || old.place != s.place
		newNode = newNode || !nodes[s.node]
		remote[s.session] = s
	}
	// A whisper may be faster than the row of its seat, which this reading has missed then.
	for session, h := range m.moments {
		if _, there := remote[session]; !there && time.Since(h.at) < r.cfg.Lost {
			moments[session] = h
		}
	}
	m.remote, m.moments, m.loaded = remote, moments, true
	if changed {
		m.wake()
	}
	if newNode { // it has not heard where people are
		for _, l := range r.here[k] {
			if !l.moment.empty() {
				r.whisper(l)
			}
		}
	}
}

// again makes rooms stale after a pause, for the sweep may be far away.
func (r *Registry) again(ctx context.Context, keys []roomKey) {
	sleep(ctx, 200*time.Millisecond)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range keys {
		if m := r.rooms[k]; m != nil {
			r.stale(m)
		}
	}
}

func wait(ctx context.Context, wake <-chan struct{}) bool {
	select {
	case <-ctx.Done():
		return false
	case <-wake:
		return true
	}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
