package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/lease"
	"cutroom/internal/tenant"
)

// Result is what work gives when it is done: Swap shows it to the readers, in the transaction that ends the run.
type Result struct {
	Swap func(context.Context, pgx.Tx) error
}

// Do works on a held run: work gets a context that ends when the lease is lost, the run cancelled or the node stopped.
// Then exactly one of these happens, in one transaction: done with the result shown, failed, cancelled, given back to
// other nodes (ctx ended: this node stops), or nothing, when somebody else has the run. complete ends the River job in that
// transaction (nil: by number).
func (h *Held) Do(ctx context.Context, complete func(context.Context, pgx.Tx) error, work func(context.Context, *Held) (Result, error)) error {
	kept, stop := lease.Keep(ctx, h.store.Lease, h.poke, h.beat)
	defer stop()
	result, err := work(kept, h)
	// The end has to be written also by a node that stops.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.store.Lease)
	defer cancel()
	switch cause := context.Cause(kept); {
	case err == nil && (cause == nil || ctx.Err() != nil):
		err = h.again(after, func(ctx context.Context) error { return h.Finish(ctx, complete, result) })
		if err != nil && refused(err) && !errors.Is(err, lease.ErrFenced) {
			err = h.fail(ctx, after, err)
		}
	case errors.Is(cause, lease.ErrFenced), errors.Is(cause, lease.ErrLeaseLost):
		err = cause
	case errors.Is(cause, lease.ErrCancelled):
		err = h.again(after, func(ctx context.Context) error { return h.end(ctx, Cancelled, "Stopped.") })
	case ctx.Err() != nil:
		err = h.again(after, h.GiveBack)
	case passing(err) && h.Run.Attempt-h.Run.GivenBack < h.store.Attempts:
		slog.WarnContext(ctx, "run is handed on", "tenant", h.Args.Tenant, "event", h.Args.Event, "run", h.Args.Run, "error", err)
		err = h.again(after, h.handOn)
	default:
		err = h.fail(ctx, after, err)
	}
	if errors.Is(err, lease.ErrFenced) || errors.Is(err, lease.ErrLeaseLost) {
		slog.WarnContext(ctx, "run was taken over", "tenant", h.Args.Tenant, "run", h.Args.Run, "fence", h.Fence)
		return nil
	}
	return err
}

// fail ends the run as failed, with the error's words for people; the log gets all of it.
func (h *Held) fail(ctx, after context.Context, why error) error {
	slog.ErrorContext(ctx, "run failed", "tenant", h.Args.Tenant, "event", h.Args.Event, "run", h.Args.Run, "error", why)
	return h.again(after, func(ctx context.Context) error { return h.end(ctx, Failed, textOf(why)) })
}

// textOf is an error in words for the user; anything that is no fault stays in the log.
func textOf(err error) string {
	if f := fault.As(err); f != nil {
		return f.Text
	}
	return "Something went wrong on our side. What was published before stays as it is; try again, and tell your administrator if it happens again."
}

// again tries until the database answers or ctx ends. A commit whose answer was lost is told apart by the fence: the
// second try finds that the run is not this worker's any more.
func (h *Held) again(ctx context.Context, fn func(context.Context) error) error {
	for {
		err := fn(ctx)
		if err == nil || refused(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(h.store.Lease / lease.ReportsALease):
		}
	}
}

// passing says whether an error is of a database that is away for a while, and not of the work.
func passing(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code[:2] {
		case "08", "40", "53", "57": // connection, rollback, resources, intervention
			return true
		}
		return pg.Code == "25P03" // the transaction was idle for too long: this process was frozen
	}
	if f := fault.As(err); f != nil {
		return f.ID == "error.database"
	}
	var network *net.OpError
	return errors.As(err, &network) || pgconn.SafeToRetry(err)
}

// refused says whether an error is an answer that a second try would not change.
func refused(err error) bool {
	var pg *pgconn.PgError
	return errors.Is(err, lease.ErrFenced) || (errors.As(err, &pg) || fault.As(err) != nil) && !passing(err)
}

// ownTx locks the event and proves the fence. It answers whether a cancel was asked for.
func (h *Held) ownTx(ctx context.Context, tx pgx.Tx) (cancelled bool, err error) {
	if _, err := lockTx(ctx, tx, h.Args.Event); err != nil {
		if errors.Is(err, pgx.ErrNoRows) {
			return false, lease.ErrFenced // the event is gone
		}
		return false, err
	}
	err = tx.QueryRow(ctx, "select cancel_requested from run where id = $1 and fence = $2 and state = 'running' for update", h.Args.Run, h.Fence).Scan(&cancelled)
	if errors.Is(err, pgx.ErrNoRows) {
		err = lease.ErrFenced
	}
	return cancelled, err
}

// Finish ends the run as done and shows its result, or as cancelled when that was asked for in time. lease.ErrFenced: somebody
// else has the run, and nothing was written.
func (h *Held) Finish(ctx context.Context, complete func(context.Context, pgx.Tx) error, result Result) error {
	err := h.endTx(ctx, func(tx pgx.Tx, cancelled bool) error {
		if cancelled {
			return h.store.closeTx(ctx, tx, h.Args.Run, Cancelled, "Stopped.")
		}
		if result.Swap != nil {
			if err := result.Swap(ctx, tx); err != nil {
				return fmt.Errorf("show the result: %w", err)
			}
		}
		if complete != nil {
			if err := tenant.AsSystem(ctx, tx, func() error { return complete(ctx, tx) }); err != nil {
				return err
			}
		}
		return h.store.closeTx(ctx, tx, h.Args.Run, Done, "Done.")
	})
	if err == nil {
		h.store.Bus.Publish(event.Notice(h.Args.Tenant, h.Args.Event))
	}
	return err
}

// end ends the run as failed or cancelled.
func (h *Held) end(ctx context.Context, state State, why string) error {
	return h.endTx(ctx, func(tx pgx.Tx, cancelled bool) error {
		if cancelled {
			state = Cancelled
		}
		return h.store.closeTx(ctx, tx, h.Args.Run, state, why)
	})
}

// GiveBack hands the run to other nodes at once, because this one stops.
func (h *Held) GiveBack(ctx context.Context) error {
	return h.endTx(ctx, func(tx pgx.Tx, cancelled bool) error {
		if cancelled {
			return h.store.closeTx(ctx, tx, h.Args.Run, Cancelled, "Stopped.")
		}
		return h.store.redispatchTx(ctx, tx, h.Args, true, fmt.Sprintf("%s stops; another node goes on.", h.Node))
	})
}

// handOn offers the run again: it could not be worked on here because the database was away. It counts as a lost attempt.
func (h *Held) handOn(ctx context.Context) error {
	return h.endTx(ctx, func(tx pgx.Tx, cancelled bool) error {
		if cancelled {
			return h.store.closeTx(ctx, tx, h.Args.Run, Cancelled, "Stopped.")
		}
		return h.store.redispatchTx(ctx, tx, h.Args, false, "The database was away for a moment; it is tried again.")
	})
}

// endTx runs fn as the last transaction of this worker with the run, and lets the next one of the event begin.
func (h *Held) endTx(ctx context.Context, fn func(tx pgx.Tx, cancelled bool) error) error {
	var next ID
	now := h.report.take()
	err := h.store.DB.Tx(ctx, h.Args.Tenant, func(tx pgx.Tx) error {
		cancelled, err := h.ownTx(ctx, tx)
		if err != nil {
			return err
		}
		if err := h.writeTx(ctx, tx, now); err != nil {
			return err
		}
		if err := fn(tx, cancelled); err != nil {
			return err
		}
		next, err = h.store.promoteTx(ctx, tx, h.Args.Tenant, h.Args.Event)
		return err
	})
	if err != nil {
		h.report.putBack(now)
		return err
	}
	h.store.tell(h.Args.Tenant, h.Args.Event, some(h.Args.Run, next)...)
	return nil
}
