package install

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Abort ends an install that no node works on yet at once. For one that runs it asks that no further module begins; the one that is
// being called is waited for. Only operators may. Faults: NotFound; Conflict when it is complete. Asking again changes nothing.
func (s *Store) Abort(ctx context.Context, who user.Who, t tenant.ID, id ID) error {
	var next ID
	err := s.change(ctx, who, t, "install.abort", id, func(tx pgx.Tx, j Job) (err error) {
		if j.Complete() {
			return fault.New(fault.Conflict, "error.install-complete", "This install has ended already.")
		}
		next, err = s.abortTx(ctx, tx, j)
		return err
	})
	if err == nil {
		s.tell(t, id, next)
	}
	return err
}

// abortTx aborts an open install, under the tenant's lock. It gives the one that is promoted in its place.
func (s *Store) abortTx(ctx context.Context, tx pgx.Tx, j Job) (next ID, err error) {
	if j.State == Running || j.began() {
		_, err := tx.Exec(ctx, "update cutroom.install set abort_requested = true where id = $1", j.ID)
		return "", err
	}
	_, err = tx.Exec(ctx, "update cutroom.install_module set message = $2 where install_id = $1 and status is null and message is null", j.ID, aborted)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, "update cutroom.install set abort_requested = true where id = $1", j.ID); err != nil {
		return "", err
	}
	if err := closeTx(ctx, tx, j.ID, Aborted); err != nil {
		return "", err
	}
	return s.promoteTx(ctx, tx, j.Tenant)
}

// began says whether a node that gave the install back, or was lost, was calling a module: whoever goes on has to wait for that.
func (j Job) began() bool {
	for _, m := range j.Modules {
		if m.Status == stepRunning {
			return true
		}
	}
	return false
}

// change runs fn for one install of a tenant under its lock, as an operator, and writes it into the tenant's log.
func (s *Store) change(ctx context.Context, who user.Who, t tenant.ID, action string, id ID, fn func(tx pgx.Tx, j Job) error) error {
	if !who.Operator() {
		return fault.Denied()
	}
	if !t.Valid() {
		return noTenant(t)
	}
	if uuid.Validate(string(id)) != nil {
		return noInstall(t, id)
	}
	err := s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		err := tenant.AsSystem(ctx, tx, func() error {
			if deleting, err := lockTx(ctx, tx, t); fenced(err) || deleting {
				return noTenant(t)
			} else if err != nil {
				return err
			}
			jobs, err := jobsTx(ctx, tx, "where i.id = $1 and i.tenant_id = $2 for update of i", id, t)
			if err != nil {
				return err
			}
			if len(jobs) == 0 {
				return noInstall(t, id)
			}
			return fn(tx, jobs[0])
		})
		if err != nil {
			return err
		}
		return user.AuditTx(ctx, tx, who, action, string(id), nil)
	})
	if f := fault.As(err); f != nil && f.ID == "error.not-found" {
		return noTenant(t)
	}
	return err
}
