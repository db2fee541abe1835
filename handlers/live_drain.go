package handlers

import (
	"context"
	"time"
)

// drain takes no new sockets and closes the open ones, one after the other over some time, so that their clients do not all
// come back elsewhere at once. It returns when all are gone, or ctx is done.
func (s *sockets) drain(ctx context.Context, over time.Duration) {
	s.mu.Lock()
	s.draining = true
	open := make([]*socket, 0, len(s.all))
	for k := range s.all {
		open = append(open, k)
	}
	s.mu.Unlock()
	for i, k := range open {
		if i > 0 {
			pause := time.NewTimer(over / time.Duration(len(open)))
			select {
			case <-ctx.Done():
			case <-pause.C:
			}
			pause.Stop()
		}
		k.close(closeDrain)
	}
	gone := make(chan struct{})
	go func() {
		s.wg.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-ctx.Done():
		for _, k := range open {
			_ = k.conn.CloseNow()
		}
	}
}
