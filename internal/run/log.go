package run

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/user"
)

// Line is one line of a run's log, in plain words.
type Line struct {
	At   time.Time
	Text string
}

// tailLines is how much of the log a failed run shows as its error.
const tailLines = 3

func logTx(ctx context.Context, tx pgx.Tx, id ID, text string) error {
	_, err := tx.Exec(ctx, "insert into run_log (run_id, line) values ($1, $2)", id, text)
	return err
}

// Log gives the last lines of a run's log, oldest first, to those who may write the event.
func (s *Store) Log(ctx context.Context, who user.Who, id ID, last int) ([]Line, error) {
	var lines []Line
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		if _, err := eventOfTx(ctx, tx, who, id); err != nil {
			return err
		}
		var err error
		lines, err = linesTx(ctx, tx, id, last)
		return err
	})
	return lines, err
}

func linesTx(ctx context.Context, tx pgx.Tx, id ID, last int) ([]Line, error) {
	rows, err := tx.Query(ctx, `select at, line from (select id, at, line from run_log where run_id = $1 order by id desc limit $2) l
		order by id`, id, last)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Line])
}
