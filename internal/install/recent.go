package install

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// justNow is how long an install that has ended is still given by Open: whoever watched it sees how it ended.
const justNow = "2 minutes"

// Open gives the installs of a tenant that are under way or wait, and those that ended just now, in the order of their turn, at most 20.
func (s *Store) Open(ctx context.Context, who user.Who, t tenant.ID) ([]Job, error) {
	return s.some(ctx, who, t, "where i.tenant_id = $1 and (i.end_date is null or i.end_date > clock_timestamp() - interval '"+justNow+"') order by i.seq limit 20")
}

// Recent gives the newest installs of a tenant, the newest first, at most limit.
func (s *Store) Recent(ctx context.Context, who user.Who, t tenant.ID, limit int) ([]Job, error) {
	return s.some(ctx, who, t, "where i.tenant_id = $1 order by i.seq desc limit $2", limit)
}

func (s *Store) some(ctx context.Context, who user.Who, t tenant.ID, rest string, args ...any) (jobs []Job, err error) {
	if err := mayRead(who, t); err != nil {
		return nil, err
	}
	err = s.DB.System(ctx, func(tx pgx.Tx) (err error) {
		jobs, err = jobsTx(ctx, tx, rest, append([]any{t}, args...)...)
		return err
	})
	return jobs, err
}
