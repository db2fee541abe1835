package presence

import (
	"testing"
	"time"

	"cutroom/internal/dbtest"
	"cutroom/internal/live"
)

// The reading that makes a room whole began before the row of a seat was there; what was whispered of it meanwhile stays.
func TestAWhisperMayBeFasterThanItsSeat(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	r := New(Config{DB: db, Bus: live.New(live.Config{Pool: db.Pool}), Node: "two"})
	k := roomKey{dbtest.Tenant, "e"}
	m := &room{remote: map[string]seat{}, moments: map[string]heard{}, close: func() {}}
	r.rooms[k] = m
	r.whispered(live.Whisper{Tenant: string(k.tenant), Topic: k.topic(), Key: "s1", Value: []byte(`{"playhead":7}`)})
	r.settle(k, m, nil)
	r.settle(k, m, []seat{{session: "s1", node: "one", room: k, state: Active}})
	if got := m.remote["s1"].moment.Playhead; got == nil || *got != 7 {
		t.Errorf("the playhead is %v", got)
	}
	m.moments["gone"] = heard{at: time.Now().Add(-time.Hour)}
	r.settle(k, m, nil)
	if _, kept := m.moments["gone"]; kept {
		t.Error("what was heard of nobody is kept for ever")
	}
}
