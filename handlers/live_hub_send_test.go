package handlers

import (
	"testing"

	"cutroom/internal/edit"
)

// What this node wrote comes from several goroutines, in no order. A gap means that somebody else wrote too.
func TestOwnOpsGoOutAsFarAsTheyFollow(t *testing.T) {
	t.Parallel()
	h := &hub{open: map[*socket]struct{}{}, rev: 1}
	for _, c := range []struct {
		name      string
		committed []edit.Rev
		whole     bool
		rev       edit.Rev
	}{
		{"nothing new", nil, true, 1},
		{"in another order", []edit.Rev{3, 2}, true, 3},
		{"known already", []edit.Rev{2, 3}, true, 3},
		{"a gap behind the first", []edit.Rev{6, 4}, false, 4},
		{"what followed the gap is asked for", nil, true, 4},
	} {
		for _, rev := range c.committed {
			h.committed = append(h.committed, edit.Logged{Rev: rev})
		}
		if whole := h.sendOwn(); whole != c.whole || h.rev != c.rev {
			t.Errorf("%s: whole %t at rev %d, want %t at %d", c.name, whole, h.rev, c.whole, c.rev)
		}
	}
}
