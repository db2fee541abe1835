package live

import (
	"context"
	"encoding/json"
	"time"
)

// channel is the one channel of all nodes and tenants.
const channel = "cutroom"

// maxPayload is what one notify may carry; Postgres takes less than 8,000 bytes.
const maxPayload = 7500

// envelope is what a notify carries.
type envelope struct {
	From     string            `json:"f"`
	Notices  []json.RawMessage `json:"n,omitempty"`
	Whispers []json.RawMessage `json:"w,omitempty"`
}

func (w Whisper) slot() whisperSlot { return whisperSlot{w.Tenant, w.Topic, w.Key} }

type whisperSlot struct{ tenant, topic, key string }

// send carries notices to the other nodes, at most one notify each linger; what fails stays for the next try.
func (b *Bus) send(ctx context.Context) {
	pause := b.cfg.Linger
	for wait(ctx, b.notices.wake) {
		all := b.takeNotices()
		if err := b.notify(ctx, pack(b.id, all, nil)); err != nil {
			b.putBack(all)
			pause = min(max(2*pause, 50*time.Millisecond), 2*time.Second)
			if ctx.Err() == nil {
				b.cfg.Log.Warn("notices wait: no notify", "waiting", len(all), "err", err)
			}
		} else {
			pause = b.cfg.Linger
		}
		sleep(ctx, pause)
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = b.notify(last, pack(b.id, b.takeNotices(), nil))
}

func (b *Bus) takeNotices() []Notice {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.notices.take()
}

func (b *Bus) putBack(all []Notice) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range all {
		b.notices.put(key{n.Tenant, n.Topic}, merge, n)
	}
}

func (b *Bus) sendWhispers(ctx context.Context) {
	for wait(ctx, b.whispers.wake) {
		b.mu.Lock()
		all := b.whispers.take()
		b.mu.Unlock()
		if err := b.notify(ctx, pack(b.id, nil, all)); err != nil && ctx.Err() == nil {
			b.cfg.Log.Debug("whispers lost", "err", err)
		}
		sleep(ctx, b.cfg.Whispers)
	}
}

func (b *Bus) notify(ctx context.Context, payloads []string) error {
	if len(payloads) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := b.cfg.Pool.Exec(ctx, "select pg_notify($1, p) from unnest($2::text[]) p", channel, payloads)
	return err
}

// pack makes payloads of at most maxPayload bytes. An item that alone is longer is left out: the reader's poll finds it.
func pack(from string, notices []Notice, whispers []Whisper) []string {
	p := &packer{from: from}
	for _, n := range notices {
		p.add(n, func(e *envelope, raw json.RawMessage) { e.Notices = append(e.Notices, raw) })
	}
	for _, w := range whispers {
		p.add(w, func(e *envelope, raw json.RawMessage) { e.Whispers = append(e.Whispers, raw) })
	}
	p.close()
	return p.done
}

type packer struct {
	from string
	now  envelope
	size int
	done []string
}

func (p *packer) add(item any, into func(*envelope, json.RawMessage)) {
	raw, err := json.Marshal(item)
	const frame = 64 // braces, names, the sender's id
	if err != nil || len(raw)+frame > maxPayload {
		return
	}
	if p.size+len(raw)+1+frame > maxPayload {
		p.close()
	}
	p.size += len(raw) + 1
	into(&p.now, raw)
}

func (p *packer) close() {
	if p.size == 0 {
		return
	}
	p.now.From = p.from
	raw, _ := json.Marshal(p.now)
	p.done = append(p.done, string(raw))
	p.now, p.size = envelope{}, 0
}

// wait waits for a token; false when ctx is done.
func wait(ctx context.Context, wake <-chan struct{}) bool {
	select {
	case <-ctx.Done():
		return false
	case <-wake:
		return true
	}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
