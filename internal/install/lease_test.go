package install

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/install/stubmodule"
	"cutroom/internal/lease"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

func nodeEnds(t *testing.T, gone <-chan error) {
	t.Helper()
	select {
	case err := <-gone:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the node does not end")
	}
}

// until polls for what somebody else writes.
func (b *bundle) until(what string, there func() bool) {
	b.t.Helper()
	for end := time.Now().Add(30 * time.Second); !there(); {
		if time.Now().After(end) {
			b.t.Fatal("waited 30 s for", what)
		}
		wait, cancel := context.WithTimeout(b.t.Context(), 5*time.Millisecond)
		<-wait.Done()
		cancel()
	}
}

// jobKept waits until a module's own job is written down.
func (b *bundle) jobKept(id ID, module string) {
	b.t.Helper()
	b.until("the job of "+module, func() bool {
		var there bool
		b.system(func(tx pgx.Tx) error {
			return tx.QueryRow(b.t.Context(), "select exists (select 1 from install_module where install_id = $1 and module_id = $2 and job is not null)", id, module).Scan(&there)
		})
		return there
	})
}

func TestParallelRunsWhatDoesNotWait(t *testing.T) {
	b := setup(t)
	b.chain()
	b.apart("x-1.0.0", "y-1.0.0")
	for _, p := range []string{"a", "x", "y"} {
		b.service.Plan(p, stubmodule.Plan{Hold: true})
	}
	j := b.submit(enable("a-1.0.0", "b-1.0.0", "x-1.0.0", "y-1.0.0"), func(o *Options) { o.Parallel = 2 })
	_, gone := b.works(j.ID, "n1")
	b.service.WaitTold(t, "a-1.0.0")
	b.service.WaitTold(t, "x-1.0.0")
	wantJob(t, b.reload(j.ID), "running", "enable a-1.0.0 invoke running", "enable b-1.0.0 pending", "enable x-1.0.0 invoke running", "enable y-1.0.0 pending")
	b.service.Release("x")
	b.service.WaitTold(t, "y-1.0.0")
	wantJob(t, b.reload(j.ID), "running", "enable a-1.0.0 invoke running", "enable b-1.0.0 pending", "enable x-1.0.0 done done", "enable y-1.0.0 invoke running")
	b.service.ReleaseAll()
	nodeEnds(t, gone)
	wantJob(t, b.reload(j.ID), "done", "enable a-1.0.0 done done", "enable b-1.0.0 done done", "enable x-1.0.0 done done", "enable y-1.0.0 done done")
}

func TestCompleteComesLastAfterAFailure(t *testing.T) {
	b := setup(t)
	b.apart("x-1.0.0", "y-1.0.0", "z-1.0.0")
	b.service.Plan("x", stubmodule.Plan{Hold: true})
	b.service.Plan("y", stubmodule.Plan{Status: 500})
	j := b.submit(enable("x-1.0.0", "y-1.0.0", "z-1.0.0"), func(o *Options) { o.Parallel = 2 })
	_, gone := b.works(j.ID, "n1")
	b.until("y's failure", func() bool { return b.reload(j.ID).Modules[1].Message != "" })
	wantJob(t, b.reload(j.ID), "running", "enable x-1.0.0 invoke running",
		"enable y-1.0.0 invoke error: POST request for y-1.0.0 /_/tenant failed with 500: null", "enable z-1.0.0 pending")
	b.service.ReleaseAll()
	nodeEnds(t, gone)
	wantJob(t, b.reload(j.ID), "error", "enable x-1.0.0 done done",
		"enable y-1.0.0 invoke error: POST request for y-1.0.0 /_/tenant failed with 500: null", "enable z-1.0.0 pending")
}

func TestInstallsOfATenantQueue(t *testing.T) {
	b := setup(t)
	b.apart("x-1.0.0", "y-1.0.0")
	first, second := b.submit(enable("x-1.0.0"), nil), b.submit(enable("x-1.0.0", "y-1.0.0"), nil)
	if first.State != Dispatched || second.State != Queued {
		t.Fatal(first.State, second.State)
	}
	if active, err := b.Active(t.Context()); err != nil || active[demo] != first.ID || len(active) != 1 {
		t.Fatal(active, err)
	}
	b.finish(first.ID)
	if got := b.reload(second.ID); got.State != Dispatched {
		t.Fatal(got.State)
	}
	// What the first did is not done again.
	wantJob(t, b.finish(second.ID), "done", "enable x-1.0.0 done done", "enable y-1.0.0 done done")
	b.wantTold("enable x-1.0.0, enable y-1.0.0")
}

func TestWhatWaitedIsCheckedAgain(t *testing.T) {
	b := setup(t)
	b.chain()
	b.do(enable("a-1.0.0"), nil)
	first, second, third := b.submit(disable("a-1.0.0"), nil), b.submit(enable("b-1.0.0"), nil), b.submit(enable("b-1.0.0"), nil)
	b.finish(first.ID)
	wantJob(t, b.finish(second.ID), "error", "enable b-1.0.0 pending error: interface ia required by module b-1.0.0 not found")
	b.exec("update install_module set module_id = 'a-1.0.0' where install_id = $1", third.ID)
	wantJob(t, b.finish(third.ID), "done", "enable a-1.0.0 done done")
}

func TestAbort(t *testing.T) {
	b := setup(t)
	b.apart("x-1.0.0", "y-1.0.0")
	running, waiting, last := b.submit(enable("x-1.0.0", "y-1.0.0"), nil), b.submit(enable("y-1.0.0"), nil), b.submit(enable("y-1.0.0"), nil)
	b.service.Plan("x", stubmodule.Plan{Async: true, Hold: true})
	_, gone := b.works(running.ID, "n1")
	b.jobKept(running.ID, "x-1.0.0")

	abort := func(id ID) error { return b.Abort(t.Context(), b.olga, demo, id) }
	if err := abort(waiting.ID); err != nil {
		t.Fatal(err)
	}
	wantJob(t, b.reload(waiting.ID), "aborted", "enable y-1.0.0 pending: aborted")
	for range 2 {
		if err := abort(running.ID); err != nil {
			t.Fatal(err)
		}
	}
	wantJob(t, b.reload(running.ID), "running", "enable x-1.0.0 invoke running", "enable y-1.0.0 pending")
	if !b.reload(running.ID).Aborting {
		t.Fatal("it does not say that it is being aborted")
	}
	wantKind(t, b.Forget(t.Context(), b.olga, demo, running.ID), fault.Malformed, "Cannot delete non-completed job "+string(running.ID))
	b.service.ReleaseAll()
	nodeEnds(t, gone)
	wantJob(t, b.reload(running.ID), "aborted", "enable x-1.0.0 done done", "enable y-1.0.0 pending: aborted")
	b.wantHas("x-1.0.0")
	wantKind(t, abort(running.ID), fault.Conflict, "")

	river := b.riverJob(last.ID)
	if err := abort(last.ID); err != nil {
		t.Fatal(err)
	}
	wantJob(t, b.reload(last.ID), "aborted", "enable y-1.0.0 pending: aborted")
	if state := b.riverState(river); state != "cancelled" {
		t.Fatal(state)
	}
	if err := b.ForgetAll(t.Context(), b.olga, demo, "", false); err != nil {
		t.Fatal(err)
	}
	if list, err := b.List(t.Context(), b.olga, demo, ""); err != nil || len(list) != 0 {
		t.Fatal(list, err)
	}
}

func TestForgetAllLetsOpenOnesGoOnOrAbortsThem(t *testing.T) {
	b := setup(t)
	b.apart("x-1.0.0")
	done := b.do(enable("x-1.0.0"), nil)
	first, second := b.submit(enable("x-1.0.0"), nil), b.submit(enable("x-1.0.0"), nil)
	for _, abort := range []bool{false, true} {
		if err := b.ForgetAll(t.Context(), b.olga, demo, Install, abort); err != nil {
			t.Fatal(err)
		}
		_, err := b.Find(t.Context(), b.olga, demo, done.ID)
		wantKind(t, err, fault.NotFound, string(demo)+"/"+string(done.ID))
		for _, j := range []Job{first, second} {
			if got := b.reload(j.ID); got.Complete() != abort {
				t.Fatal(abort, got.State)
			}
		}
	}
}

func TestALostNodesInstallGoesOnWhereItWas(t *testing.T) {
	b := setup(t)
	b.apart("x-1.0.0", "y-1.0.0", "z-1.0.0")
	b.service.Plan("y", stubmodule.Plan{Async: true, Hold: true})
	j := b.submit(enable("x-1.0.0", "y-1.0.0", "z-1.0.0"), nil)
	river := b.riverJob(j.ID)
	frozen := b.claim(j.ID, "n1")
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	results := make(chan error, 1)
	go func() { _, err := frozen.run(ctx); results <- err }() // without a heartbeat
	b.jobKept(j.ID, "y-1.0.0")
	b.reap(0)
	b.expire(j.ID)
	b.reap(1)
	if state := b.riverState(river); state != "cancelled" || b.riverJob(j.ID) == river {
		t.Fatal(state)
	}
	kill()
	<-results
	got := b.reload(j.ID)
	wantJob(t, got, "dispatched", "enable x-1.0.0 done done", "enable y-1.0.0 invoke running", "enable z-1.0.0 pending")
	_, gone := b.works(j.ID, "n2")
	b.service.ReleaseAll()
	nodeEnds(t, gone)
	got = b.reload(j.ID)
	wantJob(t, got, "done", "enable x-1.0.0 done done", "enable y-1.0.0 done done", "enable z-1.0.0 done done")
	if got.Node != "n2" || got.Attempt != 2 {
		t.Fatalf("%+v", got)
	}
	b.wantTold("enable x-1.0.0, enable y-1.0.0, enable z-1.0.0")
	b.wantHas("x-1.0.0 y-1.0.0 z-1.0.0")
}

func TestACallWithoutJobIsMadeAgain(t *testing.T) {
	b := setup(t)
	b.apart("x-1.0.0")
	j := b.submit(enable("x-1.0.0"), nil)
	b.claim(j.ID, "n1") // is killed between the claim and the call, or between the call and its commit
	b.expire(j.ID)
	b.reap(1)
	wantJob(t, b.finish(j.ID), "done", "enable x-1.0.0 done done")
	b.wantTold("enable x-1.0.0")
}

func TestTheAnswerOfAModuleOutlivesItsJob(t *testing.T) {
	b := setup(t)
	b.apart("x-1.0.0")
	b.service.Plan("x", stubmodule.Plan{Async: true, JobError: "no"})
	j := b.submit(enable("x-1.0.0"), nil)
	h := b.claim(j.ID, "n1")
	ctx, kill := context.WithCancel(t.Context())
	if o := h.one(ctx, 0, h.work.tasks[0]); o.err == nil { // its job is removed there, and nobody wrote how it ended
		t.Fatal("no error")
	}
	kill()
	b.expire(j.ID)
	b.reap(1)
	wantJob(t, b.finish(j.ID), "error", "enable x-1.0.0 invoke error: Tenant operation failed for module x-1.0.0: no")
	b.wantTold("enable x-1.0.0")
}

func TestAFrozenNodeWritesNothing(t *testing.T) {
	b := setup(t)
	b.apart("x-1.0.0", "y-1.0.0")
	j := b.submit(enable("x-1.0.0", "y-1.0.0"), nil)
	frozen := b.claim(j.ID, "n1")
	b.expire(j.ID)
	b.reap(1)
	second := b.claim(j.ID, "n2")
	frozen.claimed = time.Now().Add(-time.Hour)
	for name, try := range map[string]func() error{
		"beat":    func() error { return frozen.beat(t.Context()) },
		"advance": func() error { _, err := frozen.advance(t.Context(), []outcome{{index: 0}}); return err },
		"job":     func() error { return frozen.note(t.Context(), 0, "job = $4", "1") },
		"give":    func() error { return frozen.giveBack(t.Context(), nil) },
		"give up": func() error { return frozen.giveUp(t.Context(), wentWrong) },
	} {
		if err := try(); !errors.Is(err, lease.ErrFenced) {
			t.Errorf("%s answered %v", name, err)
		}
	}
	b.wantHas("")
	if err := second.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantJob(t, b.reload(j.ID), "done", "enable x-1.0.0 done done", "enable y-1.0.0 done done")
	if _, err := b.Claim(t.Context(), Args{Tenant: demo, Install: j.ID}, b.riverJob(j.ID), "n3"); !errors.Is(err, ErrStale) {
		t.Fatal(err)
	}
}

func TestAStoppingNodeGivesBack(t *testing.T) {
	b := setup(t)
	b.apart("x-1.0.0", "y-1.0.0")
	b.service.Plan("x", stubmodule.Plan{Async: true, Hold: true})
	j := b.submit(enable("x-1.0.0", "y-1.0.0"), nil)
	for range 3 {
		stop, gone := b.works(j.ID, "n1")
		b.jobKept(j.ID, "x-1.0.0")
		stop()
		nodeEnds(t, gone)
		wantJob(t, b.reload(j.ID), "dispatched", "enable x-1.0.0 invoke running", "enable y-1.0.0 pending")
	}
	b.service.ReleaseAll()
	wantJob(t, b.finish(j.ID), "done", "enable x-1.0.0 done done", "enable y-1.0.0 done done")
	b.wantTold("enable x-1.0.0, enable y-1.0.0")
}

func TestAbortOfAnInstallThatLostItsNode(t *testing.T) {
	b := setup(t)
	b.apart("x-1.0.0", "y-1.0.0")
	b.service.Plan("x", stubmodule.Plan{Async: true, Hold: true})
	j := b.submit(enable("x-1.0.0", "y-1.0.0"), nil)
	stop, gone := b.works(j.ID, "n1")
	b.jobKept(j.ID, "x-1.0.0")
	stop()
	nodeEnds(t, gone)
	if err := b.Abort(t.Context(), b.olga, demo, j.ID); err != nil {
		t.Fatal(err)
	}
	b.service.ReleaseAll()
	wantJob(t, b.finish(j.ID), "aborted", "enable x-1.0.0 done done", "enable y-1.0.0 pending: aborted")
}

func TestACallEndsAtItsDeadline(t *testing.T) {
	b := setup(t)
	b.Deadline = 300 * time.Millisecond
	b.apart("x-1.0.0", "y-1.0.0")
	b.service.Plan("x", stubmodule.Plan{Async: true, Never: true})
	j := b.do(enable("x-1.0.0", "y-1.0.0"), func(o *Options) { o.IgnoreErrors = true })
	if j.State != Failed || j.Modules[0].Message == "" || j.Modules[1].Stage != "done" {
		t.Fatal(lines(j))
	}
}

func TestReapOffersAgainWhatNobodyTookAndPromotesWhatWaits(t *testing.T) {
	b := setup(t)
	b.apart("x-1.0.0")
	j, next := b.submit(enable("x-1.0.0"), nil), b.submit(enable("x-1.0.0"), nil)
	b.reap(0)
	for _, sql := range []string{
		"update river.river_job set state = 'running', attempted_at = now() - interval '1 minute' where id = $1",
		"update river.river_job set state = 'discarded', finalized_at = now() where id = $1",
		"delete from river.river_job where id = $1",
	} {
		job := b.riverJob(j.ID)
		b.exec(sql, job)
		b.reap(1)
		if now := b.riverJob(j.ID); now == job || b.riverState(now) != "available" {
			t.Fatal(job, now)
		}
	}
	b.exec("delete from install where id = $1", j.ID)
	b.reap(1)
	if got := b.reload(next.ID); got.State != Dispatched {
		t.Fatal(got.State)
	}
}

func TestManyReapersMoveAnInstallOnce(t *testing.T) {
	b := setup(t)
	b.apart("x-1.0.0")
	j := b.submit(enable("x-1.0.0"), nil)
	b.claim(j.ID, "n1")
	b.expire(j.ID)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := b.Reap(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := b.reload(j.ID); got.Attempt != 2 || got.State != Dispatched {
		t.Fatalf("%+v", got)
	}
}

func TestATenantThatGoesTakesItsInstallsAlong(t *testing.T) {
	b := setup(t)
	b.Lease = 500 * time.Millisecond
	b.apart("x-1.0.0", "y-1.0.0")
	b.service.Plan("x", stubmodule.Plan{Async: true, Never: true})
	j, second := b.submit(enable("x-1.0.0", "y-1.0.0"), nil), b.submit(enable("y-1.0.0"), nil)
	_, gone := b.works(j.ID, "n1")
	b.jobKept(j.ID, "x-1.0.0")
	if err := b.DB.StartDelete(t.Context(), demo, "operator:olga"); err != nil {
		t.Fatal(err)
	}
	nodeEnds(t, gone)
	b.reap(0)
	for _, id := range []ID{j.ID, second.ID} {
		_, err := b.Find(t.Context(), b.olga, demo, id)
		wantKind(t, err, fault.NotFound, string(demo))
	}
	_, err := b.Install(t.Context(), b.olga, demo, enable("y-1.0.0"), Defaults(), nil)
	wantKind(t, err, fault.NotFound, string(demo))
	if b.service.Initialised("y-1.0.0") != 0 {
		t.Fatal(b.told())
	}
}

func TestRights(t *testing.T) {
	b := setup(t)
	b.apart("x-1.0.0")
	j := b.submit(enable("x-1.0.0"), nil)
	admin := user.Who{Tenant: demo, User: "ada", Role: "admin"}
	editor := user.Who{Tenant: demo, User: "ben", Role: "editor"}
	other := user.Who{Tenant: "other", User: "eve", Role: "admin"}
	for _, who := range []user.Who{admin, editor, other, user.Anonymous(demo)} {
		_, err := b.Install(t.Context(), who, demo, enable("x-1.0.0"), Defaults(), nil)
		wantKind(t, err, fault.Forbidden, "")
		_, err = b.Upgrade(t.Context(), who, demo, Defaults(), nil)
		wantKind(t, err, fault.Forbidden, "")
		wantKind(t, b.Abort(t.Context(), who, demo, j.ID), fault.Forbidden, "")
		wantKind(t, b.Forget(t.Context(), who, demo, j.ID), fault.Forbidden, "")
		if err := b.ForgetAll(t.Context(), who, demo, "", true); err == nil {
			t.Fatal("forgotten by", who)
		}
		_, find := b.Find(t.Context(), who, demo, j.ID)
		_, list := b.List(t.Context(), who, demo, "")
		if may := who.User == "ada"; (find == nil) != may || (list == nil) != may {
			t.Fatal(who, find, list)
		}
	}
	_, err := b.Find(t.Context(), b.olga, demo, "no-uuid")
	wantKind(t, err, fault.NotFound, string(demo)+"/no-uuid")
	b.finish(j.ID)
	if err := b.Forget(t.Context(), b.olga, demo, j.ID); err != nil {
		t.Fatal(err)
	}
	var log []string
	err = b.DB.Tx(t.Context(), demo, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), "select action || ' ' || actor from audit_log order by id")
		if err == nil {
			log, err = pgx.CollectRows(rows, pgx.RowTo[string])
		}
		return err
	})
	if err != nil || len(log) != 2 || log[0] != "install.start operator:olga" || log[1] != "install.forget operator:olga" {
		t.Fatal(log, err)
	}
}

func TestWaitIsWokenAndAlsoLooks(t *testing.T) {
	b := setup(t)
	b.apart("x-1.0.0")
	j := b.submit(enable("x-1.0.0"), nil)
	type answer struct {
		job Job
		err error
	}
	answers := make(chan answer, 1)
	go func() { got, err := b.Wait(t.Context(), demo, j.ID); answers <- answer{got, err} }()
	b.finish(j.ID)
	if got := <-answers; got.err != nil || got.job.State != Done { // the recorder wakes nobody
		t.Fatal(got)
	}
	if _, err := b.Wait(t.Context(), tenant.ID("none"), j.ID); fault.KindOf(err) != fault.NotFound {
		t.Fatal(err)
	}
}
