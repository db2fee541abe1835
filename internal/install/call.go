package install

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/lease"
	"cutroom/internal/module"
)

// one does what has to be done for one module outside of the install's own transactions: its calls, or the migrations of one
// that is built in. t is a copy.
func (h *Held) one(ctx context.Context, i int, t task) (o outcome) {
	within, cancel := context.WithDeadline(ctx, t.due)
	defer cancel()
	o.index = i
	defer func() {
		if p := recover(); p != nil {
			slog.ErrorContext(ctx, "module panicked", "tenant", h.Args.Tenant, "module", t.id, "panic", p, "stack", string(debug.Stack()))
			o.err = errors.New("panic")
		}
		o.interrupted = o.err != nil && ctx.Err() != nil && !answered(o.err)
	}()
	if t.builtIn {
		o.err = h.store.DB.MigrateTenant(within, h.Args.Tenant) // what is built in needs its tables
		return o
	}
	if t.calling == callPurge {
		if err := h.purge(within, i, &t); err != nil {
			o.err = err
			return o
		}
	}
	o.told, o.err = h.call(within, i, t)
	return o
}

// purge asks a module that is about to be enabled to forget the tenant first. What it says against that does not count. Then it is
// written that enabling comes, so that nobody purges again what has just been made.
func (h *Held) purge(ctx context.Context, i int, t *task) error {
	_, err := h.call(ctx, i, *t)
	if ctx.Err() != nil || fenced(err) {
		return err
	}
	t.calling, t.from, t.job, t.answer = callEnable, "", "", nil
	return h.note(ctx, i, "calling = 'enable', from_id = null, job = null, answer = null", nil)
}

// call tells a module and waits for its job, if it begins one. A job that is known is asked again, never begun anew.
func (h *Held) call(ctx context.Context, i int, t task) (told Told, err error) {
	call, err := h.callTo(ctx, t)
	if err != nil {
		return Told{}, err
	}
	if t.job == "" {
		patient, done := patiently(ctx, t.due)
		defer done()
		if t.job, told, err = h.store.Client.Start(patient, call); err != nil || t.job == "" {
			return told, err
		}
		if err := h.note(patient, i, "job = $4, answer = null", t.job); err != nil {
			return told, err
		}
	}
	call.Answer = t.answer
	call.Answered = func(ctx context.Context, answer []byte) error {
		return h.note(ctx, i, "answer = $4", answer)
	}
	more, err := h.store.Client.Await(ctx, call, t.job, nil)
	return Told{Errors: append(told.Errors, more.Errors...), Warnings: append(told.Warnings, more.Warnings...)}, err
}

// answerWait is how long a node that stops waits for the answer to a call that is under way: most modules answer with a job at once,
// and whoever knows the job does not have to make the call again.
const answerWait = 2 * time.Second

// patiently is ctx, or answerWait longer where that ends because this node stops; due ends it in any case.
func patiently(ctx context.Context, due time.Time) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithDeadline(context.WithoutCancel(ctx), due)
	stop := context.AfterFunc(ctx, func() {
		if c := context.Cause(ctx); errors.Is(c, lease.ErrFenced) || errors.Is(c, lease.ErrLeaseLost) || errors.Is(c, lease.ErrCancelled) {
			cancel()
			return
		}
		wait := time.NewTimer(answerWait)
		defer wait.Stop()
		select {
		case <-longer.Done():
		case <-wait.C:
			cancel()
		}
	})
	return longer, func() { stop(); cancel() }
}

// answered says whether an error is what a module said, as against a call that was broken off.
func answered(err error) bool {
	var said *failure
	return errors.As(err, &said) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// callTo is what a module is told, where it serves now.
func (h *Held) callTo(ctx context.Context, t task) (Call, error) {
	call := callFor(&t, h.work.modules[t.id], t.calling)
	if call.Action == module.Disable {
		call.Purge = call.Purge || h.work.options.Purge
	}
	call.Tenant, call.Header, call.OkapiURL = h.Args.Tenant, h.headers, h.store.OkapiURL
	call.RequestID = h.headers.Get("X-Okapi-Request-Id")
	call.Parameters = ParseParameters(h.work.options.TenantParameters)
	err := h.again(ctx, func(ctx context.Context) (err error) {
		call.URL, _, err = h.store.URL(ctx, t.id)
		return err
	})
	return call, err
}

// note writes something about a module's call that has to be known after a crash, as long as the install is this node's. It tries
// until the database answers or ctx ends.
func (h *Held) note(ctx context.Context, i int, set string, value any) error {
	return h.again(ctx, func(ctx context.Context) error {
		return h.store.DB.System(ctx, func(tx pgx.Tx) error {
			args := []any{h.Args.Install, i, h.Fence}
			if value != nil {
				args = append(args, value)
			}
			tag, err := tx.Exec(ctx, fmt.Sprintf(`update install_module m set %s from install i where m.install_id = $1 and m.ordinal = $2
				and i.id = m.install_id and i.fence = $3 and i.state = 'running'`, set), args...)
			if err == nil && tag.RowsAffected() == 0 {
				return lease.ErrFenced
			}
			return err
		})
	})
}
