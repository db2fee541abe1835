package handlers

import (
	"context"
	"hash/fnv"

	"cutroom/internal/event"
	"cutroom/internal/presence"
	"cutroom/internal/user"
	"cutroom/views"
)

// facesOf tells who is on each of these events now, the person who asks left out. The events are some that who may see.
func (s *Server) facesOf(ctx context.Context, who user.Who, ids []event.ID) (map[event.ID][]views.Face, error) {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = string(id)
	}
	here, err := s.Presence.EditorsOf(ctx, who.Tenant, names)
	if err != nil {
		return nil, err
	}
	faces := map[event.ID][]views.Face{}
	for id, editors := range here {
		taken := map[int]bool{}
		for _, e := range editors {
			if e.User == who.User {
				continue
			}
			color := colorOf(e.User, taken)
			faces[event.ID(id)] = append(faces[event.ID(id)], views.Face{Name: e.Name, Color: color, State: faceState(e.State), Place: e.Place})
		}
	}
	return faces, nil
}

// faceState is how views call it: who is away has just left.
func faceState(st presence.State) string {
	if st == presence.Away {
		return "left"
	}
	return string(st)
}

// colors are how many a person can have.
const colors = 6

// colorOf is a person's colour, by the user id; if it is taken, the later one gets the next. static/js/editor/people.js
// does the same.
func colorOf(user string, taken map[int]bool) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(user))
	color := int(h.Sum32()%colors) + 1
	for range colors {
		if !taken[color] {
			break
		}
		color = color%colors + 1
	}
	taken[color] = true
	return color
}

// editorPeople tells who is on an event now, the person who asks left out.
func (s *Server) editorPeople(ctx context.Context, who user.Who, id event.ID) ([]views.EditorPerson, error) {
	here, err := s.Presence.Editors(ctx, who.Tenant, string(id))
	if err != nil {
		return nil, err
	}
	people := []views.EditorPerson{}
	for _, e := range here {
		if e.User == who.User {
			continue
		}
		one := views.EditorPerson{Session: e.Session, User: e.User, Name: e.Name, Node: e.Node, Since: event.FormatTime(e.Since), State: string(e.State), Place: e.Place}
		if e.Playhead != nil {
			one.Playhead = *e.Playhead
		}
		people = append(people, one)
	}
	return people, nil
}
