// Package lease keeps a lease in the database while work goes on: a heartbeat renews it, a fence in the row
// tells who holds it, and a worker that no longer hears from the database stops before others may begin.
package lease

import (
	"context"
	"errors"
	"time"
)

// Why a worker has to stop, as the cause of its context.
var (
	// ErrFenced: somebody else has the work now, or it is over. Nothing may be written any more.
	ErrFenced = errors.New("another worker has taken this over")
	// ErrCancelled: somebody wants the work to stop.
	ErrCancelled = errors.New("cancelled")
	// ErrLeaseLost: no heartbeat got through for as long as the lease lasts, so others may have taken the work.
	ErrLeaseLost = errors.New("no heartbeat within the lease")
)

// Rhythm of the heartbeat, as parts of the lease: with 15 s a heartbeat each 3 s, a report at most each 0.5 s, a
// heartbeat without an answer given up after 5 s.
const (
	beatsALease   = 5
	ReportsALease = 30
	waitsALease   = 3
)

// Keep holds a lease while work goes on. beat renews it: it is called in a steady rhythm, and sooner after a poke. The
// context that is returned ends, with one of the causes above, when beat answers ErrFenced or ErrCancelled, or when no beat
// succeeded within the lease. That is measured on this machine's monotonic clock from before the last good beat was sent, so
// this worker always stops before the lease ends in the database. stop waits until no beat is under way.
func Keep(parent context.Context, lease time.Duration, poke <-chan struct{}, beat func(context.Context) error) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	quit, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		keep(context.WithoutCancel(parent), lease, poke, quit, beat, cancel)
	}()
	return ctx, func() {
		select {
		case <-quit:
		default:
			close(quit)
		}
		<-gone
		cancel(context.Canceled)
	}
}

func keep(ctx context.Context, lease time.Duration, poke, quit <-chan struct{}, beat func(context.Context) error, cancel context.CancelCauseFunc) {
	deadline := time.Now().Add(lease)
	wait := time.NewTimer(0)
	defer wait.Stop()
	for {
		select {
		case <-quit:
			return
		case <-wait.C:
		}
		sent := time.Now()
		within, done := context.WithDeadline(ctx, earlier(sent.Add(lease/waitsALease), deadline))
		err := beat(within)
		done()
		next := lease / beatsALease
		switch {
		case err == nil:
			deadline = sent.Add(lease)
		case errors.Is(err, ErrFenced), errors.Is(err, ErrCancelled):
			cancel(err)
			return
		default:
			next = lease / ReportsALease
		}
		if time.Now().After(deadline) {
			cancel(ErrLeaseLost)
			return
		}
		if !pause(lease/ReportsALease, next, deadline, poke, quit) {
			return
		}
		wait.Reset(0)
	}
}

// pause waits for next, at least for least, shorter after a poke and never beyond the deadline. False: quit.
func pause(least, next time.Duration, deadline time.Time, poke, quit <-chan struct{}) bool {
	left := max(time.Until(deadline), 0)
	first, whole := time.NewTimer(min(least, left)), time.NewTimer(min(next, left))
	defer first.Stop()
	defer whole.Stop()
	select {
	case <-quit:
		return false
	case <-first.C:
	}
	select {
	case <-quit:
		return false
	case <-whole.C:
	case <-poke:
	}
	return true
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
