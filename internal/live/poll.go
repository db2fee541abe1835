package live

import (
	"context"
	"math/rand/v2"
	"time"
)

// poll asks for the revs of watched topics from time to time, for notices that never came.
func (b *Bus) poll(ctx context.Context) {
	for b.Poll != nil {
		sleep(ctx, b.cfg.PollEvery*3/4+rand.N(b.cfg.PollEvery/2))
		if ctx.Err() != nil {
			return
		}
		for tenant, topics := range b.watched() {
			b.pollTenant(ctx, tenant, topics)
		}
	}
}

func (b *Bus) pollTenant(ctx context.Context, tenant string, topics []string) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	notices, err := b.Poll(ctx, tenant, topics)
	if err != nil {
		if ctx.Err() == nil {
			b.cfg.Log.Debug("no poll", "tenant", tenant, "err", err)
		}
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range notices {
		b.deliver(n)
	}
}

func (b *Bus) watched() map[string][]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := map[string][]string{}
	for k := range b.topics {
		all[k.tenant] = append(all[k.tenant], k.topic)
	}
	return all
}
