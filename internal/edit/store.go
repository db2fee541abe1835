package edit

import (
	"context"

	"cutroom/internal/event"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
	"cutroom/internal/user"

	"github.com/jackc/pgx/v5"
)

// MaxOps is how many ops one Submit takes.
const MaxOps = 1000

// Store reads and writes edits.
type Store struct {
	DB  *tenant.DB
	Bus live.Publisher
	// Lines reads the subtitle lines of a text track's file, by its path in the tenant's storage. They are needed once:
	// when somebody changes the first of them.
	Lines func(ctx context.Context, t tenant.ID, path string) ([]Cue, error)
	// Wrote, if set, gets what was put into the log, after the commit and before the bus: this node's sockets need not ask
	// for it then. Calls for one event may come in another order than the revs.
	Wrote func(t tenant.ID, id event.ID, ops []Logged)
}

// Edit is an edit at one rev.
type Edit struct {
	Rev      Rev     `json:"rev"`
	State    State   `json:"state"`
	Kept     []Range `json:"kept"`     // parts, in order
	Duration int64   `json:"duration"` // ms of the source
	Source   Source  `json:"-"`
}

func newEdit(src Source, rev Rev, st State) Edit {
	return Edit{Rev: rev, State: st.filled(), Kept: Kept(src, st), Duration: src.Duration, Source: src}
}

// Load gives the edit as it is now. fault.NotFound for who may not read the event, fault.Forbidden for who may not write.
func (s *Store) Load(ctx context.Context, who user.Who, id event.ID) (Edit, error) {
	var e Edit
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		d, err := openTx(ctx, tx, who, id, nil, false)
		if err == nil {
			e = newEdit(d.src, d.rev, d.state)
		}
		return err
	})
	return e, err
}

// At gives the edit at an older rev, replayed. fault.NotFound when the rev never was, else as Load.
func (s *Store) At(ctx context.Context, who user.Who, id event.ID, rev Rev) (Edit, error) {
	var e Edit
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		d, err := openTx(ctx, tx, who, id, nil, false)
		if err != nil {
			return err
		}
		st, err := s.stateAtTx(ctx, tx, who.Tenant, d, rev)
		if err == nil {
			e = newEdit(d.src, rev, st)
		}
		return err
	})
	return e, err
}

// AtTx gives the source and the state at a rev, in the caller's transaction and under the caller's rights.
func (s *Store) AtTx(ctx context.Context, tx pgx.Tx, t tenant.ID, id event.ID, rev Rev) (Source, State, error) {
	d, err := readTx(ctx, tx, id)
	if err != nil {
		return Source{}, State{}, err
	}
	st, err := s.stateAtTx(ctx, tx, t, d, rev)
	return d.src, st, err
}
