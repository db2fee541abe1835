package live

// topic is what some subscribers of this node wait for.
type topic struct {
	known int64 // the highest rev they were told
	subs  map[chan Notice]struct{}
}

// Subscribe gives a channel that gets a notice when something happened to a topic, on whatever node. It holds one: later
// ones merge into it, so a notice stands for one or more. Rev 0 means: ask what is new. Call cancel when done; the channel
// is not closed.
func (b *Bus) Subscribe(tenant, name string) (notices <-chan Notice, cancel func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := key{tenant, name}
	t := b.topics[k]
	if t == nil {
		t = &topic{subs: map[chan Notice]struct{}{}}
		b.topics[k] = t
	}
	ch := make(chan Notice, 1)
	t.subs[ch] = struct{}{}
	return ch, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(t.subs, ch)
		if len(t.subs) == 0 && b.topics[k] == t {
			delete(b.topics, k)
		}
	}
}

// deliver wakes this node's subscribers, unless they know of the rev. Under the lock.
func (b *Bus) deliver(n Notice) {
	t := b.topics[key{n.Tenant, n.Topic}]
	if t == nil || n.Rev != 0 && n.Rev <= t.known {
		return
	}
	t.known = max(t.known, n.Rev)
	for ch := range t.subs {
		offer(ch, n)
	}
}

// offer puts a notice into a channel of one, merged with the one that is in it. Under the lock nobody else puts.
func offer(ch chan Notice, n Notice) {
	select {
	case old := <-ch:
		n = merge(old, n)
	default:
	}
	ch <- n
}

// merge makes one notice of two of the same topic; one without a rev says more.
func merge(a, b Notice) Notice {
	if a.Rev == 0 || b.Rev == 0 {
		b.Rev = 0
		return b
	}
	b.Rev = max(a.Rev, b.Rev)
	return b
}

// wakeAll tells every subscriber to ask: notices may have been lost.
func (b *Bus) wakeAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for k, t := range b.topics {
		for ch := range t.subs {
			offer(ch, Notice{Tenant: k.tenant, Topic: k.topic})
		}
	}
}
