package user

import (
	"testing"
	"time"
)

func TestTriesComeBackAndAreForgotten(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tr := newTries()
	tr.now = func() time.Time { return now }
	keys := map[string]bucket{"a": {2, time.Minute}, "b": {100, time.Second}}
	for i, want := range []bool{true, true, false} {
		if got := tr.take(keys); got != want {
			t.Errorf("try %d: %v", i, got)
		}
	}
	now = now.Add(time.Minute)
	if !tr.take(keys) || tr.take(keys) {
		t.Error("after a minute there is not exactly one try")
	}
	tr.give(keys)
	if !tr.take(keys) {
		t.Error("what was given back is not there")
	}
	now = now.Add(time.Hour)
	tr.take(map[string]bucket{"c": {1, time.Second}})
	if len(tr.left) != 1 {
		t.Errorf("%d buckets are kept", len(tr.left))
	}
}
