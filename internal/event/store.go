package event

import (
	"crypto/rand"
	"strings"

	"cutroom/internal/live"
	"cutroom/internal/tenant"
)

// Store reads and writes events, their assets and ACLs, and series.
type Store struct {
	DB  *tenant.DB
	Bus live.Publisher
}

// changed wakes whoever watches these events. Call it after the commit.
func (s *Store) changed(t tenant.ID, ids ...ID) {
	notices := make([]live.Notice, 0, len(ids))
	for _, id := range ids {
		notices = append(notices, Notice(t, id))
	}
	if len(notices) > 0 && s.Bus != nil {
		s.Bus.Publish(notices...)
	}
}

// Notice is the wake-up that tells of a change of an event, its assets or its ACL.
func Notice(t tenant.ID, id ID) live.Notice {
	return live.Notice{Tenant: string(t), Topic: "event:" + string(id)}
}

// newID makes an id that nobody can guess: 130 random bits.
func newID() string { return strings.ToLower(rand.Text()) }
