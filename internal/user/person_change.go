package user

import (
	"context"
	"encoding/hex"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
)

// SetRole gives a person another role; admins may. The last admin stays one.
func (s *Store) SetRole(ctx context.Context, by Who, name, role string) error {
	if field, may := checkRole(by.Tenant, role); !may {
		return fault.New(fault.Invalid, "error.person", field.Message).WithFields(field)
	}
	return s.change(ctx, by, name, "user.role", map[string]any{"role": role}, func(ctx context.Context, tx pgx.Tx) (bool, error) {
		return changed(tx.Exec(ctx, "update person set role = $2 where name = $1", name, role))
	})
}

// SetExtraRoles gives a person other roles beside those that everybody has; admins may.
func (s *Store) SetExtraRoles(ctx context.Context, by Who, name string, roles []string) error {
	if roles == nil {
		roles = []string{}
	}
	return s.change(ctx, by, name, "user.roles", map[string]any{"roles": roles}, func(ctx context.Context, tx pgx.Tx) (bool, error) {
		return changed(tx.Exec(ctx, "update person set extra_roles = $2 where name = $1", name, roles))
	})
}

// Disable ends a person's sessions, tokens and links at once, and lets them in no more; admins may. The last admin stays.
func (s *Store) Disable(ctx context.Context, by Who, name string) error {
	return s.change(ctx, by, name, "user.disable", nil, func(ctx context.Context, tx pgx.Tx) (bool, error) {
		_, err := tx.Exec(ctx, "update session set revoked_at = now() where user_name = $1 and revoked_at is null", name)
		if err != nil {
			return false, err
		}
		if _, err := tx.Exec(ctx, "delete from sign_in_link where user_name = $1", name); err != nil {
			return false, err
		}
		return changed(tx.Exec(ctx, "update person set disabled_at = coalesce(disabled_at, now()) where name = $1", name))
	})
}

// Enable lets a disabled person in again.
func (s *Store) Enable(ctx context.Context, by Who, name string) error {
	return s.change(ctx, by, name, "user.enable", nil, func(ctx context.Context, tx pgx.Tx) (bool, error) {
		return changed(tx.Exec(ctx, "update person set disabled_at = null where name = $1", name))
	})
}

// SetPassword sets a password and ends the person's sessions, but the one that asks for it. Admins may set anybody's.
func (s *Store) SetPassword(ctx context.Context, by Who, name, password string) error {
	if !by.Admin() && by.User != name {
		return fault.Denied()
	}
	if err := checkPassword(password); err != nil {
		return err
	}
	hash, err := s.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	keep, _ := parseHash(by.Session)
	if !by.Admin() {
		by.Role = "admin" // allowed above
	}
	place, name := by.kept(name)
	by = by.In(place)
	return s.change(ctx, by, name, "user.password", nil, func(ctx context.Context, tx pgx.Tx) (bool, error) {
		_, err := tx.Exec(ctx, "update session set revoked_at = now() where user_name = $1 and revoked_at is null and hash is distinct from $2", name, keep)
		if err != nil {
			return false, err
		}
		return changed(tx.Exec(ctx, "update person set password_hash = $2 where name = $1", name, hash))
	})
}

func changed(tag interface{ RowsAffected() int64 }, err error) (bool, error) {
	return err == nil && tag.RowsAffected() > 0, err
}

// change runs fn on a person with its line in the audit log, and wakes what lives on the person's sessions and tokens: it
// asks for its rights again.
func (s *Store) change(ctx context.Context, by Who, name, action string, detail map[string]any, fn func(context.Context, pgx.Tx) (bool, error)) error {
	if !by.Admin() {
		return fault.Denied()
	}
	var notices []live.Notice
	err := s.DB.Tx(ctx, by.Tenant, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "lock table person in share row exclusive mode"); err != nil {
			return err
		}
		before, err := adminsTx(ctx, tx)
		if err != nil {
			return err
		}
		notices, err = sessionNoticesTx(ctx, tx, by.Tenant, name)
		if err != nil {
			return err
		}
		there, err := fn(ctx, tx)
		if err != nil {
			return err
		}
		if !there {
			return noUser(name)
		}
		after, err := adminsTx(ctx, tx)
		if err != nil {
			return err
		}
		if before > 0 && after == 0 {
			return fault.New(fault.Conflict, "error.last-admin", "Somebody has to be left who manages this institution.")
		}
		return AuditTx(ctx, tx, by, action, name, detail)
	})
	if err == nil {
		s.Bus.Publish(append(notices, live.Notice{Tenant: string(by.Tenant), Topic: "user:" + name})...)
	}
	return err
}

func adminsTx(ctx context.Context, tx pgx.Tx) (n int, err error) {
	err = tx.QueryRow(ctx, "select count(*) from person where role in ('admin', 'operator') and disabled_at is null").Scan(&n)
	return n, err
}

// sessionNoticesTx names all living sessions and tokens of a person.
func sessionNoticesTx(ctx context.Context, tx pgx.Tx, t tenant.ID, name string) ([]live.Notice, error) {
	rows, err := tx.Query(ctx, `select hash from session where user_name = $1 and revoked_at is null and expires_at > now()
		union all select hash from token where user_name = $1 and revoked_at is null`, name)
	if err != nil {
		return nil, err
	}
	hashes, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	notices := make([]live.Notice, 0, len(hashes))
	for _, h := range hashes {
		notices = append(notices, sessionNotice(t, h))
	}
	return notices, err
}

func sessionNotice(t tenant.ID, hash []byte) live.Notice {
	return live.Notice{Tenant: string(t), Topic: "session:" + hex.EncodeToString(hash)}
}
