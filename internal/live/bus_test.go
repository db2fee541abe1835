package live_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"

	"cutroom/internal/dbtest"
	"cutroom/internal/live"
)

// node starts a bus on a database, as a process of its own would.
func node(t testing.TB, dsn string, change func(*live.Config, *live.Bus)) *live.Bus {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	cfg := live.Config{DSN: dsn, Pool: pool, PollEvery: time.Hour}
	if change != nil {
		change(&cfg, nil)
	}
	b := live.New(cfg)
	if change != nil {
		change(&cfg, b)
	}
	b.Start(context.Background())
	t.Cleanup(b.Stop)
	await(t, b.Ready(), "the listener")
	return b
}

func await[T any](t testing.TB, ch <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-ch:
	case <-time.After(10 * time.Second):
		t.Fatalf("%s did not come", what)
	}
	return v
}

func none(t testing.TB, ch <-chan live.Notice) {
	t.Helper()
	select {
	case n := <-ch:
		t.Fatalf("unexpected: %+v", n)
	default:
	}
}

func TestOtherNodeIsWokenAndTheOwnEchoDropped(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	one, two := node(t, dsn, nil), node(t, dsn, nil)
	own, cancel := one.Subscribe("demo", "edit:e")
	defer cancel()
	other, cancel := two.Subscribe("demo", "edit:e")
	defer cancel()
	foreign, cancel := two.Subscribe("elsewhere", "edit:e")
	defer cancel()
	end, cancel := two.Subscribe("demo", "event:end")
	defer cancel()

	one.Publish(live.Notice{Tenant: "demo", Topic: "edit:e", Rev: 7})
	want := live.Notice{Tenant: "demo", Topic: "edit:e", Rev: 7}
	if got := await(t, own, "the own notice"); got != want {
		t.Errorf("own: %+v", got)
	}
	if got := await(t, other, "the other's notice"); got != want {
		t.Errorf("other: %+v", got)
	}
	back, cancel := one.Subscribe("demo", "event:back")
	defer cancel()
	one.Publish(live.Notice{Tenant: "demo", Topic: "event:end"})
	await(t, end, "the last notice")
	two.Publish(live.Notice{Tenant: "demo", Topic: "event:back"})
	await(t, back, "the way back")
	none(t, own)
	none(t, foreign)
}

func TestSlowReaderGetsOneNoticeForMany(t *testing.T) {
	t.Parallel()
	b := live.New(live.Config{})
	ch, cancel := b.Subscribe("demo", "edit:e")
	defer cancel()
	for rev := int64(1); rev <= 50; rev++ {
		b.Publish(live.Notice{Tenant: "demo", Topic: "edit:e", Rev: rev})
	}
	if n := await(t, ch, "a notice"); n.Rev != 50 {
		t.Errorf("rev %d, want 50", n.Rev)
	}
	none(t, ch)
	b.Publish(live.Notice{Tenant: "demo", Topic: "edit:e", Rev: 50})
	none(t, ch)
	b.Publish(live.Notice{Tenant: "demo", Topic: "edit:e"}, live.Notice{Tenant: "demo", Topic: "edit:e", Rev: 51})
	if n := await(t, ch, "a notice"); n.Rev != 0 {
		t.Errorf("rev %d hides that something else is to be asked", n.Rev)
	}
}

func TestManyTopicsGoInFewNotifies(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	one, two := node(t, dsn, nil), node(t, dsn, nil)
	var subs []<-chan live.Notice
	var all []live.Notice
	for i := range 500 {
		n := live.Notice{Tenant: "demo", Topic: fmt.Sprintf("edit:%s-%d", strings.Repeat("x", 60), i), Rev: int64(i + 1)}
		ch, cancel := two.Subscribe(n.Tenant, n.Topic)
		defer cancel()
		subs, all = append(subs, ch), append(all, n)
	}
	one.Publish(all...)
	for i, ch := range subs {
		if n := await(t, ch, "notice"); n != all[i] {
			t.Fatalf("%+v, want %+v", n, all[i])
		}
	}
}

func TestKilledListenerComesBackAndWakesEverybody(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	connected := make(chan struct{}, 10)
	b := node(t, dsn, func(_ *live.Config, b *live.Bus) {
		if b != nil {
			b.OnConnect(func() { connected <- struct{}{} })
		}
	})
	await(t, connected, "the first connection")
	ch, cancel := b.Subscribe("demo", "edit:e")
	defer cancel()
	db := dbtest.Open(t, dsn)
	_, err := db.Pool.Exec(t.Context(), "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cutroom listen' and datname = current_database()")
	if err != nil {
		t.Fatal(err)
	}
	await(t, connected, "the second connection")
	if n := await(t, ch, "the wake-up"); n.Rev != 0 || n.Topic != "edit:e" {
		t.Errorf("%+v", n)
	}
}

func TestPollFindsWhatWasNeverNotified(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []string
	b := node(t, dbtest.DSN(t), func(cfg *live.Config, b *live.Bus) {
		cfg.PollEvery = 20 * time.Millisecond
		if b != nil {
			b.Poll = func(_ context.Context, tenant string, topics []string) ([]live.Notice, error) {
				mu.Lock()
				defer mu.Unlock()
				asked = topics
				return []live.Notice{{Tenant: tenant, Topic: "edit:e", Rev: 9}}, nil
			}
		}
	})
	ch, cancel := b.Subscribe("demo", "edit:e")
	defer cancel()
	if n := await(t, ch, "what the poll found"); n.Rev != 9 {
		t.Errorf("%+v", n)
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(asked, []string{"edit:e"}) {
		t.Errorf("asked for %v", asked)
	}
}

func TestWhispersReachTheOthersOnly(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	heard, echo := make(chan live.Whisper, 10), make(chan live.Whisper, 10)
	one := node(t, dsn, func(_ *live.Config, b *live.Bus) {
		if b != nil {
			b.OnWhisper(func(w live.Whisper) { echo <- w })
		}
	})
	node(t, dsn, func(_ *live.Config, b *live.Bus) {
		if b != nil {
			b.OnWhisper(func(w live.Whisper) { heard <- w })
		}
	})
	for i := range 100 {
		one.Broadcast(live.Whisper{Tenant: "demo", Topic: "presence:e", Key: "s", Value: json.RawMessage(fmt.Sprint(i))})
	}
	n := 0
	for string(await(t, heard, "the last value").Value) != "99" {
		n++
	}
	if n > 2 {
		t.Errorf("%d values came before the last one", n)
	}
	if len(echo) != 0 {
		t.Error("a node heard itself")
	}
}

func TestStopLeavesNothingBehind(t *testing.T) {
	dsn := dbtest.DSN(t)
	pool, err := pgxpool.New(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	before := goleak.IgnoreCurrent()
	b := live.New(live.Config{DSN: dsn, Pool: pool})
	b.Start(context.Background())
	b.Start(context.Background())
	await(t, b.Ready(), "the listener")
	b.Publish(live.Notice{Tenant: "demo", Topic: "edit:e", Rev: 1})
	b.Stop()
	b.Stop()
	pool.Close()
	goleak.VerifyNone(t, before)
	live.New(live.Config{}).Stop()
}

func TestStopWhileTheDatabaseIsAway(t *testing.T) {
	pool, err := pgxpool.New(context.Background(), "host=/nowhere dbname=x")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	before := goleak.IgnoreCurrent()
	b := live.New(live.Config{DSN: "host=/nowhere dbname=x", Pool: pool})
	b.Start(context.Background())
	b.Publish(live.Notice{Tenant: "demo", Topic: "edit:e", Rev: 1})
	b.Stop()
	goleak.VerifyNone(t, before)
}
