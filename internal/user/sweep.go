package user

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/tenant"
)

// sweeps remove what has ended, wherever people are kept.
var sweeps = []string{
	"delete from session where expires_at < now() - interval '8 days'",
	"delete from sign_in_link where expires_at < now()",
	"delete from idempotency where created < now() - interval '24 hours'",
	"delete from token where coalesce(revoked_at, expires_at) < now() - interval '30 days'",
}

// tenantSweeps remove what has ended of the ways in that tenants have beside. A login or nonce that was used is kept until
// nobody could use it again anyway; a membership that gives nothing any more, for a week, so that lists still know the course.
var tenantSweeps = []string{
	"delete from membership where until < now() - interval '7 days'",
	"delete from lti_login where expires_at < now()",
	"delete from lti_nonce where expires_at < now()",
	"delete from lti_window where expires_at < now()",
	"delete from lti_launch where expires_at < now()",
	"delete from oidc_login where expires_at < now()",
}

// Sweep removes what has ended in a tenant: sign-in links, keys of requests after the day that their answers are kept, logins
// and launches of learning platforms and institutions, and sessions and tokens only when no request that knew them can still be
// under way. Any node may do it at any time.
func (s *Store) Sweep(ctx context.Context, t tenant.ID) error {
	return s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		all := sweeps
		if t != tenant.Operators {
			all = append(all[:len(all):len(all)], tenantSweeps...)
		}
		for _, sql := range all {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	})
}
