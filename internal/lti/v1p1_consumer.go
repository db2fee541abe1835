package lti

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/seal"
	"cutroom/internal/tenant"
)

// consumer finds the active registration of a consumer key, and its secret. An unknown key has no registration, and a secret that
// nobody knows: what follows takes as long.
func (s *Store) consumer(ctx context.Context, t tenant.ID, key string) (p Platform, secret string, err error) {
	var id PlatformID
	var sealed []byte
	err = s.DB.Read(ctx, t, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, "select id::text, sealed_secret from lti_platform where version = '1.1' and status = 'active' and consumer_key = $1", key).Scan(&id, &sealed)
		if err != nil {
			return err
		}
		p, err = platformTx(ctx, tx, id, "")
		return err
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Platform{}, string(seal.Random()), nil
	case err != nil:
		return Platform{}, "", err
	}
	plain, err := s.Seal.Open(sealPlace(t, id), sealed)
	return p, string(plain), err
}

// spendTx uses up the nonce of a launch by LTI 1.1, on all nodes at once: the row is the lock. One that was used is a fault Conflict.
func (l Launch) spendTx(ctx context.Context, tx pgx.Tx) error {
	tag, err := tx.Exec(ctx, "insert into lti_nonce (platform_id, nonce, expires_at) values ($1, $2, $3) on conflict do nothing", l.Platform.ID, l.nonce, l.nonceUntil)
	if err == nil && tag.RowsAffected() == 0 {
		err = replayed()
	}
	return err
}
