package presence

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// sweeps looks at everything from time to time: who idles, who has been away long enough, whose node is lost.
func (r *Registry) sweeps(ctx context.Context) {
	tick := time.NewTicker(min(r.cfg.Sweep, r.cfg.Away, r.cfg.Idle) / 2)
	defer tick.Stop()
	last := time.Time{}
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			r.sweepSeats(now)
			if now.Sub(last) < r.cfg.Sweep {
				continue
			}
			last = now
			if err := r.sweepNodes(ctx); err != nil && ctx.Err() == nil {
				r.cfg.Log.Debug("presence is not swept", "err", err)
			}
		}
	}
}

func (r *Registry) sweepSeats(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for session, l := range r.seats {
		switch {
		case !l.left.IsZero() && now.Sub(l.left) >= r.cfg.Away:
			delete(r.seats, session)
			delete(r.here[l.room], session)
			if len(r.here[l.room]) == 0 {
				delete(r.here, l.room)
			}
			r.changed(l)
		case l.state == Active && now.Sub(l.touched) >= r.cfg.Idle:
			l.state = Idle
			r.changed(l)
		}
	}
}

// sweepNodes removes rows of lost nodes, checks that this node's are all there, and has every room read again.
func (r *Registry) sweepNodes(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	rooms := map[roomKey]bool{}
	rows := 0
	batch := &pgx.Batch{}
	batch.Queue(`
		delete from cutroom.presence p where p.node <> $1
		and not exists (select 1 from cutroom.node n where n.name = p.node and n.heartbeat_at > clock_timestamp() - $2::interval)
		returning p.tenant_id, p.event_id`, r.cfg.Node, r.cfg.Lost).Query(addRooms(rooms))
	batch.Queue("select count(*) from cutroom.presence where node = $1", r.cfg.Node).QueryRow(func(row pgx.Row) error { return row.Scan(&rows) })
	if err := r.cfg.DB.Pool.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	if len(rooms) > 0 {
		r.tell(rooms)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if rows != len(r.seats) && len(r.dirty) == 0 {
		r.all = true
		signal(r.write)
	}
	r.staleAll()
	return nil
}
