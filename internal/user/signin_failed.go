package user

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

// failuresLogged is how many failed sign-ins a tenant's log takes from this node: guessing cannot fill the table, whatever the
// number of addresses it comes from. Lines that were left out are counted in the next one.
var failuresLogged = bucket{30, 10 * time.Second}

// auditFailure writes a failed sign-in into the log of the tenant where it was tried, and gives why it failed. The name is
// written only if somebody has it: people type passwords into the wrong field.
func (s *Store) auditFailure(ctx context.Context, t tenant.ID, name string, ip netip.Addr, why error) error {
	left, write := s.tries.note("failures/"+string(t), failuresLogged)
	if !write {
		return why
	}
	err := s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		var known string
		err := tx.QueryRow(ctx, "select name::text from person where name = $1", name).Scan(&known)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		detail := map[string]any{"address": ip.String()}
		if left > 0 {
			detail["leftOut"] = left
		}
		return AuditTx(ctx, tx, Anonymous(t), "sign-in.failed", known, detail)
	})
	if f := fault.As(why); f != nil && err != nil {
		return f.WithCause(err) // it failed all the same
	}
	return why
}
