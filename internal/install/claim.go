package install

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/module"
	"cutroom/internal/tenant"
)

// ErrStale says that a River job has no install to work on: it was aborted, or given to another job.
var ErrStale = errors.New("this job has no install any more")

// Held is an install in the hands of this node, under a lease and with a fence.
type Held struct {
	Args  Args
	Fence int64
	Node  string

	store   *Store
	claimed time.Time // before the claim was sent
	headers http.Header
	work    *work
	begin   []int // what Claim began already
	over    bool  // it ended with the claim
}

// firstBeat is how much longer than the lease a claim lasts, as a part of it, so that the first heartbeat can wait.
const firstBeat = 5

// Claim takes a dispatched install for this node, if the River job is still its own, and begins its first modules in
// the same transaction. ErrStale: it is not.
func (s *Store) Claim(ctx context.Context, args Args, job int64, node string) (*Held, error) {
	deadline, err := s.deadline(ctx, args.Tenant)
	if fault.KindOf(err) == fault.NotFound {
		return nil, ErrStale
	}
	if err != nil {
		return nil, err
	}
	h := &Held{Args: args, Node: node, store: s, claimed: time.Now()}
	var next ID
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		deleting, err := lockTx(ctx, tx, args.Tenant)
		if fenced(err) || deleting {
			return ErrStale
		}
		if err != nil {
			return err
		}
		var aborting bool
		var options Options
		err = tx.QueryRow(ctx, `update install set state = 'running', fence = fence + 1, node = $4, lease_until = clock_timestamp() + $5::interval
			where id = $1 and tenant_id = $2 and river_job_id = $3 and state = 'dispatched' returning fence, abort_requested, options, headers`,
			args.Install, args.Tenant, job, node, s.Lease+s.Lease/firstBeat).Scan(&h.Fence, &aborting, &options, &h.headers)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrStale
		}
		if err != nil {
			return err
		}
		if h.work, err = s.loadTx(ctx, tx, args, options); err != nil {
			return err
		}
		h.work.aborting, h.work.deadline = aborting, deadline
		h.begin = append(h.resumed(), h.work.turn(nil)...)
		next, h.over, err = h.writeTx(ctx, tx, h.work)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.tell(args.Tenant, args.Install, next)
	return h, nil
}

// deadline is how long one module of a tenant may take.
func (s *Store) deadline(ctx context.Context, t tenant.ID) (time.Duration, error) {
	if s.Deadline != 0 {
		return s.Deadline, nil
	}
	var settings tenant.Settings
	err := s.DB.Read(ctx, t, func(tx pgx.Tx) (err error) {
		settings, err = tenant.SettingsTx(ctx, tx)
		return err
	})
	return settings.Deadline, err
}

// resumed are the modules that a node before this one was calling.
func (h *Held) resumed() (list []int) {
	for i, at := range h.work.at {
		if at == running {
			list = append(list, i)
		}
	}
	return list
}

// loadTx reads what the rest of an install depends on.
func (s *Store) loadTx(ctx context.Context, tx pgx.Tx, args Args, o Options) (*work, error) {
	called, err := o.invoked()
	if err != nil {
		return nil, err
	}
	w := &work{options: o, called: called}
	if w.tasks, err = tasksTx(ctx, tx, args.Install); err != nil {
		return nil, err
	}
	if w.has, err = productsTx(ctx, tx, args.Tenant); err != nil {
		return nil, err
	}
	var ids []string
	order := make([]module.TenantModule, len(w.tasks))
	fresh := true
	for i, t := range w.tasks {
		ids = append(ids, t.id, t.from)
		order[i] = module.TenantModule{ID: t.id, From: t.from, Action: t.action}
		fresh = fresh && t.stage == stagePending && t.status == ""
	}
	if w.modules, err = descriptorsTx(ctx, tx, ids); err != nil {
		return nil, err
	}
	w.plan = plan{parallel: max(o.Parallel, 1), at: make([]place, len(w.tasks)), waits: module.Waits(order, w.modules), needs: module.Needs(order, w.modules)}
	for i := range w.tasks {
		t := &w.tasks[i]
		_, t.known = w.modules[t.id]
		w.at[i] = placeOf(*t)
		w.stopped = w.stopped || w.at[i] == failed && (!o.IgnoreErrors || t.stage == stageDeploy)
	}
	if o.DepCheck && fresh {
		if err := w.recheckTx(ctx, tx, args.Install); err != nil {
			return nil, err
		}
	}
	if o.Deploy && fresh && !w.stopped {
		serving, err := servingTx(ctx, tx, ids)
		if err != nil {
			return nil, err
		}
		w.deploy(serving)
	}
	return w, nil
}

func placeOf(t task) place {
	switch t.status {
	case stepRunning:
		return running
	case stepDone:
		return finished
	case stepError:
		return failed
	}
	return waiting
}

func tasksTx(ctx context.Context, tx pgx.Tx, id ID) ([]task, error) {
	rows, err := tx.Query(ctx, `select i.module_id, coalesce(i.from_id, ''), i.action, coalesce(m.product, ''), coalesce(m.built_in, false), i.stage, coalesce(i.status, ''),
		coalesce(i.message, ''), i.errors, i.warnings, coalesce(i.calling, ''), coalesce(i.job, ''), i.answer,
		coalesce(extract(epoch from i.deadline - clock_timestamp()), 0)::float8
		from install_module i left join module m on m.id = i.module_id where i.install_id = $1 order by i.ordinal`, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t task, err error) {
		var left float64
		err = row.Scan(&t.id, &t.from, &t.action, &t.product, &t.builtIn, &t.stage, &t.status, &t.message, &t.errors, &t.warnings,
			&t.calling, &t.job, &t.answer, &left)
		t.due = time.Now().Add(time.Duration(left * float64(time.Second)))
		if t.product == "" {
			t.product = productOf(t.id)
		}
		return t, err
	})
}

// servingTx says which of the modules have an instance.
func servingTx(ctx context.Context, tx pgx.Tx, ids []string) (map[string]bool, error) {
	rows, err := tx.Query(ctx, "select distinct module_id from discovery where module_id = any($1)", ids)
	if err != nil {
		return nil, err
	}
	serving, id := map[string]bool{}, ""
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error {
		serving[id] = true
		return nil
	})
	return serving, err
}
