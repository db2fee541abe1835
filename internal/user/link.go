package user

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

// LinkLife is how long a sign-in link works, as often as it is used.
const LinkLife = 24 * time.Hour

// CreateLink makes a sign-in link for a person: admins and commands may. It returns the token for /sign-in/link?token=.
func (s *Store) CreateLink(ctx context.Context, by Who, name string) (token string, expires time.Time, err error) {
	if !by.Admin() {
		return "", time.Time{}, fault.Denied()
	}
	token, expires = newSecret(), time.Now().Add(LinkLife)
	err = s.DB.Tx(ctx, by.Tenant, func(tx pgx.Tx) error {
		if _, err := WhoByNameTx(ctx, tx, by.Tenant, name); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "insert into sign_in_link (hash, user_name, expires_at) values ($1, $2, $3)", hashOf(token), name, expires); err != nil {
			return err
		}
		return AuditTx(ctx, tx, by, "sign-in-link.create", name, nil)
	})
	if err != nil {
		return "", time.Time{}, err
	}
	return token, expires, nil
}

// WhoByLink finds whose link it is, a person's of the tenant or an operator's who then acts there; a fault Unauthorized says
// that it is not known, or too old.
func (s *Store) WhoByLink(ctx context.Context, t tenant.ID, token string) (Who, error) {
	return known(t, func(place tenant.ID) (Who, error) { return s.whoByLinkAt(ctx, place, token) })
}

func (s *Store) whoByLinkAt(ctx context.Context, t tenant.ID, token string) (Who, error) {
	var who Who
	err := s.DB.Read(ctx, t, func(tx pgx.Tx) error {
		var err error
		who, err = scanWho(tx.QueryRow(ctx, `select `+whoColumns+` from sign_in_link l join person p on p.name = l.user_name
			where l.hash = $1 and l.expires_at > now() and p.disabled_at is null`, hashOf(token)), t)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Who{}, fault.New(fault.Unauthorized, "error.link", "This link is not known, or too old. Ask for a new one.")
	}
	return who, err
}
