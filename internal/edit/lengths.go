package edit

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/user"
)

// Lengths tells how much (ms) was kept at each of these revs on the present source, by one walk through the cuts of the log. A
// rev that is not there yet counts as the present one. Errors as Load.
func (s *Store) Lengths(ctx context.Context, who user.Who, id event.ID, revs []Rev) (map[Rev]int64, error) {
	found := map[Rev]int64{}
	if len(revs) == 0 {
		return found, nil
	}
	revs = slices.Sorted(slices.Values(revs))
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		d, err := openTx(ctx, tx, who, id, nil, false)
		if err != nil {
			return err
		}
		var st State
		left := revs
		before := func(rev Rev) { // what was kept at the revs before this one
			for len(left) > 0 && left[0] < rev {
				found[left[0]] = keptLength(d.src, st)
				left = left[1:]
			}
		}
		rows, err := tx.Query(ctx, "select rev, op from edit_op where event_id = $1 and rev <= $2 and op->>'kind' = 'cut' order by rev", id, revs[len(revs)-1])
		if err != nil {
			return err
		}
		var rev Rev
		var raw json.RawMessage
		_, err = pgx.ForEachRow(rows, []any{&rev, &raw}, func() error {
			before(rev)
			op, err := Parse(raw)
			if err == nil {
				st = op.paint(d.src, st)
			}
			return err
		})
		before(revs[len(revs)-1] + 1)
		return err
	})
	return found, err
}

func keptLength(src Source, st State) int64 {
	var sum int64
	for _, r := range keptRanges(src, st) {
		sum += r.End - r.Start
	}
	return sum
}
