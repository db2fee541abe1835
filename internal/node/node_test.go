package node

import (
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
)

func TestDrainReachesTheNodeAndANewLifeForgetsIt(t *testing.T) {
	t.Parallel()
	s := &Store{DB: dbtest.New(t)}
	me := Node{Name: "one", Roles: []string{Pages, Jobs}, Version: "v1", Address: "127.0.0.1:1"}
	h, err := s.Start(t.Context(), me)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Drain(t.Context(), "one", nil); err != nil {
		t.Fatal(err)
	}
	if draining, err := h.beat(t.Context()); err != nil || !draining {
		t.Fatalf("draining %v, %v", draining, err)
	}
	if draining, err := s.beat(t.Context(), me, true); err != nil || draining {
		t.Fatalf("a new start is still draining: %v, %v", draining, err)
	}
	nodes, err := s.List(t.Context())
	if err != nil || len(nodes) != 1 || !nodes[0].Alive || nodes[0].Address != me.Address {
		t.Fatalf("list is %+v, %v", nodes, err)
	}
	h.Stop(t.Context())
	h.Stop(t.Context())
	if nodes, err := s.List(t.Context()); err != nil || len(nodes) != 0 {
		t.Fatalf("after Stop: %+v, %v", nodes, err)
	}
	if err := s.Drain(t.Context(), "one", nil); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("draining nobody: %v", err)
	}
}
