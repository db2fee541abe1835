package event

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/user"
)

// Work says what people look for in their list: what is to edit, what is in work, what failed.
type Work string

// What a list can be narrowed to.
const (
	AnyWork    Work = ""
	ToEdit     Work = "edit"   // ready, with changes that are not published, or never published
	InWork     Work = "work"   // files come in, or a run is on its way
	FailedWork Work = "failed" // a file was refused, or the newest run failed
)

const activeRun = `exists (select 1 from run r where r.event_id = e.id and r.state in ('queued', 'dispatched', 'running'))`

// workSQL are the conditions on an event e; $1 admin, $2 roles.
var workSQL = map[Work]string{
	AnyWork: "true",
	ToEdit: `e.state = 'ready' and ` + mayWrite + ` and not ` + activeRun +
		` and (e.published_rev is null or e.published_rev < coalesce((select d.rev from edit d where d.event_id = e.id), 0))`,
	InWork: `(e.state = 'processing' or ` + activeRun + `)`,
	FailedWork: `(e.state = 'failed' or e.state = 'ready' and ` + mayWrite + ` and (select r.state from run r where r.event_id = e.id
		order by r.seq desc limit 1) = 'failed')`,
}

// Counted is where counting ends: lists show "10 000+" from there on.
const Counted = 10_000

// WorkCounts tells how many of the events that a query finds there are in all and of each kind of work, at most Counted each.
func (s *Store) WorkCounts(ctx context.Context, who user.Who, q Query) (map[Work]int, error) {
	q.Work = AnyWork
	where, err := q.where(who)
	if err != nil {
		return nil, err
	}
	counts := map[Work]int{}
	err = s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		for work, sql := range workSQL {
			var n int
			query := fmt.Sprintf("select count(*) from (select 1 from event e where %s and %s limit %d) c", where.sql(), sql, Counted)
			if err := tx.QueryRow(ctx, query, where.args...).Scan(&n); err != nil {
				return err
			}
			counts[work] = n
		}
		return nil
	})
	return counts, err
}
