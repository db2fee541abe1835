package fleet

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/install"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// ID names an upgrade of many tenants: a UUID.
type ID string

// MostTogether is how many tenants of a batch may be upgraded at the same time, at most.
const MostTogether = 50

// Batch is an upgrade of many tenants: each gets an install of its own, and at most Most of those are under way at any time.
// It is rows in Postgres and nothing else: whoever calls Step moves it on, so it survives what installs survive.
type Batch struct {
	ID          ID
	Most        int
	StartedBy   string
	StartedName string
	Aborting    bool // asked to abort, and not ended yet
	Started     time.Time
	Ended       *time.Time
	Counts      map[string]int // tenants by state, see Member
	Tenants     []Member       // as many as were asked for: those that run and those that failed first
}

// Member is one tenant of a batch.
type Member struct {
	Tenant      tenant.ID
	Name        string
	State       string      // waiting, running, done, same (there was nothing to upgrade), error, aborted
	Install     *install.ID // nil: none was made, or it was forgotten
	Done, Total int         // modules of the install
	Message     string      // why it failed
	Started     *time.Time
	Ended       *time.Time
}

// Start upgrades many tenants, at most most at a time: 1 to MostTogether. Tenants that are being deleted are left out.
// Only operators may. The first ones begin at once.
func (s *Store) Start(ctx context.Context, who user.Who, tenants []tenant.ID, most int) (ID, error) {
	if !who.Operator() {
		return "", fault.Denied()
	}
	if most < 1 || most > MostTogether {
		return "", fault.New(fault.Invalid, "error.upgrade-most", "Use a whole number from 1 to 50.")
	}
	made, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	id := ID(made.String())
	slices.Sort(tenants)
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "insert into upgrade_batch (id, most, started_by, started_name) values ($1, $2, $3, $4)", id, most, who.User, who.Name)
		if err != nil {
			return err
		}
		added, err := tx.Exec(ctx, `insert into upgrade_batch_tenant (batch_id, ordinal, tenant_id)
			select $1, row_number() over (order by lower(name), id), id from tenant where id = any($2) and deleting_at is null`, id, slices.Compact(tenants))
		if err == nil && added.RowsAffected() == 0 {
			return fault.New(fault.Invalid, "error.upgrade-none", "Choose at least one tenant that has something to upgrade.")
		}
		return err
	})
	if err != nil {
		return "", err
	}
	_, err = s.Step(ctx)
	if fault.KindOf(err) == fault.Internal || fault.KindOf(err) == fault.Unavailable {
		err = nil // the batch is there, a node takes it on
	}
	return id, err
}

// Abort begins no further tenant and aborts the installs that are under way. Asking again, or after the end, changes nothing.
func (s *Store) Abort(ctx context.Context, who user.Who, id ID) error {
	if !who.Operator() {
		return fault.Denied()
	}
	if err := s.changeBatch(ctx, id, "update upgrade_batch set abort_requested = true where id = $1"); err != nil {
		return err
	}
	_, err := s.Step(ctx)
	return err
}

func (s *Store) changeBatch(ctx context.Context, id ID, sql string) error {
	if uuid.Validate(string(id)) != nil {
		return fault.Gone()
	}
	return s.DB.System(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sql, id)
		if err == nil && tag.RowsAffected() == 0 {
			return fault.Gone()
		}
		return err
	})
}

// Retry makes a new batch of the tenants that failed, or were never begun, with the same limit.
func (s *Store) Retry(ctx context.Context, who user.Who, id ID) (ID, error) {
	old, err := s.Find(ctx, who, id, 0)
	if err != nil {
		return "", err
	}
	var left []tenant.ID
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select tenant_id from upgrade_batch_tenant where batch_id = $1 and state in ('error', 'aborted')", id)
		if err == nil {
			left, err = pgx.CollectRows(rows, pgx.RowTo[tenant.ID])
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return s.Start(ctx, who, left, old.Most)
}
