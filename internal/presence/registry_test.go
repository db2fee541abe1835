package presence_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"

	"cutroom/internal/dbtest"
	"cutroom/internal/live"
	"cutroom/internal/presence"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

type node struct {
	*presence.Registry
	bus *live.Bus
	db  *tenant.DB
}

// start is one node of a cluster: bus and registry, and a heartbeat that lasts for the test.
func start(t testing.TB, dsn, name string, change func(*presence.Config)) node {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	db := &tenant.DB{Pool: pool}
	beat(t, db, name, time.Hour)
	bus := live.New(live.Config{DSN: dsn, Pool: pool})
	cfg := presence.Config{DB: db, Bus: bus, Node: name, Sweep: 40 * time.Millisecond, Away: 150 * time.Millisecond}
	if change != nil {
		change(&cfg)
	}
	r := presence.New(cfg)
	bus.Start(context.Background())
	t.Cleanup(bus.Stop)
	r.Start(context.Background())
	t.Cleanup(r.Stop)
	select {
	case <-bus.Ready():
	case <-time.After(10 * time.Second):
		t.Fatal("the bus does not listen")
	}
	return node{r, bus, db}
}

// beat makes a node look as if its last beat was in the future by so much.
func beat(t testing.TB, db *tenant.DB, name string, ahead time.Duration) {
	t.Helper()
	_, err := db.Pool.Exec(context.Background(), `insert into cutroom.node (name, roles, version, heartbeat_at) values ($1, '{pages}', 'test', now() + $2::interval)
		on conflict (name) do update set heartbeat_at = excluded.heartbeat_at`, name, ahead)
	if err != nil {
		t.Fatal(err)
	}
}

func who(name string) user.Who {
	return user.Who{Tenant: dbtest.Tenant, User: name, Name: "Dr " + name}
}

// screen is what somebody sees who has the event open on a node.
type screen struct {
	t       testing.TB
	n       node
	event   string
	changes <-chan struct{}
}

func open(t testing.TB, n node, event string) *screen {
	t.Helper()
	changes, cancel := n.Watch(dbtest.Tenant, event)
	t.Cleanup(cancel)
	return &screen{t, n, event, changes}
}

// until waits until the faces are as wanted, each "user state place@playhead".
func (s *screen) until(want ...string) {
	s.t.Helper()
	if want == nil {
		want = []string{}
	}
	end := time.After(10 * time.Second)
	for {
		got := shown(s.t, s.n, s.event)
		if slices.Equal(got, want) {
			return
		}
		select {
		case <-s.changes:
		case <-end:
			s.t.Fatalf("sees %v, want %v", got, want)
		}
	}
}

func shown(t testing.TB, n node, event string) []string {
	t.Helper()
	editors, err := n.Editors(context.Background(), dbtest.Tenant, event)
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for _, e := range editors {
		text := fmt.Sprintf("%s %s %s", e.User, e.State, e.Place)
		if e.Playhead != nil {
			text += fmt.Sprintf("@%d", *e.Playhead)
		}
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}

func TestPeopleOnTwoNodesSeeEachOther(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	one, two := start(t, dsn, "one", nil), start(t, dsn, "two", nil)
	left := open(t, one, "e")
	ben := one.Join(who("ben"), "e", "s1")
	left.until("ben active ")
	right := open(t, two, "e")
	chloe := two.Join(who("chloe"), "e", "s2")
	right.until("ben active ", "chloe active ")
	left.until("ben active ", "chloe active ")
	playhead := int64(12345)
	chloe.Where("cutting", presence.Moment{Playhead: &playhead})
	left.until("ben active ", "chloe active cutting@12345")
	same := func() bool {
		a, _ := one.Editors(t.Context(), dbtest.Tenant, "e")
		b, _ := two.Editors(t.Context(), dbtest.Tenant, "e")
		return cmp.Equal(a, b)
	}
	if !same() {
		t.Error("the nodes differ")
	}
	chloe.Leave()
	left.until("ben active ", "chloe away cutting")
	left.until("ben active ")
	ben.Leave()
	right.until("ben away ")
	right.until()
}

func TestWhoComesLaterLearnsWherePeopleAre(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	one, two := start(t, dsn, "one", nil), start(t, dsn, "two", nil)
	open(t, one, "e")
	playhead := int64(7)
	one.Join(who("ben"), "e", "s1").Where("cutting", presence.Moment{Playhead: &playhead})
	right := open(t, two, "e")
	two.Join(who("chloe"), "e", "s2")
	right.until("ben active cutting@7", "chloe active ")
}

func TestTabsMergeIntoOneFace(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	one, two := start(t, dsn, "one", nil), start(t, dsn, "two", nil)
	left := open(t, one, "e")
	first := one.Join(who("ben"), "e", "s1")
	left.until("ben active ")
	two.Join(who("ben"), "e", "s2").Where("chapters", presence.Moment{})
	left.until("ben active chapters")
	editors, err := one.Editors(t.Context(), dbtest.Tenant, "e")
	if err != nil || len(editors[0].Sessions) != 2 || editors[0].Session != "s2" || editors[0].Node != "two" {
		t.Errorf("%+v %v", editors, err)
	}
	first.Leave()
	left.until("ben active chapters")
}

func TestWhoDoesNothingIdles(t *testing.T) {
	t.Parallel()
	one := start(t, dbtest.DSN(t), "one", func(c *presence.Config) { c.Idle = 50 * time.Millisecond })
	left := open(t, one, "e")
	ben := one.Join(who("ben"), "e", "s1")
	left.until("ben idle ")
	ben.Touch()
	left.until("ben active ")
	ben.Where("cutting", presence.Moment{})
	left.until("ben idle cutting")
	ben.Where("cutting", presence.Moment{})
	if got := shown(t, one, "e"); got[0] != "ben idle cutting" {
		t.Errorf("the same place again counts as doing something: %v", got)
	}
}

func TestLostNodeIsDroppedWithEverybodyOnItAndComesBack(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	one, two := start(t, dsn, "one", nil), start(t, dsn, "two", nil)
	left := open(t, one, "e")
	two.Join(who("chloe"), "e", "s2")
	left.until("chloe active ")
	beat(t, one.db, "two", -time.Minute)
	left.until()
	beat(t, one.db, "two", time.Hour)
	left.until("chloe active ")
}

func TestLostTableIsWrittenAgainWhenTheListenerIsBack(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	still := func(c *presence.Config) { c.Sweep = time.Hour }
	one, two := start(t, dsn, "one", still), start(t, dsn, "two", still)
	left := open(t, one, "e")
	two.Join(who("chloe"), "e", "s2")
	left.until("chloe active ")
	_, err := one.db.Pool.Exec(t.Context(), `truncate cutroom.presence`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = one.db.Pool.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cutroom listen' and datname = current_database()`)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := rowsIn(t, one.db)
	for end := time.Now().Add(10 * time.Second); rows != 1; rows, err = rowsIn(t, one.db) {
		if err != nil || time.Now().After(end) {
			t.Fatalf("%d rows, %v", rows, err)
		}
	}
	left.until("chloe active ")
}

func rowsIn(t *testing.T, db *tenant.DB) (n int, err error) {
	err = db.Pool.QueryRow(t.Context(), "select count(*) from cutroom.presence").Scan(&n)
	return n, err
}

func TestNodeOfTheSameNameForgetsItsEarlierLife(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	one := start(t, dsn, "one", nil)
	beat(t, one.db, "two", time.Hour)
	_, err := one.db.Pool.Exec(t.Context(), `insert into cutroom.presence values ('old', 'two', 'demo', 'e', 'ada', 'Ada', now(), 'active', '')`)
	if err != nil {
		t.Fatal(err)
	}
	left := open(t, one, "e")
	left.until("ada active ")
	start(t, dsn, "two", nil)
	left.until()
}

func TestListShowsWhoIsWhere(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	one, two := start(t, dsn, "one", nil), start(t, dsn, "two", nil)
	left := open(t, one, "b")
	one.Join(who("ben"), "a", "s1")
	two.Join(who("chloe"), "b", "s2")
	left.until("chloe active ")
	all, err := one.EditorsOf(t.Context(), dbtest.Tenant, []string{"a", "b", "c"})
	if err != nil || len(all) != 2 || all["a"][0].User != "ben" || all["b"][0].User != "chloe" {
		t.Errorf("%+v %v", all, err)
	}
}

func TestStopTakesEverybodyOffAndLeavesNothing(t *testing.T) {
	dsn := dbtest.DSN(t)
	two := start(t, dsn, "two", nil)
	right := open(t, two, "e")
	before := goleak.IgnoreCurrent()
	pool, err := pgxpool.New(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	beat(t, two.db, "one", time.Hour)
	bus := live.New(live.Config{DSN: dsn, Pool: pool})
	one := presence.New(presence.Config{DB: &tenant.DB{Pool: pool}, Bus: bus, Node: "one"})
	bus.Start(t.Context())
	one.Start(t.Context())
	one.Start(t.Context())
	_, cancel := one.Watch(dbtest.Tenant, "e")
	one.Join(who("ben"), "e", "s1")
	right.until("ben active ")
	cancel()
	one.Stop()
	one.Stop()
	bus.Stop()
	pool.Close()
	right.until()
	goleak.VerifyNone(t, before)
}
