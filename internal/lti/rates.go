package lti

import (
	"sync"
	"time"
)

// How many logins of one registration a node begins: a lecture hall that clicks at once, and then so many each second. What a
// platform's pages do at most is far below.
const (
	loginBurst    = 6000
	loginsASecond = 600
	mostRates     = 10000
)

// rates count logins in this node's memory. Its zero value is ready.
type rates struct {
	mu   sync.Mutex
	left map[string]rate
}

type rate struct {
	left float64
	at   time.Time
}

// take takes one, or gives false when there is none.
func (r *rates) take(key string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left == nil || len(r.left) >= mostRates {
		r.left = map[string]rate{}
	}
	have, there := r.left[key]
	if !there {
		have = rate{loginBurst, now}
	}
	have.left = min(loginBurst, have.left+max(0, now.Sub(have.at).Seconds())*loginsASecond)
	have.at = now
	took := have.left >= 1
	if took {
		have.left--
	}
	r.left[key] = have
	return took
}
