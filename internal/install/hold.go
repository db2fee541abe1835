package install

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cutroom/internal/fault"
	"cutroom/internal/lease"
)

// Do works on a held install until it is complete, is given back to other nodes (ctx ended: this node stops), or belongs
// to somebody else. It returns an error only where even that could not be written; the reaper goes on then.
func (h *Held) Do(ctx context.Context) error {
	if h.over {
		return nil
	}
	kept, stop := lease.Keep(ctx, h.store.Lease, nil, h.beat)
	defer stop()
	left, err := h.run(kept)
	if err == nil {
		return nil
	}
	// The end has to be written also by a node that stops.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.store.Lease)
	defer cancel()
	switch cause := context.Cause(kept); {
	case errors.Is(err, lease.ErrFenced):
	case errors.Is(cause, lease.ErrFenced), errors.Is(cause, lease.ErrLeaseLost):
		err = cause
	case errors.Is(cause, lease.ErrCancelled):
		err = h.again(after, func(ctx context.Context) error { return h.giveUp(ctx, aborted) })
	case ctx.Err() != nil:
		err = h.again(after, func(ctx context.Context) error { return h.giveBack(ctx, left) })
	default:
		slog.ErrorContext(ctx, "install failed", "tenant", h.Args.Tenant, "install", h.Args.Install, "error", err)
		err = h.again(after, func(ctx context.Context) error { return h.giveUp(ctx, wentWrong) })
	}
	if errors.Is(err, lease.ErrFenced) || errors.Is(err, lease.ErrLeaseLost) {
		slog.WarnContext(ctx, "install was taken over", "tenant", h.Args.Tenant, "install", h.Args.Install, "fence", h.Fence)
		return nil
	}
	return err
}

// run calls modules until the install is over. Where it has to stop before, it waits for its calls to end and gives the outcomes
// that are not written.
func (h *Held) run(ctx context.Context) (left []outcome, err error) {
	results := make(chan outcome, len(h.work.tasks))
	busy := 0
	for begin := h.begin; !h.over; {
		for _, i := range begin {
			busy++
			t := h.work.tasks[i]
			go func() { results <- h.one(ctx, i, t) }()
		}
		outcomes := ended(results, 1)
		busy -= len(outcomes)
		err := context.Cause(ctx)
		if err == nil {
			err = h.again(ctx, func(ctx context.Context) error {
				begin, err = h.advance(ctx, outcomes)
				return err
			})
		}
		if err != nil {
			return append(outcomes, ended(results, busy)...), err
		}
	}
	return nil, nil
}

// ended waits for n outcomes and takes along what more there is.
func ended(results <-chan outcome, n int) (list []outcome) {
	for len(list) < n {
		list = append(list, <-results)
	}
	for {
		select {
		case o := <-results:
			list = append(list, o)
		default:
			return list
		}
	}
}

// beat renews the lease. An abort is read when a module ends, because the one that runs is waited for; only where the tenant is
// being deleted nobody waits: lease.ErrCancelled.
func (h *Held) beat(ctx context.Context) error {
	if time.Since(h.claimed) < h.store.Lease/firstBeat/2 {
		return nil // the claim counts as the first one
	}
	var deleting bool
	err := h.store.DB.System(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `update install i set lease_until = clock_timestamp() + $3::interval from tenant t
			where i.id = $1 and i.fence = $2 and i.state = 'running' and t.id = i.tenant_id returning t.deleting_at is not null`,
			h.Args.Install, h.Fence, h.store.Lease).Scan(&deleting)
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return lease.ErrFenced
	case deleting:
		return lease.ErrCancelled
	}
	return err
}

// giveBack writes what ended and hands the rest to other nodes at once, because this one stops.
func (h *Held) giveBack(ctx context.Context, outcomes []outcome) error {
	var next ID
	err := h.store.DB.System(ctx, func(tx pgx.Tx) error {
		now, err := h.ownTx(ctx, tx)
		if err != nil {
			return err
		}
		now.take(outcomes)
		var over bool
		if next, over, err = h.writeTx(ctx, tx, now); err != nil || over {
			return err
		}
		return h.store.redispatchTx(ctx, tx, h.Args, true)
	})
	if err == nil {
		h.store.tell(h.Args.Tenant, h.Args.Install, next)
	}
	return err
}

// giveUp ends the install although a module still runs: because of an error that no module made and no second try would change, or
// because its tenant goes. why is the message of what ran.
func (h *Held) giveUp(ctx context.Context, why string) error {
	var next ID
	err := h.store.DB.System(ctx, func(tx pgx.Tx) error {
		now, err := h.ownTx(ctx, tx)
		if err != nil {
			return err
		}
		now.stopped = true
		for i, at := range now.at {
			if at == running {
				now.fail(i, why)
			}
		}
		if i := slices.Index(now.at, waiting); i >= 0 && !now.aborting && !slices.Contains(now.at, failed) {
			now.fail(i, why)
		}
		now.take(nil)
		next, _, err = h.writeTx(ctx, tx, now)
		return err
	})
	if err == nil {
		h.store.tell(h.Args.Tenant, h.Args.Install, next)
	}
	return err
}

// wentWrong stands for errors whose text is not for people.
const wentWrong = "Something went wrong on our side. Try again, and tell who runs this installation if it happens again."

// textOf is the message of a module that failed: the caller's text as it is, a fault's words, and nothing of the house.
func textOf(id string, err error) string {
	var said *failure
	if errors.As(err, &said) {
		return said.Error()
	}
	if f := fault.As(err); f != nil {
		return f.Text
	}
	slog.Error("module failed", "module", id, "error", err)
	return wentWrong
}

// again tries until the database answers or ctx ends. A commit whose answer was lost is told apart by the fence, or written a
// second time with the same effect.
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

// passing says whether an error is of a database that is away for a while.
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
	return fenced(err) || (errors.As(err, &pg) || fault.As(err) != nil) && !passing(err)
}

func fenced(err error) bool { return errors.Is(err, lease.ErrFenced) }
