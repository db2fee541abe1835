package user

import (
	"sync"
	"time"
)

// bucket of failed tries: it holds size, and one comes back each refill.
type bucket struct {
	size   float64
	refill time.Duration
}

// Failed tries that are allowed. One person at one address is held tight; an address is shared by a lecture hall, and a
// person must not be locked out by somebody else's guessing, so these two are wide.
var (
	personAtAddress = bucket{6, 10 * time.Second}
	anyAtAddress    = bucket{60, time.Second}
	personAnywhere  = bucket{60, 5 * time.Second}
)

// tries counts failed sign-ins in this node's memory: each node more allows an attacker that many more.
type tries struct {
	now func() time.Time

	mu    sync.Mutex
	left  map[string]tryCount
	swept time.Time
	over  map[string]int // what note has left out since it last said yes
}

type tryCount struct {
	left float64
	at   time.Time
	full time.Time // when all tries have come back
}

func newTries() *tries {
	return &tries{now: time.Now, left: map[string]tryCount{}, over: map[string]int{}}
}

// take takes a try from each bucket, or none and false when one is empty.
func (t *tries) take(keys map[string]bucket) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	t.sweep(now)
	for key, b := range keys {
		if t.count(key, b, now) < 1 {
			return false
		}
	}
	for key, b := range keys {
		t.set(key, b, t.count(key, b, now)-1, now)
	}
	return true
}

// note takes one from a single bucket, and says how often it was empty since the last time that it was not.
func (t *tries) note(key string, b bucket) (leftOut int, ok bool) {
	if !t.take(map[string]bucket{key: b}) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.over[key]++
		return 0, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	leftOut = t.over[key]
	delete(t.over, key)
	return leftOut, true
}

// give gives back what a sign-in that worked had taken.
func (t *tries) give(keys map[string]bucket) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for key, b := range keys {
		t.set(key, b, min(b.size, t.count(key, b, now)+1), now)
	}
}

func (t *tries) count(key string, b bucket, now time.Time) float64 {
	c, ok := t.left[key]
	if !ok {
		return b.size
	}
	return min(b.size, c.left+float64(now.Sub(c.at))/float64(b.refill))
}

func (t *tries) set(key string, b bucket, left float64, now time.Time) {
	t.left[key] = tryCount{left, now, now.Add(time.Duration((b.size - left) * float64(b.refill)))}
}

// sweep forgets full buckets now and then.
func (t *tries) sweep(now time.Time) {
	if now.Sub(t.swept) < time.Minute {
		return
	}
	t.swept = now
	for key, c := range t.left {
		if now.After(c.full) {
			delete(t.left, key)
		}
	}
}
