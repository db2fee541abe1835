package presence

import (
	"cmp"
	"slices"
	"time"
)

// State of somebody on an event.
type State string

// Active: does something. Idle: has not for a while. Away: just left.
const (
	Active State = "active"
	Idle   State = "idle"
	Away   State = "away"
)

func (s State) rank() int { return slices.Index([]State{Active, Idle, Away}, s) }

// Editor is a person on an event: one face, however many tabs. State, place and what follows are those of the tab where
// most happens.
type Editor struct {
	Session  string    `json:"session"`
	Sessions []string  `json:"sessions"` // of all tabs, the oldest first
	User     string    `json:"user"`
	Name     string    `json:"name"`
	Node     string    `json:"node"`
	Since    time.Time `json:"since"` // of the oldest tab
	State    State     `json:"state"`
	Place    string    `json:"place"`
	Moment
}

// Moment is what is true of a tab for a moment: nothing of it is stored. Times in ms of the source.
type Moment struct {
	Playhead  *int64  `json:"playhead,omitzero"`
	Selection []int64 `json:"selection,omitzero"` // start, end
	Drag      *int64  `json:"drag,omitzero"`      // where a border is being moved to
}

func (m Moment) empty() bool { return m.Playhead == nil && m.Selection == nil && m.Drag == nil }

// seat is one tab, here or on another node.
type seat struct {
	session, node, user, name string
	room                      roomKey
	since                     time.Time
	state                     State
	place                     string
	moment                    Moment
}

// faces merges the tabs of each person. The same seats give the same faces on every node.
func faces(seats []seat) []Editor {
	byUser := map[string][]seat{}
	for _, s := range seats {
		byUser[s.user] = append(byUser[s.user], s)
	}
	editors := make([]Editor, 0, len(byUser))
	for _, tabs := range byUser {
		editors = append(editors, face(tabs))
	}
	slices.SortFunc(editors, func(a, b Editor) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.User, b.User)) })
	return editors
}

func face(tabs []seat) Editor {
	slices.SortFunc(tabs, func(a, b seat) int { return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.session, b.session)) })
	e := Editor{Since: tabs[0].since}
	for _, t := range tabs {
		e.Sessions = append(e.Sessions, t.session)
	}
	best := tabs[0]
	for _, t := range tabs[1:] {
		if t.state.rank() <= best.state.rank() {
			best = t
		}
	}
	e.Session, e.User, e.Name, e.Node, e.State, e.Place, e.Moment = best.session, best.user, best.name, best.node, best.state, best.place, best.moment
	for _, t := range slices.Backward(tabs) {
		if e.Moment.empty() && t.state == best.state {
			e.Moment = t.moment
		}
	}
	return e
}
