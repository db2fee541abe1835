package lti

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
)

// TestALaunchIsGoodOnce sends one launch many times at once to two nodes, and again later.
func TestALaunchIsGoodOnce(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	nodes := []*Store{l.Store, l.secondNode(t)}
	login := l.login(t, usual())
	idToken, state := l.answered(t, login)
	var entered, replays atomic.Int64
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			node := nodes[i%2]
			launch, p, err := node.Check(context.Background(), dbtest.Tenant, ourOrigin, idToken, state)
			if err == nil {
				p.Bound(login.Browser)
				_, _, err = node.Enter(context.Background(), dbtest.Tenant, launch, &p)
			}
			switch f := fault.As(err); {
			case err == nil:
				entered.Add(1)
			case f != nil && f.ID == "lti.used":
				replays.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if entered.Load() != 1 || replays.Load() != 49 {
		t.Errorf("%d entered, %d were told that it was used", entered.Load(), replays.Load())
	}
	for _, node := range nodes {
		_, _, err := node.Check(t.Context(), dbtest.Tenant, ourOrigin, idToken, state)
		wantID(t, "a replay", err, "lti.used")
	}
	if n := l.number(t, "select (select count(*) from lti_launch) * 100 + (select count(*) from audit_log where action = 'lti.launch')"); n != 101 {
		t.Errorf("launches and lines of the audit log: %d", n)
	}
}

// TestANonceIsNotTakenForAnotherLogin: a token that was used does not come in by a login that begins anew.
func TestANonceIsNotTakenForAnotherLogin(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	login := l.login(t, usual())
	idToken, state := l.answered(t, login)
	launch, p, err := l.Check(t.Context(), dbtest.Tenant, ourOrigin, idToken, state)
	if err != nil || !p.Bound(login.Browser) {
		t.Fatal(err)
	}
	if _, _, err := l.Enter(t.Context(), dbtest.Tenant, launch, &p); err != nil {
		t.Fatal(err)
	}
	second := l.login(t, usual())
	_, _, err = l.Check(t.Context(), dbtest.Tenant, ourOrigin, idToken, second.State)
	wantID(t, "an old token with a new state", err, "lti.nonce")
}

// TestWhatFailsLeavesNothing lets a launch fail at its last write: nothing of it is there, and it is good still.
func TestWhatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	launch, p, err := l.launch(t, usual())
	if err != nil {
		t.Fatal(err)
	}
	before := l.created(t)
	for _, table := range []string{"audit_log", "lti_launch", "lti_course", "membership", "identity", "person"} {
		l.alter(t, table+" add constraint broken check (false) not valid")
		if _, _, err := l.Enter(t.Context(), dbtest.Tenant, launch, &p); err == nil {
			t.Errorf("%s takes rows", table)
		}
		if after := l.created(t); after != before {
			t.Errorf("broken at %s it leaves %d rows", table, after-before)
		}
		l.alter(t, table+" drop constraint broken")
	}
	// The connection ends in the middle, as when the node is killed.
	for _, sql := range []string{
		`create function t_demo.die() returns trigger language plpgsql security definer as 'begin perform pg_terminate_backend(pg_backend_pid()); return new; end'`,
		"create trigger die before insert on t_demo.audit_log for each row execute function t_demo.die()",
	} {
		if _, err := l.DB.Pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := l.Enter(t.Context(), dbtest.Tenant, launch, &p); err == nil || l.created(t) != before {
		t.Errorf("a connection that ends: %v", err)
	}
	l.alter(t, "audit_log disable trigger die")
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := l.Enter(stopped, dbtest.Tenant, launch, &p); !errors.Is(err, context.Canceled) || l.created(t) != before {
		t.Errorf("a request that ends: %v", err)
	}
	if _, _, err := l.Enter(t.Context(), dbtest.Tenant, launch, &p); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// alter changes a table as its owner.
func (l launches) alter(t *testing.T, what string) {
	t.Helper()
	if _, err := l.DB.Pool.Exec(t.Context(), "alter table t_demo."+what); err != nil {
		t.Fatal(err)
	}
}

func TestALoginThatEndsBeforeSomebodyEnters(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	launch, p, err := l.launch(t, usual())
	if err != nil {
		t.Fatal(err)
	}
	l.exec(t, "update lti_login set expires_at = now()")
	_, _, err = l.Enter(t.Context(), dbtest.Tenant, launch, &p)
	wantID(t, "a login that has ended", err, "lti.used")
	if err := l.Remove(t.Context(), l.admin, l.platform.ID); err != nil {
		t.Fatal(err)
	}
	_, _, err = l.Enter(t.Context(), dbtest.Tenant, launch, &p)
	wantID(t, "a platform that is removed", err, "lti.gone")
}

func TestTheFirstLaunchTellsTheDeployment(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	l.exec(t, "update lti_platform set deployment = null")
	first, p1, err := l.launch(t, usual())
	if err != nil {
		t.Fatal(err)
	}
	second, p2, err := l.launch(t, claimsOf(lti("deployment_id"), "deployment-2"))
	if err != nil {
		t.Fatal(err)
	}
	if n := l.number(t, "select count(*) from lti_platform where deployment is null"); n != 1 {
		t.Error("a check fills in the deployment")
	}
	third, p3, err := l.launch(t, claimsOf(lti("deployment_id"), "deployment-3"))
	if err != nil {
		t.Fatal(err)
	}
	n := registration(l.stub)
	n.Deployment = "deployment-3"
	l.add(t, n)
	_, _, err = l.Enter(t.Context(), dbtest.Tenant, third, &p3)
	wantID(t, "a deployment that was registered meanwhile", err, "lti.gone")
	if _, _, err := l.Enter(t.Context(), dbtest.Tenant, first, &p1); err != nil {
		t.Fatal(err)
	}
	if entries := l.auditOf(t, "lti.deployment"); len(entries) != 1 || entries[0].Subject != string(l.platform.ID) {
		t.Errorf("the audit log has %+v", entries)
	}
	_, _, err = l.Enter(t.Context(), dbtest.Tenant, second, &p2)
	wantID(t, "a second deployment at the same time", err, "lti.gone")
	_, _, err = l.launch(t, claimsOf(lti("deployment_id"), "deployment-2"))
	wantID(t, "a second deployment later", err, "lti.deployment")
	l.enter(t, usual())
}
