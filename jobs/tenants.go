package jobs

import (
	"context"
	"log/slog"
	"slices"

	"cutroom/internal/tenant"
)

// Looks for work that was lost go to every tenant that has work, each time, and to the rest in turn. share is how many of the rest have
// their turn at a time; up to so many tenants all are looked at each time. With 1,000 tenants at rest, 20 each 2.5 s, each has its
// turn within about two minutes.
const share = 20

// rounds goes round the tenants.
type rounds struct {
	last tenant.ID // that had its turn
}

// next chooses who is looked at now: those that are busy, and n of the rest, going on after the last one. all is sorted.
func (r *rounds) next(all []tenant.ID, busy map[tenant.ID]bool, n int) []tenant.ID {
	if len(all) <= n {
		return all
	}
	var chosen []tenant.ID
	for _, id := range all {
		if busy[id] {
			chosen = append(chosen, id)
		}
	}
	begin, found := slices.BinarySearch(all, r.last)
	if found {
		begin++
	}
	for i := range all {
		id := all[(begin+i)%len(all)]
		if n == 0 {
			break
		}
		if !busy[id] {
			chosen, r.last = append(chosen, id), id
			n--
		}
	}
	return chosen
}

// look does something for each tenant that has its turn, one after the other. What fails is logged, and the next one has its turn.
func (r *rounds) look(ctx context.Context, db *tenant.DB, log *slog.Logger, what string, n func(all int) int, do func(tenant.ID) error) {
	all, busy, err := db.Busy(ctx)
	if err != nil {
		if ctx.Err() == nil {
			log.Warn(what, "error", err)
		}
		return
	}
	for _, id := range r.next(all, busy, n(len(all))) {
		if ctx.Err() != nil {
			return
		}
		if err := do(id); err != nil && ctx.Err() == nil {
			log.Warn(what, "tenant", id, "error", err)
		}
	}
}

// few is the share of looks that come each few seconds.
func few(int) int { return share }

// fifth is the share of looks that each tenant gets within five of them.
func fifth(all int) int { return max(share, (all+4)/5) }

// everybody is the share of looks that come seldom.
func everybody(all int) int { return all }
