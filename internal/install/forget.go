package install

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Forget removes a complete install. Only operators may. Faults: NotFound; Malformed with Okapi's text when it is not complete.
func (s *Store) Forget(ctx context.Context, who user.Who, t tenant.ID, id ID) error {
	err := s.change(ctx, who, t, "install.forget", id, func(tx pgx.Tx, j Job) error {
		if !j.Complete() {
			return notComplete(id)
		}
		_, err := tx.Exec(ctx, "delete from cutroom.install where id = $1", id)
		return err
	})
	if err == nil {
		s.tell(t, id)
	}
	return err
}

func notComplete(id ID) *fault.Error {
	return fault.New(fault.Malformed, "error.install-open", "Cannot delete non-completed job "+string(id)).With(map[string]any{"Install": id})
}

// ForgetAll removes the complete installs of a tenant; those that are not go on, or, with abort, are aborted. kind "": all. Only
// operators may.
func (s *Store) ForgetAll(ctx context.Context, who user.Who, t tenant.ID, kind Kind, abort bool) error {
	jobs, err := s.List(ctx, who, t, kind)
	if err != nil {
		return err
	}
	if !who.Operator() {
		return fault.Denied()
	}
	// The waiting ones first: else each that is aborted would let the next one begin.
	for i := len(jobs) - 1; i >= 0; i-- {
		j := jobs[i]
		switch {
		case j.Complete():
			err = s.Forget(ctx, who, t, j.ID)
		case abort:
			err = s.Abort(ctx, who, t, j.ID)
		default:
			continue
		}
		if k := fault.KindOf(err); err != nil && k != fault.NotFound && k != fault.Conflict {
			return err
		}
	}
	return nil
}
