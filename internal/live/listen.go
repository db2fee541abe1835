package live

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// listen hears the other nodes until ctx is done, on one connection after the other.
func (b *Bus) listen(ctx context.Context) {
	const least, most = 100 * time.Millisecond, 5 * time.Second
	pause := least
	for ctx.Err() == nil {
		began := time.Now()
		err := b.hearOn(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > most {
			pause = least
		}
		b.cfg.Log.Warn("the listener's connection is lost", "again", pause, "err", err)
		sleep(ctx, pause/2+rand.N(pause))
		pause = min(2*pause, most)
	}
}

// hearOn makes a connection and hears on it until it breaks.
func (b *Bus) hearOn(ctx context.Context) error {
	conn, err := dial(ctx, b.cfg.DSN)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	if _, err := conn.Exec(ctx, "listen "+channel); err != nil {
		return err
	}
	// From here on nothing is missed; what came before may be.
	b.wakeAll()
	for _, fn := range b.connected {
		fn()
	}
	b.readyOnce.Do(func() { close(b.ready) })
	for {
		n, err := next(ctx, conn, b.cfg.PingEvery)
		if err != nil {
			return err
		}
		if n != nil {
			b.receive(n.Payload)
		}
	}
}

func dial(ctx context.Context, dsn string) (*pgx.Conn, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams["application_name"] = "cutroom listen"
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 5 * time.Second
	}
	return pgx.ConnectConfig(ctx, cfg)
}

// next waits for a notification; when none came for a while it pings, and nil is returned.
func next(ctx context.Context, conn *pgx.Conn, every time.Duration) (*pgconn.Notification, error) {
	quiet, cancel := context.WithTimeout(ctx, every)
	defer cancel()
	n, err := conn.WaitForNotification(quiet)
	if err == nil || quiet.Err() == nil || ctx.Err() != nil {
		return n, err
	}
	ping, cancelPing := context.WithTimeout(ctx, every)
	defer cancelPing()
	return nil, conn.Ping(ping)
}

// receive passes on what another node sent.
func (b *Bus) receive(payload string) {
	var e struct {
		From     string    `json:"f"`
		Notices  []Notice  `json:"n"`
		Whispers []Whisper `json:"w"`
	}
	if err := json.Unmarshal([]byte(payload), &e); err != nil {
		b.cfg.Log.Warn("a notify that cannot be read", "err", err)
		return
	}
	if e.From == b.id {
		return
	}
	b.mu.Lock()
	for _, n := range e.Notices {
		b.deliver(n)
	}
	b.mu.Unlock()
	for _, w := range e.Whispers {
		for _, fn := range b.hear {
			fn(w)
		}
	}
}
