package handlers

import "sync"

// maxQueued is how many frames may wait for a slow socket before it is closed.
const maxQueued = 256

// outbox is what a socket's writer has to send: frames in order, and after them the newest of each message that replaces
// its elders ("editors", "run").
type outbox struct {
	mu     sync.Mutex
	frames [][]byte
	latest map[string][]byte
	full   bool
	wake   chan struct{}
}

func newOutbox() *outbox {
	return &outbox{latest: map[string][]byte{}, wake: make(chan struct{}, 1)}
}

// put queues a frame; false when there is no room left.
func (o *outbox) put(frame []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.full || len(o.frames) >= maxQueued {
		o.full = true
		return false
	}
	o.frames = append(o.frames, frame)
	o.signal()
	return true
}

// replace queues a frame in place of an unsent one of the same name.
func (o *outbox) replace(name string, frame []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.latest[name] = frame
	o.signal()
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// take empties the box.
func (o *outbox) take() [][]byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	frames := o.frames
	for _, frame := range o.latest {
		frames = append(frames, frame)
	}
	o.frames = nil
	clear(o.latest)
	return frames
}
