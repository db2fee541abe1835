package user_test

import (
	"slices"
	"sync"
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/user"
)

// heard keeps what was published.
type heard struct {
	mu      sync.Mutex
	notices []live.Notice
}

func (h *heard) Publish(notices ...live.Notice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notices = append(h.notices, notices...)
}

func (h *heard) has(topic string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.notices, func(n live.Notice) bool { return n.Topic == topic })
}

type bundle struct {
	*user.Store
	heard *heard
	admin user.Who
}

// setup gives a store with the people ada (admin), ben (editor) and vera (viewer).
func setup(t *testing.T) bundle {
	t.Helper()
	h := &heard{}
	b := bundle{user.New(dbtest.New(t), h), h, user.System(dbtest.Tenant)}
	for name, role := range map[string]string{"ada": "admin", "ben": "editor", "vera": "viewer"} {
		if _, err := b.Create(t.Context(), b.admin, user.NewPerson{Name: name, DisplayName: "The " + name, Role: role}); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func (b bundle) who(t *testing.T, name string) user.Who {
	t.Helper()
	w, err := b.WhoByName(t.Context(), dbtest.Tenant, name)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func wantKind(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		t.Errorf("%s: got %v, want a fault of kind %d", what, err, kind)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
