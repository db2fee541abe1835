package handlers

import (
	"cmp"
	"slices"

	"cutroom/internal/edit"
)

// join takes a socket in, unless it does not know all that the hub has told.
func (h *hub) join(k *socket) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if k.cursor < h.rev {
		return false
	}
	h.open[k] = struct{}{}
	if h.editors != nil {
		k.out.replace("editors", h.editors)
	}
	if h.run != nil {
		k.out.replace("run", h.run)
	}
	return true
}

func (h *hub) leave(k *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.open, k)
}

// sendOwn sends what this node wrote as far as it follows on what is out; false when something is missing between, for
// which the log has to be asked.
func (h *hub) sendOwn() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	fresh := h.committed
	h.committed = nil
	slices.SortFunc(fresh, func(a, b edit.Logged) int { return cmp.Compare(a.Rev, b.Rev) })
	for _, op := range fresh {
		if op.Rev > h.rev+1 {
			return false
		}
		if op.Rev == h.rev+1 {
			h.sendLocked([]edit.Logged{op})
		}
	}
	return true
}

func (h *hub) send(ops []edit.Logged) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sendLocked(ops)
}

// sendLocked sends ops in order to every socket that does not know them: to their author an ack, to all others the op.
func (h *hub) sendLocked(ops []edit.Logged) {
	for len(ops) > 0 && ops[0].Rev <= h.rev {
		ops = ops[1:]
	}
	if len(ops) == 0 {
		return
	}
	h.rev = ops[len(ops)-1].Rev
	var whole []byte // the frame for those who wrote none of them
	for s := range h.open {
		if s.cursor < ops[0].Rev && !wroteAny(s.session, ops) {
			if whole == nil {
				whole = opsFrame(ops)
			}
			s.put(whole)
			s.cursor = h.rev
			continue
		}
		s.tell(ops)
	}
}

func wroteAny(session string, ops []edit.Logged) bool {
	for _, op := range ops {
		if op.Author.Session == session {
			return true
		}
	}
	return false
}

func (h *hub) closeAll(why closing) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.open {
		s.close(why)
	}
}
