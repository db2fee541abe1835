package event

import (
	"context"
	"time"
)

// keepLease calls renew each interval until ctx ends (false), or the lease is lost (true): renew says that somebody else has
// it, or has not got through for as long as the lease lasts, which is measured here from before the last good call. A call
// that hangs ends with the lease.
func keepLease(ctx context.Context, lease, every time.Duration, renew func(context.Context) (held bool, err error)) (lost bool) {
	deadline := time.Now().Add(lease)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
		begun := time.Now()
		within, cancel := context.WithDeadline(ctx, deadline)
		held, err := renew(within)
		cancel()
		switch {
		case ctx.Err() != nil:
			return false
		case held && err == nil:
			deadline = begun.Add(lease)
		case err == nil || !time.Now().Before(deadline):
			return true
		}
	}
}
