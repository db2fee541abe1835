package event

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
)

// Store reads and writes events, their assets and ACLs, and series.
type Store struct {
	DB  *tenant.DB
	Bus live.Publisher
}

// tries is how often a transaction is begun that met another one.
const tries = 3

// tx runs fn in a transaction, once more when two transactions waited for each other: a series that goes while its events
// change. What the schema refuses is a fault.
func (s *Store) tx(ctx context.Context, t tenant.ID, fn func(pgx.Tx) error) error {
	var err error
	for range tries {
		err = refusal(s.DB.Tx(ctx, t, fn))
		if f := fault.As(err); f == nil || f.ID != busy {
			return err
		}
	}
	return err
}

// changed wakes whoever watches these events. Call it after the commit.
func (s *Store) changed(t tenant.ID, ids ...ID) {
	notices := make([]live.Notice, 0, len(ids))
	for _, id := range ids {
		notices = append(notices, Notice(t, id))
	}
	if len(notices) > 0 && s.Bus != nil {
		s.Bus.Publish(notices...)
	}
}

// Notice is the wake-up that tells of a change of an event, its assets or its ACL.
func Notice(t tenant.ID, id ID) live.Notice {
	return live.Notice{Tenant: string(t), Topic: "event:" + string(id)}
}

// changedSeries wakes whoever watches a series. Call it after the commit.
func (s *Store) changedSeries(t tenant.ID, id SeriesID) {
	if s.Bus != nil {
		s.Bus.Publish(live.Notice{Tenant: string(t), Topic: "series:" + string(id)})
	}
}

// newID makes an id that nobody can guess: 130 random bits.
func newID() string { return strings.ToLower(rand.Text()) }
