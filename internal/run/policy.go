package run

import (
	"context"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// policyTx makes room for a new run after the setting edit.runs, under the event's lock. It gives the runs it touched.
func (s *Store) policyTx(ctx context.Context, tx pgx.Tx, who user.Who, id event.ID, policy string) ([]ID, error) {
	if policy == "queue" {
		return nil, nil
	}
	open, err := openTx(ctx, tx, id)
	if err != nil || len(open) == 0 {
		return nil, err
	}
	if policy == "reject" {
		return nil, taken(open[0])
	}
	var touched []ID
	for _, r := range open {
		switch {
		case r.State == Queued:
			err = s.closeTx(ctx, tx, r.ID, Superseded, who.Name+" published a newer version.")
		case policy == "replace":
			err = s.cancelTx(ctx, tx, r, who.Name+" published a newer version.")
		default:
			continue
		}
		if err != nil {
			return nil, err
		}
		touched = append(touched, r.ID)
	}
	return touched, nil
}

// taken says who is at it already.
func taken(r Run) error {
	percent := int(math.Floor(r.Progress * 100))
	text, id := fmt.Sprintf("%s is publishing this already (%d %%).", r.RequestedName, percent), "error.run-taken"
	if r.State == Queued {
		text, id = fmt.Sprintf("%s is publishing this already (waiting).", r.RequestedName), "error.run-taken-waiting"
	}
	e := fault.New(fault.Conflict, id, text).With(map[string]any{"Name": r.RequestedName, "Percent": percent})
	e.Current = r
	return e
}
