package node

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Heart writes a node's row every Beat while it runs.
type Heart struct {
	store    *Store
	node     Node
	draining chan struct{} // closed when asked to drain
	asked    sync.Once
	cancel   context.CancelFunc
	ended    chan struct{}
}

// Start writes the first beat and goes on until Stop. It fails when the first beat cannot be written.
func (s *Store) Start(ctx context.Context, n Node) (*Heart, error) {
	n.Started = time.Now()
	if _, err := s.beat(ctx, n, true); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	h := &Heart{store: s, node: n, draining: make(chan struct{}), cancel: cancel, ended: make(chan struct{})}
	go h.run(ctx)
	return h, nil
}

// Draining is closed when an operator asked this node to drain.
func (h *Heart) Draining() <-chan struct{} { return h.draining }

// Stop ends the beats and takes the node off the list. It may be called twice.
func (h *Heart) Stop(ctx context.Context) {
	h.cancel()
	<-h.ended
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := h.store.remove(ctx, h.node.Name); err != nil {
		slog.Warn("node is not taken off the list", "node", h.node.Name, "error", err)
	}
}

func (h *Heart) run(ctx context.Context) {
	defer close(h.ended)
	tick := time.NewTicker(Beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		draining, err := h.beat(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Warn("no heartbeat", "node", h.node.Name, "error", err)
		}
		if draining {
			h.asked.Do(func() { close(h.draining) })
		}
	}
}

func (h *Heart) beat(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, Beat)
	defer cancel()
	return h.store.beat(ctx, h.node, false)
}
