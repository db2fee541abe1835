package install

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/install/stubmodule"
	"cutroom/internal/live"
	"cutroom/internal/module"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// bundle is a store on a database of its own, with one outside service behind all modules.
type bundle struct {
	*Store
	t       *testing.T
	olga    user.Who
	service *stubmodule.Service
	bus     *recorder
}

// recorder keeps the topics that were published, and wakes nobody.
type recorder struct {
	mu     sync.Mutex
	topics []string
}

func (r *recorder) Publish(notices ...live.Notice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range notices {
		r.topics = append(r.topics, n.Topic)
	}
}

const demo = dbtest.Tenant

func setup(t *testing.T) *bundle {
	t.Helper()
	t.Parallel()
	bus := &recorder{}
	s, err := New(dbtest.New(t), bus)
	if err != nil {
		t.Fatal(err)
	}
	s.Client = &Client{Retry: 20 * time.Millisecond}
	s.Lease = 5 * time.Second
	b := &bundle{Store: s, t: t, service: stubmodule.Start(t), bus: bus,
		olga: user.Who{Tenant: tenant.Operators, User: "operator:olga", Name: "Olga", Role: user.OperatorRole}}
	if err := s.RegisterBuiltins(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

// module makes a module known, with a service; provides and needs are interfaces "name version".
func (b *bundle) module(id string, provides, needs []string) {
	b.t.Helper()
	b.known(stubmodule.Descriptor{ID: id, Tenant: "2.0", Provides: interfaces(provides...), Requires: interfaces(needs...)})
}

// optional is module for one that uses interfaces if they are there.
func (b *bundle) optional(id string, uses ...string) {
	b.t.Helper()
	b.known(stubmodule.Descriptor{ID: id, Tenant: "2.0", Optional: interfaces(uses...)})
}

func interfaces(list ...string) (out []stubmodule.Interface) {
	for _, text := range list {
		name, version, _ := strings.Cut(text, " ")
		out = append(out, stubmodule.Interface{ID: name, Version: version})
	}
	return out
}

func (b *bundle) known(about stubmodule.Descriptor) {
	b.t.Helper()
	d, err := module.Parse(about.JSON())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.AddModules(b.t.Context(), b.olga, []module.Descriptor{d}, false, module.Filter{PreRelease: "true", NpmSnapshot: "true"}); err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.AddInstance(b.t.Context(), b.olga, Instance{Module: d.ID, ID: d.ID, URL: b.service.URL}); err != nil {
		b.t.Fatal(err)
	}
}

// chain makes modules a, b and c: b needs a, c needs b.
func (b *bundle) chain() {
	b.t.Helper()
	b.module("a-1.0.0", []string{"ia 1.0"}, nil)
	b.module("b-1.0.0", []string{"ib 1.0"}, []string{"ia 1.0"})
	b.module("c-1.0.0", []string{"ic 1.0"}, []string{"ib 1.0"})
}

// apart makes modules that have nothing to do with each other.
func (b *bundle) apart(ids ...string) {
	b.t.Helper()
	for _, id := range ids {
		b.module(id, nil, nil)
	}
}

func enable(ids ...string) (list []module.TenantModule) {
	for _, id := range ids {
		list = append(list, module.TenantModule{ID: id, Action: module.Enable})
	}
	return list
}

func disable(ids ...string) (list []module.TenantModule) {
	for _, id := range ids {
		list = append(list, module.TenantModule{ID: id, Action: module.Disable})
	}
	return list
}

// submit makes an install with the defaults, changed.
func (b *bundle) submit(wanted []module.TenantModule, change func(*Options)) Job {
	b.t.Helper()
	o := Defaults()
	o.Async = true
	if change != nil {
		change(&o)
	}
	j, err := b.Install(b.t.Context(), b.olga, demo, wanted, o, http.Header{"X-Okapi-Request-Id": {"7"}})
	if err != nil {
		b.t.Fatal(err)
	}
	return j
}

// claim takes a dispatched install as a node.
func (b *bundle) claim(id ID, node string) *Held {
	b.t.Helper()
	h, err := b.Claim(b.t.Context(), Args{Tenant: demo, Install: id}, b.riverJob(id), node)
	if err != nil {
		b.t.Fatal(err)
	}
	return h
}

// works claims an install and works on it; stop ends the node. The channel gives what Do returned.
func (b *bundle) works(id ID, node string) (stop context.CancelFunc, gone <-chan error) {
	b.t.Helper()
	h := b.claim(id, node)
	ctx, stop := context.WithCancel(context.Background())
	b.t.Cleanup(stop)
	ended := make(chan error, 1)
	go func() { ended <- h.Do(ctx) }()
	return stop, ended
}

// finish works on an install to its end.
func (b *bundle) finish(id ID) Job {
	b.t.Helper()
	if err := b.claim(id, "n1").Do(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return b.reload(id)
}

// do submits and finishes.
func (b *bundle) do(wanted []module.TenantModule, change func(*Options)) Job {
	b.t.Helper()
	return b.finish(b.submit(wanted, change).ID)
}

func (b *bundle) reload(id ID) Job {
	b.t.Helper()
	j, err := b.Find(b.t.Context(), b.olga, demo, id)
	if err != nil {
		b.t.Fatal(err)
	}
	return j
}

func (b *bundle) riverJob(id ID) (job int64) {
	b.t.Helper()
	b.system(func(tx pgx.Tx) error {
		return tx.QueryRow(b.t.Context(), "select coalesce(river_job_id, 0) from install where id = $1", id).Scan(&job)
	})
	return job
}

func (b *bundle) riverState(job int64) (state string) {
	b.t.Helper()
	if err := b.DB.Pool.QueryRow(b.t.Context(), "select state::text from river.river_job where id = $1", job).Scan(&state); err != nil {
		b.t.Fatal(err)
	}
	return state
}

func (b *bundle) system(fn func(pgx.Tx) error) {
	b.t.Helper()
	if err := b.DB.System(b.t.Context(), fn); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	b.system(func(tx pgx.Tx) error { _, err := tx.Exec(b.t.Context(), sql, args...); return err })
}

// expire ends the lease of an install.
func (b *bundle) expire(id ID) {
	b.t.Helper()
	b.exec("update install set lease_until = clock_timestamp() - interval '1 second' where id = $1", id)
}

func (b *bundle) reap(want int) {
	b.t.Helper()
	if n, err := b.Reap(b.t.Context()); err != nil || n != want {
		b.t.Fatalf("%d were reaped instead of %d: %v", n, want, err)
	}
}

// has gives what the tenant has, as one text.
func (b *bundle) has() string {
	b.t.Helper()
	ids, err := b.Enabled(b.t.Context(), demo)
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.Join(ids, " ")
}

func (b *bundle) wantHas(want string) {
	b.t.Helper()
	if got := b.has(); got != want {
		b.t.Fatalf("the tenant has %q instead of %q", got, want)
	}
}

// lines is a job as one text: its state, then a line a module.
func lines(j Job) string {
	text := string(j.State)
	for _, m := range j.Modules {
		text += fmt.Sprintf("\n%s %s %s", m.Action, m.ID, m.Stage)
		if m.Status != "" {
			text += " " + m.Status
		}
		if m.Message != "" {
			text += ": " + m.Message
		}
	}
	return text
}

func wantJob(t *testing.T, j Job, want ...string) {
	t.Helper()
	if got := lines(j); got != strings.Join(want, "\n") {
		t.Fatalf("the job is\n%s\ninstead of\n%s", got, strings.Join(want, "\n"))
	}
	if j.Complete() != (j.Ended != nil) {
		t.Fatal("complete, and its end date is", j.Ended)
	}
}

func wantKind(t *testing.T, err error, kind fault.Kind, text string) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != kind || text != "" && f.Text != text {
		t.Fatalf("the error is %v, wanted %d %q", err, kind.Status(), text)
	}
}

// told are the calls that the service got, in order: "enable m", "disable m", "purge m".
func (b *bundle) told() string {
	var list []string
	for _, c := range b.service.Told() {
		verb := "enable"
		if c.Body["module_to"] == nil {
			verb = "disable"
		}
		if c.Body["purge"] == true {
			verb = "purge"
		}
		line := verb + " " + c.Module()
		if from, ok := c.Body["module_from"].(string); ok && verb == "enable" {
			line += " from " + from
		}
		list = append(list, line)
	}
	return strings.Join(list, ", ")
}

func (b *bundle) wantTold(want string) {
	b.t.Helper()
	if got := b.told(); got != want {
		b.t.Fatalf("the modules were told %q instead of %q", got, want)
	}
}
