package install

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"cutroom/internal/fault"
	"cutroom/internal/lease"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
)

// Lease is how long a node owns an install after its last heartbeat, on the clock of Postgres.
const Lease = 15 * time.Second

// Store is all that is known of modules and installs. Make one with New.
type Store struct {
	DB       *tenant.DB
	Bus      live.Publisher
	River    *river.Client[pgx.Tx] // inserts only
	Client   caller                // calls the modules' tenant interface
	OkapiURL string                // where modules find Okapi's API

	Lease    time.Duration // of a node that works on an install: the constant above, but in tests
	Deadline time.Duration // of one module's call, its own job included; 0: the tenant's setting install.deadline

	known known // descriptors that were read; see registry_known.go
}

// caller is what an install needs of a Client.
type caller interface {
	Start(ctx context.Context, call Call) (job string, told Told, err error)
	Await(ctx context.Context, call Call, job string, progress func(note string)) (told Told, err error)
}

// New makes the store of a node.
func New(db *tenant.DB, bus live.Publisher) (*Store, error) {
	inserter, err := newInserter(db.Pool)
	if err != nil {
		return nil, err
	}
	return &Store{DB: db, Bus: bus, River: inserter, Client: &Client{}, Lease: Lease}, nil
}

// tell wakes those who watch these installs or the tenant's list. After the commit only.
func (s *Store) tell(t tenant.ID, ids ...ID) {
	notices := []live.Notice{{Tenant: string(t), Topic: "installs"}}
	for _, id := range ids {
		if id != "" {
			notices = append(notices, live.Notice{Tenant: string(t), Topic: "install:" + string(id)})
		}
	}
	s.Bus.Publish(notices...)
}

// lockTx makes the transaction the only one that moves installs of a tenant. deleting: the tenant is being taken away.
// lease.ErrFenced: there is none.
func lockTx(ctx context.Context, tx pgx.Tx, t tenant.ID) (deleting bool, err error) {
	err = tx.QueryRow(ctx, "select deleting_at is not null from cutroom.tenant where id = $1 for no key update", t).Scan(&deleting)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, lease.ErrFenced
	}
	return deleting, err
}

// noTenant is the answer about a tenant that is not there, in Okapi's words: its id alone.
func noTenant(t tenant.ID) *fault.Error {
	return fault.New(fault.NotFound, "error.install-tenant", string(t)).With(map[string]any{"Tenant": t})
}

// noInstall is the answer about an install that is not there, in Okapi's words.
func noInstall(t tenant.ID, id ID) *fault.Error {
	return fault.New(fault.NotFound, "error.install-gone", string(t)+"/"+string(id)).With(map[string]any{"Tenant": t, "Install": id})
}
