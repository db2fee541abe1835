package presence

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"cutroom/internal/live"
	"cutroom/internal/tenant"
)

// Config of a node's registry. Durations that are 0 get their defaults.
type Config struct {
	DB   *tenant.DB
	Bus  *live.Bus
	Node string // as in the list of nodes
	Log  *slog.Logger

	Away  time.Duration // how long who left stays; 5 s
	Idle  time.Duration // after how long without doing anything; 2 min
	Lost  time.Duration // how old a node's last beat may be; 15 s
	Sweep time.Duration // between two looks at everything; 2 s
}

// Registry is a node's part of presence.
type Registry struct {
	cfg Config

	mu    sync.Mutex
	seats map[string]*localSeat // of this node, by session
	here  map[roomKey]map[string]*localSeat
	rooms map[roomKey]*room // events that this node shows
	dirty map[string]roomKey
	all   bool // write every seat, and remove rows of this node that are no seat

	write, load chan struct{} // hold a token when there is something to do
	startOnce   sync.Once
	stopOnce    sync.Once
	cancel      context.CancelFunc
	wg          sync.WaitGroup
}

type roomKey struct {
	tenant tenant.ID
	event  string
}

func (k roomKey) topic() string { return "presence:" + k.event }

func (k roomKey) notice() live.Notice {
	return live.Notice{Tenant: string(k.tenant), Topic: k.topic()}
}

// New makes the registry of a node, before its bus is started.
func New(cfg Config) *Registry {
	def := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	def(&cfg.Away, 5*time.Second)
	def(&cfg.Idle, 2*time.Minute)
	def(&cfg.Lost, 15*time.Second)
	def(&cfg.Sweep, 2*time.Second)
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	r := &Registry{
		cfg: cfg, seats: map[string]*localSeat{}, here: map[roomKey]map[string]*localSeat{}, rooms: map[roomKey]*room{}, dirty: map[string]roomKey{},
		write: make(chan struct{}, 1), load: make(chan struct{}, 1), cancel: func() {},
	}
	cfg.Bus.OnConnect(r.reconnected)
	cfg.Bus.OnWhisper(r.whispered)
	return r
}

// Start begins to write and read the table, until Stop.
func (r *Registry) Start(ctx context.Context) {
	r.startOnce.Do(func() {
		ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		r.cancel = cancel
		r.wg.Go(func() { r.writes(ctx) })
		r.wg.Go(func() { r.loads(ctx) })
		r.wg.Go(func() { r.sweeps(ctx) })
	})
}

// Stop takes this node's seats off the table and ends. It may be called twice. Stop the bus after it.
func (r *Registry) Stop() {
	r.stopOnce.Do(func() {
		r.startOnce.Do(func() {})
		r.cancel()
		r.wg.Wait()
		r.leaveAll()
	})
}

// reconnected: the listener is back. What others wrote meanwhile is read, and what this node knows is written, as the table
// may be empty now.
func (r *Registry) reconnected() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = true
	signal(r.write)
	r.staleAll()
}

func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
