package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"cutroom/internal/dbtest"
	"cutroom/internal/install"
	"cutroom/internal/install/stubmodule"
	"cutroom/internal/live"
	"cutroom/internal/module"
	"cutroom/internal/postgres"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

var olga = user.Who{Tenant: tenant.Operators, User: "operator:olga", Name: "Olga", Role: user.OperatorRole}

// installing is a node that works installs, and what it needs.
type installing struct {
	installs *install.Store
	node     *Node
	service  *stubmodule.Service
	wanted   []module.TenantModule
}

// install starts a node and registers n modules of one service. The bus is the node's own, as where one process does all.
func startInstalling(tb testing.TB, db *tenant.DB, dsn string, n int) *installing {
	tb.Helper()
	bus := live.New(live.Config{DSN: dsn, Pool: db.Pool, Log: slog.New(slog.DiscardHandler)})
	bus.Start(context.Background())
	tb.Cleanup(bus.Stop)
	store, err := install.New(db, bus)
	if err != nil {
		tb.Fatal(err)
	}
	i := &installing{installs: store, service: stubmodule.Start(tb)}
	var all []module.Descriptor
	for k := range n {
		d, err := module.Parse(stubmodule.Descriptor{ID: fmt.Sprintf("m%02d-1.0.0", k), Tenant: "2.0"}.JSON())
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, d)
		i.wanted = append(i.wanted, module.TenantModule{ID: d.ID, Action: module.Enable})
	}
	ctx := context.Background()
	if err := store.AddModules(ctx, olga, all, false, module.Filter{}); err != nil {
		tb.Fatal(err)
	}
	for _, d := range all {
		if _, err := store.AddInstance(ctx, olga, install.Instance{Module: d.ID, URL: i.service.URL}); err != nil {
			tb.Fatal(err)
		}
	}
	i.node = i.start(tb, db, "n1")
	return i
}

func (i *installing) start(tb testing.TB, db *tenant.DB, name string) *Node {
	tb.Helper()
	workers := river.NewWorkers()
	river.AddWorker(workers, &Install{Installs: i.installs, Node: name})
	runs, err := hammerStore(db)
	if err != nil {
		tb.Fatal(err)
	}
	river.AddWorker(workers, &Render{Runs: runs, Node: name})
	node := &Node{DB: db, Runs: runs, Installs: i.installs, Workers: workers, Name: name, Log: slog.New(slog.DiscardHandler)}
	if err := node.Start(context.Background()); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := node.Stop(ctx); err != nil {
			tb.Error(err)
		}
	})
	return node
}

// install submits and gives the install.
func (i *installing) install(tb testing.TB, wanted []module.TenantModule, o install.Options) install.Job {
	tb.Helper()
	j, err := i.installs.Install(context.Background(), olga, dbtest.Tenant, wanted, o, http.Header{})
	if err != nil {
		tb.Fatal(err)
	}
	return j
}

func (i *installing) wait(tb testing.TB, id install.ID) install.Job {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	j, err := i.installs.Wait(ctx, dbtest.Tenant, id)
	if err != nil {
		tb.Fatal(err)
	}
	return j
}

func TestANodeWorksInstallsAndAnotherGoesOn(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	db := dbtest.Open(t, dsn)
	i := startInstalling(t, db, dsn, 3)
	i.service.Plan("m01", stubmodule.Plan{Async: true, Hold: true})
	first, second := i.install(t, i.wanted, install.Defaults()), i.install(t, i.wanted[:1], install.Defaults())
	i.service.WaitTold(t, "m01-1.0.0")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := i.node.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	j, err := i.installs.Find(t.Context(), olga, dbtest.Tenant, first.ID)
	if err != nil || j.State != install.Dispatched {
		t.Fatal(j, err)
	}
	i.start(t, db, "n2")
	i.service.ReleaseAll()
	for _, id := range []install.ID{first.ID, second.ID} {
		if j := i.wait(t, id); j.State != install.Done || j.Node != "n2" {
			t.Fatalf("%+v", j)
		}
	}
	for _, m := range i.wanted {
		if n := i.service.Initialised(m.ID); n != 1 {
			t.Fatal(m.ID, "was initialised", n, "times")
		}
	}
}

// BenchmarkInstall is from the call to complete seen, on a Postgres that writes each commit to the disk.
func BenchmarkInstall(b *testing.B) {
	for _, c := range []struct{ modules, parallel int }{{1, 1}, {20, 1}, {20, 5}} {
		b.Run(fmt.Sprintf("modules=%d/parallel=%d", c.modules, c.parallel), func(b *testing.B) {
			db, dsn := durable(b)
			i := startInstalling(b, db, dsn, c.modules)
			o := install.Defaults()
			o.Parallel, o.Reinstall = c.parallel, true
			i.wait(b, i.install(b, i.wanted, o).ID)
			var posted time.Duration
			for b.Loop() {
				begun := time.Now()
				j := i.install(b, i.wanted, o)
				posted += time.Since(begun)
				if got := i.wait(b, j.ID); got.State != install.Done {
					b.Fatalf("%+v", got)
				}
			}
			b.ReportMetric(float64(posted.Microseconds())/float64(b.N)/1000, "ms/post")
		})
	}
}

// durable is a database like that of an installation: its server waits for the disk.
func durable(b *testing.B) (*tenant.DB, string) {
	b.Helper()
	dir, err := os.MkdirTemp("", "cutroom-bench-") // the path of a socket has to be short
	if err != nil {
		b.Fatal(err)
	}
	server, err := postgres.Start(context.Background(), postgres.Options{Dir: dir})
	if err != nil {
		b.Skip(err)
	}
	b.Cleanup(func() {
		server.Stop()
		_ = os.RemoveAll(dir)
	})
	db := dbtest.Open(b, server.DSN())
	if err := db.Migrate(context.Background()); err != nil {
		b.Fatal(err)
	}
	if err := db.Create(context.Background(), dbtest.Tenant, "Demo", "", nil); err != nil {
		b.Fatal(err)
	}
	return db, server.DSN()
}
