package install

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/live"
	"cutroom/internal/tenant"
)

// lookEvery is how often a waiting caller looks without having been woken: notices may be lost.
const lookEvery = time.Second

// Wait returns the install when it is complete, or ctx's error. A fault of kind NotFound: it was forgotten, or its tenant deleted.
func (s *Store) Wait(ctx context.Context, t tenant.ID, id ID) (Job, error) {
	var woken <-chan live.Notice
	if bus, ok := s.Bus.(interface {
		Subscribe(tenant, name string) (<-chan live.Notice, func())
	}); ok {
		notices, cancel := bus.Subscribe(string(t), "install:"+string(id))
		defer cancel()
		woken = notices
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		over, err := s.over(ctx, t, id)
		if err != nil {
			return Job{}, err
		}
		if over {
			return s.find(ctx, t, id)
		}
		select {
		case <-ctx.Done():
			return Job{}, ctx.Err()
		case <-woken:
		case <-look.C:
		}
	}
}

// over says whether an install has ended, with one cheap look. One that is gone has.
func (s *Store) over(ctx context.Context, t tenant.ID, id ID) (over bool, err error) {
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select not exists (select 1 from install where id = $1 and tenant_id = $2 and end_date is null)", id, t).Scan(&over)
	})
	return over, err
}
