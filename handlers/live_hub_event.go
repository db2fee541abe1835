package handlers

import (
	"context"
	"reflect"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/run"
	"cutroom/internal/user"
)

// lookAtEvent tells which fields of the event have changed, and closes the sockets of those who may not write it any more.
func (h *hub) lookAtEvent(ctx context.Context) error {
	e, err := h.sockets.findEvent(ctx, h.who(), h.key.event, event.ToRead)
	if fault.KindOf(err) == fault.NotFound {
		h.closeAll(closeDeleted)
		return nil
	}
	if err != nil {
		return err
	}
	by, err := h.sockets.changedBy(ctx, h.who(), h.key.event)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	old := h.event
	h.event = &e
	for s := range h.open {
		if !writes(s.person(), e.ACL) {
			s.close(closeForbidden)
		}
	}
	if old == nil {
		return nil
	}
	if fields := changedFields(*old, e); len(fields) > 0 {
		frame := metadataFrame(fields, by, e)
		for s := range h.open {
			s.put(frame)
		}
	}
	return nil
}

// writes says whether an ACL lets somebody write.
func writes(who user.Who, acl []event.ACLEntry) bool {
	if who.Admin() {
		return true
	}
	for _, entry := range acl {
		if entry.Action == "write" && who.Has(entry.Role) {
			return true
		}
	}
	return false
}

// changedFields names the API's fields in which two versions of an event differ, in the order of the API.
func changedFields(a, b event.Event) []string {
	fields := []string{}
	add := func(name string, a, b any) {
		if !reflect.DeepEqual(a, b) {
			fields = append(fields, name)
		}
	}
	add("title", a.Title, b.Title)
	add("description", a.Description, b.Description)
	add("creators", a.Creators, b.Creators)
	add("language", a.Language, b.Language)
	add("series", a.Series, b.Series)
	add("owner", a.Owner, b.Owner)
	add("startTime", a.StartTime, b.StartTime)
	add("endTime", a.EndTime, b.EndTime)
	add("duration", a.Duration, b.Duration)
	add("state", a.State, b.State)
	add("error", a.Error, b.Error)
	add("extraMetadata", string(a.ExtraMetadata), string(b.ExtraMetadata))
	add("acl", a.ACL, b.ACL)
	add("assets", a.Assets, b.Assets)
	return fields
}

// lookAtRun tells of the newest run.
func (h *hub) lookAtRun(ctx context.Context) error {
	latest, err := h.sockets.latestRun(ctx, h.who(), []event.ID{h.key.event})
	if err != nil {
		return err
	}
	if one, there := latest[h.key.event]; there {
		h.tellRun(one)
	}
	return nil
}

func (h *hub) tellRun(r run.Run) {
	frame := encode(sayRun{"run", showLiveRun(r)})
	h.mu.Lock()
	defer h.mu.Unlock()
	if string(h.run) == string(frame) {
		return
	}
	h.run = frame
	for s := range h.open {
		s.out.replace("run", frame)
	}
}

// tellEditors tells who is here. It is quick: the hub watches the event, so no database is asked once it was.
func (h *hub) tellEditors(ctx context.Context) {
	editors, err := h.sockets.presence.Editors(ctx, h.key.tenant, string(h.key.event))
	if err != nil {
		return // the next change, or the sweep, tells again
	}
	frame := encode(sayEditors{"editors", editors})
	h.mu.Lock()
	defer h.mu.Unlock()
	if string(h.editors) == string(frame) {
		return
	}
	h.editors = frame
	for s := range h.open {
		s.out.replace("editors", frame)
	}
}

// changedBy is who changed an event's metadata last; nil where nobody has yet.
func (s *Server) changedBy(ctx context.Context, who user.Who, id event.ID) (*sayYou, error) {
	name, err := s.Events.ChangedBy(ctx, who, id)
	if err != nil || name == "" {
		return nil, err
	}
	return &sayYou{User: name, Name: s.name(ctx, who, name)}, nil
}
