package live

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Config of a node's bus. Durations that are 0 get their defaults.
type Config struct {
	DSN  string        // for LISTEN: a direct connection, not through a pooler
	Pool *pgxpool.Pool // sends the notices
	Log  *slog.Logger

	Linger    time.Duration // between two notifies of this node; 10 ms
	Whispers  time.Duration // between two notifies with whispers; 100 ms
	PingEvery time.Duration // the listener, when nothing came; 5 s
	PollEvery time.Duration // over watched topics; 1.5 s
}

// Bus is a node's end of the wire. Subscribe, Publish and Broadcast may be called before Start and after Stop.
type Bus struct {
	// Poll tells the present revs of topics of a tenant, as far as it knows such topics. Set it before Start.
	Poll func(ctx context.Context, tenant string, topics []string) ([]Notice, error)

	cfg Config
	id  string // this life of this node, on the wire: its own notices are dropped

	mu        sync.Mutex
	topics    map[key]*topic
	notices   outbox[key, Notice]
	whispers  outbox[whisperSlot, Whisper]
	hear      []func(Whisper)
	connected []func()

	startOnce, stopOnce, readyOnce sync.Once
	cancel                         context.CancelFunc
	wg                             sync.WaitGroup
	ready                          chan struct{}
}

type key struct{ tenant, topic string }

// New makes a bus; nothing goes in or out between nodes before Start.
func New(cfg Config) *Bus {
	def := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	def(&cfg.Linger, 10*time.Millisecond)
	def(&cfg.Whispers, 100*time.Millisecond)
	def(&cfg.PingEvery, 5*time.Second)
	def(&cfg.PollEvery, 1500*time.Millisecond)
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Bus{
		cfg: cfg, id: rand.Text()[:12], topics: map[key]*topic{}, ready: make(chan struct{}), cancel: func() {},
		notices: newOutbox[key, Notice](), whispers: newOutbox[whisperSlot, Whisper](),
	}
}

// Start begins to listen and to send, until Stop. It does not wait for the database: Ready tells when it hears the others.
func (b *Bus) Start(ctx context.Context) {
	b.startOnce.Do(func() {
		ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		b.cancel = cancel
		b.wg.Go(func() { b.listen(ctx) })
		b.wg.Go(func() { b.poll(ctx) })
		b.wg.Go(func() { b.send(ctx) })
		b.wg.Go(func() { b.sendWhispers(ctx) })
	})
}

// Ready is closed when the bus hears the other nodes for the first time.
func (b *Bus) Ready() <-chan struct{} { return b.ready }

// Stop sends what is left and ends. It may be called twice, and without Start.
func (b *Bus) Stop() {
	b.stopOnce.Do(func() {
		b.startOnce.Do(func() {})
		b.cancel()
		b.wg.Wait()
	})
}

// OnConnect calls fn each time the listener is connected, also the first time. fn must not wait. Call it before Start.
func (b *Bus) OnConnect(fn func()) { b.connected = append(b.connected, fn) }

// OnWhisper calls fn with what other nodes broadcast. fn must not wait. Call it before Start.
func (b *Bus) OnWhisper(fn func(Whisper)) { b.hear = append(b.hear, fn) }

// Publish wakes the subscribers of these topics on all nodes. It never waits.
func (b *Bus) Publish(notices ...Notice) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range notices {
		b.deliver(n)
		b.notices.put(key{n.Tenant, n.Topic}, merge, n)
	}
}

// Broadcast tells the other nodes something momentary. It never waits.
func (b *Bus) Broadcast(w Whisper) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.whispers.put(w.slot(), func(_, newer Whisper) Whisper { return newer }, w)
}
