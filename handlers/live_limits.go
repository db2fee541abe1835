package handlers

import "time"

// bucket lets through so many a second, and a burst of so many.
type bucket struct {
	rate, burst, level float64
	at                 time.Time
}

func newBucket(rate, burst float64) bucket { return bucket{rate: rate, burst: burst, level: burst} }

// take says whether one more goes through.
func (b *bucket) take(now time.Time) bool {
	if !b.at.IsZero() {
		b.level = min(b.burst, b.level+now.Sub(b.at).Seconds()*b.rate)
	}
	b.at = now
	if b.level < 1 {
		return false
	}
	b.level--
	return true
}

// limits of one socket. Only its reader uses them.
type limits struct {
	messages bucket // of any kind
	wheres   bucket
	strikes  bucket // frames that were refused for what they are, not for what they say
}

func newLimits() limits {
	// Twenty strikes at once, or more than one a second for long, and the socket is closed.
	return limits{messages: newBucket(50, 50), wheres: newBucket(10, 10), strikes: newBucket(1, 20)}
}
