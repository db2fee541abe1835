package jobs

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"cutroom/internal/dbtest"
	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/live"
	"cutroom/internal/run"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// The test's binary starts itself again as a worker process when this variable holds the database.
const hammerVariable = "CUTROOM_TEST_HAMMER_WORKER"

const (
	hammerLease  = 1500 * time.Millisecond
	hammerEvents = 8
)

// hammerRuns is how many runs are submitted: few in the suite, many where a benchmark says so.
var hammerRuns = 90

// hammerRunsVariable makes the test longer.
const hammerRunsVariable = "CUTROOM_TEST_HAMMER_RUNS"

func TestMain(m *testing.M) {
	if dsn := os.Getenv(hammerVariable); dsn != "" {
		if err := hammerWorker(dsn); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// wholeEdit keeps everything.
type wholeEdit struct{}

func (wholeEdit) AtTx(context.Context, pgx.Tx, tenant.ID, event.ID, edit.Rev) (edit.Source, edit.State, error) {
	return edit.Source{Duration: 10_000, Tracks: []edit.SourceTrack{{Asset: "a1", Video: true, Duration: 10_000}}}, edit.State{}, nil
}

func hammerStore(db *tenant.DB) (*run.Store, error) {
	runs, err := run.New(db, wholeEdit{}, live.Discard{})
	if err == nil {
		runs.Lease, runs.Attempts = hammerLease, 1000
	}
	return runs, err
}

// hammerWorker is a worker process: a node with short work, until SIGTERM.
func hammerWorker(dsn string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return err
	}
	defer pool.Close()
	db := &tenant.DB{Pool: pool}
	runs, err := hammerStore(db)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("worker-%d", os.Getpid())
	workers := river.NewWorkers()
	river.AddWorker(workers, &Render{Runs: runs, Node: name, Make: shortWork})
	node := &Node{DB: db, Runs: runs, Workers: workers, Name: name, Reap: 300 * time.Millisecond, Log: slog.New(slog.DiscardHandler)}
	if err := node.Start(ctx); err != nil {
		return err
	}
	fmt.Println("ready")
	<-ctx.Done()
	within, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return node.Stop(within)
}

// shortWork takes 0.2 to 0.8 s and publishes by a row in the audit log, which is in the order of the commits of an event.
func shortWork(ctx context.Context, h *run.Held) (run.Result, error) {
	for i := range 4 {
		h.Step(run.StepNames[i])
		part := time.NewTimer(time.Duration(40+rand.IntN(160)) * time.Millisecond)
		select {
		case <-ctx.Done():
			part.Stop()
			return run.Result{}, ctx.Err()
		case <-part.C:
		}
		h.Progress(1, 2)
	}
	return run.Result{Swap: func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "insert into audit_log (actor, action, subject) values ($1, 'hammer', $2)", h.Node, h.Run.ID)
		return err
	}}, nil
}

// process is a worker process.
type process struct {
	cmd  *exec.Cmd
	gone chan struct{}
}

func startWorker(t *testing.T, dsn string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), hammerVariable+"="+dsn)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd, gone: make(chan struct{})}
	line, _ := bufio.NewReader(out).ReadString('\n')
	go func() {
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
		close(p.gone)
	}()
	if strings.TrimSpace(line) != "ready" {
		t.Fatalf("a worker did not start: %q", line)
	}
	return p
}

func (p *process) signal(s syscall.Signal) { _ = syscall.Kill(p.cmd.Process.Pid, s) }

func (p *process) end(s syscall.Signal) {
	p.signal(syscall.SIGCONT)
	p.signal(s)
	select {
	case <-p.gone:
	case <-time.After(15 * time.Second):
		p.signal(syscall.SIGKILL)
		<-p.gone
	}
}

// TestHammer lets workers be killed and frozen at random while people submit runs: each run is published exactly once, in
// the order of its event's queue, and no frozen worker publishes what was taken from it.
func TestHammer(t *testing.T) {
	if n, err := strconv.Atoi(os.Getenv(hammerRunsVariable)); err == nil {
		hammerRuns = n / 3 * 3
	}
	dsn := dbtest.DSN(t)
	db := dbtest.Open(t, dsn)
	runs, err := hammerStore(db)
	if err != nil {
		t.Fatal(err)
	}
	who := user.System(dbtest.Tenant)
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(hammerRuns+60)*time.Second)
	defer cancel()
	for n := range hammerEvents {
		makeHammerEvent(t, db, n)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	calm, over := make(chan struct{}), make(chan struct{})
	var hurting sync.WaitGroup
	hurting.Go(func() { hurt(t, dsn, rand.New(rand.NewPCG(seed, 1)), calm, over) })
	submitHammer(ctx, t, runs, who)
	<-time.After(6 * time.Second) // of violence after the last one
	close(calm)
	waitHammer(ctx, t, runs, who)
	<-time.After(hammerLease) // in which somebody who wakes up late could publish
	close(over)
	hurting.Wait()
	judgeHammer(t, db)
}

// hurt keeps three workers, and kills, freezes or stops one of them every now and then until calm; then it lets them work.
func hurt(t *testing.T, dsn string, dice *rand.Rand, calm, over <-chan struct{}) {
	workers := make([]*process, 3)
	for i := range workers {
		workers[i] = startWorker(t, dsn)
	}
	frozen := -1
	for tick := time.NewTicker(400 * time.Millisecond); ; {
		select {
		case <-calm:
			tick.Stop()
			for _, w := range workers {
				w.signal(syscall.SIGCONT)
			}
			<-over
			for _, w := range workers {
				w.end(syscall.SIGTERM)
			}
			return
		case <-tick.C:
		}
		i := dice.IntN(len(workers))
		switch what := dice.IntN(10); {
		case frozen >= 0 && what < 3:
			workers[frozen].signal(syscall.SIGCONT)
			frozen = -1
		case frozen < 0 && what < 6:
			workers[i].signal(syscall.SIGSTOP)
			frozen = i
		case i == frozen:
		case what < 9:
			workers[i].end(syscall.SIGKILL)
			workers[i] = startWorker(t, dsn)
		default:
			workers[i].end(syscall.SIGTERM)
			workers[i] = startWorker(t, dsn)
		}
	}
}

func makeHammerEvent(t *testing.T, db *tenant.DB, n int) {
	t.Helper()
	err := db.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		id := fmt.Sprintf("e%d", n)
		if _, err := tx.Exec(t.Context(), "insert into event (id, title, owner, created_by, duration, state) values ($1, 'A lecture', 'ben', 'ben', 10000, 'ready')", id); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `insert into asset (id, event_id, kind, flavor, mime_type, size, checksum, source, internal, path, duration, streams)
			values ($1::text || '-a1', $1, 'track', 'presenter/source', 'video/mp4', 1, 'sha256:' || repeat('0', 64), true, true, 'x', 10000, '[{"kind":"video"}]')`, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// submitHammer has three people submit runs.
func submitHammer(ctx context.Context, t *testing.T, runs *run.Store, who user.Who) {
	var people sync.WaitGroup
	for range 3 {
		people.Go(func() {
			for range hammerRuns / 3 {
				id := event.ID(fmt.Sprintf("e%d", rand.IntN(hammerEvents)))
				if _, err := runs.Submit(ctx, who, id, run.Workflow, nil); err != nil {
					t.Errorf("submit: %v", err)
					return
				}
				<-time.After(time.Duration(rand.IntN(500)) * time.Millisecond)
			}
		})
	}
	people.Wait()
}

// waitHammer waits until no run is open.
func waitHammer(ctx context.Context, t *testing.T, runs *run.Store, who user.Who) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := runs.Counts(ctx, who)
		if err != nil {
			t.Fatal(err)
		}
		if c.By[run.Queued]+c.By[run.Dispatched]+c.By[run.Running] == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not all runs got done: %v", c.By)
		}
	}
}

// judgeHammer compares what was published with what was submitted.
func judgeHammer(t *testing.T, db *tenant.DB) {
	t.Helper()
	err := db.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		var submitted, done, published, distinct, attempts, most int
		err := tx.QueryRow(t.Context(), `select count(*), count(*) filter (where state = 'done'), sum(attempt), max(attempt),
			(select count(*) from audit_log where action = 'hammer'), (select count(distinct subject) from audit_log where action = 'hammer') from run`).
			Scan(&submitted, &done, &attempts, &most, &published, &distinct)
		if err != nil {
			return err
		}
		t.Logf("%d runs, %d attempts, at most %d for one", submitted, attempts, most)
		if submitted != hammerRuns || done != submitted || published != submitted || distinct != submitted {
			t.Errorf("%d submitted, %d done, %d times published, %d runs published", submitted, done, published, distinct)
		}
		if attempts == submitted {
			t.Error("nobody lost a run: the test did not hurt")
		}
		var disorder int
		err = tx.QueryRow(t.Context(), `select count(*) from (select r.seq < lag(r.seq) over (partition by r.event_id order by a.id) as back
			from audit_log a join run r on r.id = a.subject where a.action = 'hammer') o where back`).Scan(&disorder)
		if disorder > 0 {
			t.Errorf("%d runs were published before one that was submitted earlier", disorder)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
