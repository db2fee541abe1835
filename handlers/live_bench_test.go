package handlers

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// BenchmarkCutSeenOnAnotherNode measures from sending an op to its being there on another node: ack-ms at its author,
// seen-ms at the other, both the middle, and seen-p99-ms.
func BenchmarkCutSeenOnAnotherNode(b *testing.B) {
	dsn, tokens := liveSetup(b)
	one, two := newLiveNode(b, dsn, "one", nil), newLiveNode(b, dsn, "two", nil)
	chloe := openTab(b, two, tokens["chloe"], "e/live")
	chloe.hello()
	authors := []*tab{openTab(b, one, tokens["ben"], "e/live"), openTab(b, one, tokens["ben"], "e/live"), openTab(b, one, tokens["ben"], "e/live")}
	for _, a := range authors {
		a.hello()
	}
	var acks, seen []time.Duration
	for n := 0; b.Loop(); n++ {
		ben, id := authors[n%len(authors)], fmt.Sprint("op-", n)
		begun := time.Now()
		ben.op(id, cutOp(n%200*100, n%200*100+50, n%2 == 0))
		chloe.until(id, func([]message) bool { return !chloe.at[id].IsZero() })
		acks, seen = append(acks, ben.time(id).Sub(begun)), append(seen, chloe.time(id).Sub(begun))
		for since := time.Since(begun); since < 7*time.Millisecond; since = time.Since(begun) { // below the limit of messages
			<-time.After(7*time.Millisecond - since)
		}
	}
	b.ReportMetric(quantile(acks, 0.5), "ack-ms")
	b.ReportMetric(quantile(seen, 0.5), "seen-ms")
	b.ReportMetric(quantile(seen, 0.99), "seen-p99-ms")
}

// BenchmarkOpenedSeenOnAnotherNode measures from beginning to open an event to being seen by somebody on another node.
func BenchmarkOpenedSeenOnAnotherNode(b *testing.B) {
	dsn, tokens := liveSetup(b)
	one, two := newLiveNode(b, dsn, "one", nil), newLiveNode(b, dsn, "two", nil)
	ben := openTab(b, one, tokens["ben"], "e/live")
	ben.sees("ben", "active")
	var seen []time.Duration
	for b.Loop() {
		begun := time.Now()
		chloe := openTab(b, two, tokens["chloe"], "e/live")
		ben.sees("chloe", "active")
		seen = append(seen, time.Since(begun))
		_ = chloe.conn.Close(websocket.StatusNormalClosure, "")
		ben.sees("chloe", "")
	}
	b.ReportMetric(quantile(seen, 0.5), "seen-ms")
	b.ReportMetric(quantile(seen, 0.99), "seen-p99-ms")
}

func (b *tab) time(id string) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at[id]
}

// quantile in milliseconds.
func quantile(times []time.Duration, q float64) float64 {
	sorted := slices.Sorted(slices.Values(times))
	return float64(sorted[min(len(sorted)-1, int(q*float64(len(sorted))))].Microseconds()) / 1000
}
