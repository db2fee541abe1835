package run

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
)

// Lease is how long a worker owns a run after its last heartbeat, on the clock of Postgres.
const Lease = 15 * time.Second

// Attempts is how many workers may be lost with a run before it fails.
const Attempts = 3

// StepNames are the steps of the publish workflow, in order.
var StepNames = []string{"cut", "timeline", "thumbnail", "publish"}

// Store keeps the runs.
type Store struct {
	DB    *tenant.DB
	River *river.Client[pgx.Tx] // inserts only
	Bus   live.Publisher
	Edits Edits
	// Lease and Attempts are the constants above, but in tests.
	Lease    time.Duration
	Attempts int
}

// Edits is what runs need of the edits: the source and the state at a rev, inside a transaction.
type Edits interface {
	AtTx(ctx context.Context, tx pgx.Tx, t tenant.ID, id event.ID, rev edit.Rev) (edit.Source, edit.State, error)
}

// New makes the store of a node.
func New(db *tenant.DB, edits Edits, bus live.Publisher) (*Store, error) {
	inserter, err := tenant.NewInserter(db.Pool)
	if err != nil {
		return nil, err
	}
	return &Store{DB: db, River: inserter, Bus: bus, Edits: edits, Lease: Lease, Attempts: Attempts}, nil
}

// tell wakes those who watch the runs of an event, or one of them. After the commit only.
func (s *Store) tell(t tenant.ID, e event.ID, ids ...ID) {
	notices := []live.Notice{{Tenant: string(t), Topic: "runs:" + string(e)}}
	for _, id := range ids {
		notices = append(notices, live.Notice{Tenant: string(t), Topic: "run:" + string(id)})
	}
	s.Bus.Publish(notices...)
}

// lockTx makes the transaction the only one that moves runs of an event. The event's row comes first, so that deleting the
// event at the same moment is no deadlock. It gives the present rev of the edit.
func lockTx(ctx context.Context, tx pgx.Tx, id event.ID) (rev int64, err error) {
	var one int
	if err := tx.QueryRow(ctx, "select 1 from event where id = $1 for key share", id).Scan(&one); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, "insert into edit (event_id) values ($1) on conflict do nothing", id); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, "select rev from edit where event_id = $1 for update", id).Scan(&rev)
	return rev, err
}
