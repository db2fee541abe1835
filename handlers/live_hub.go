package handlers

import (
	"context"
	"reflect"
	"sync"
	"time"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/run"
	"cutroom/internal/user"
)

// hub serves the sockets of one event on this node. Its goroutine alone sends them ops, so each hears them in rev order;
// acks of a socket's own ops go in the same line.
type hub struct {
	sockets *sockets
	key     hubKey
	users   int // sockets that have it; guarded by sockets.mu
	cancel  context.CancelFunc

	mu        sync.Mutex
	rev       edit.Rev // up to here ops went out
	open      map[*socket]struct{}
	committed []edit.Logged // of this node, in no order yet
	event     *event.Event  // as last seen
	editors   []byte        // frames that newcomers get
	run       []byte

	wake chan struct{} // a token: look at committed
}

// enter gives the hub of an event, made if need be. rev is one that the edit has had.
func (s *sockets) enter(k hubKey, rev edit.Rev) *hub {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hubs[k]
	if h == nil {
		ctx, cancel := context.WithCancel(context.Background())
		h = &hub{sockets: s, key: k, cancel: cancel, rev: rev, open: map[*socket]struct{}{}, wake: make(chan struct{}, 1)}
		s.hubs[k] = h
		s.wg.Go(func() { h.work(ctx) })
	}
	h.users++
	return h
}

func (s *sockets) exit(h *hub) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.users--
	if h.users == 0 {
		delete(s.hubs, h.key)
		h.cancel()
	}
}

// who the hub asks as: the sockets were let in one by one.
func (h *hub) who() user.Who { return user.System(h.key.tenant) }

// work is the hub's life: it waits for something to happen to the event and tells the sockets.
func (h *hub) work(ctx context.Context) {
	bus, t, id := h.sockets.bus, string(h.key.tenant), string(h.key.event)
	edits, stop := bus.Subscribe(t, "edit:"+id)
	defer stop()
	events, stop := bus.Subscribe(t, "event:"+id)
	defer stop()
	runs, stop := bus.Subscribe(t, "runs:"+id)
	defer stop()
	people, stop := h.sockets.presence.Watch(h.key.tenant, id)
	defer stop()

	h.tellEditors(ctx)
	h.looked(ctx, h.catchUp)
	h.looked(ctx, h.lookAtEvent)
	h.looked(ctx, h.lookAtRun)
	gather := time.NewTimer(0)
	defer gather.Stop()
	waiting := people
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
			h.looked(ctx, h.catchUp)
		case n := <-edits:
			h.hearEdit(ctx, n)
		case <-events:
			h.looked(ctx, h.lookAtEvent)
		case <-runs:
			h.looked(ctx, h.lookAtRun)
		case <-waiting:
			h.tellEditors(ctx)
			waiting = nil // playheads move all the time: one message for many
			gather.Reset(h.sockets.times.gather)
		case <-gather.C:
			waiting = people
		}
	}
}

// looked asks the database, and again while it cannot be reached: what was missed is not forgotten.
func (h *hub) looked(ctx context.Context, look func(context.Context) error) {
	for pause := 50 * time.Millisecond; ctx.Err() == nil; pause = min(2*pause, time.Second) {
		err := look(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		h.sockets.log.Warn("sockets wait: an event cannot be read", "tenant", h.key.tenant, "event", h.key.event, "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func (h *hub) hearEdit(ctx context.Context, n live.Notice) {
	h.mu.Lock()
	known := n.Rev != 0 && edit.Rev(n.Rev) <= h.rev
	h.mu.Unlock()
	if !known {
		h.looked(ctx, h.catchUp)
	}
}

// wrote takes ops that a socket of this node has put into the log.
func (h *hub) wrote(ops []edit.Logged) {
	h.mu.Lock()
	h.committed = append(h.committed, ops...)
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// catchUp sends what is new in the log. When this node wrote all of it, the database is not asked.
func (h *hub) catchUp(ctx context.Context) error {
	if h.sendOwn() {
		return nil
	}
	for {
		h.mu.Lock()
		since := h.rev
		h.mu.Unlock()
		page, err := h.sockets.edits.Since(ctx, h.who(), h.key.event, since, edit.PageSize)
		if fault.KindOf(err) == fault.NotFound {
			h.closeAll(closeDeleted)
			return nil
		}
		if err != nil {
			return err
		}
		h.send(page.Ops)
		if len(page.Ops) == 0 || page.Ops[len(page.Ops)-1].Rev >= page.Rev {
			return nil
		}
	}
}

// sendOwn sends what this node wrote if it follows on what is out; false when the log has to be asked.
func (h *hub) sendOwn() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	fresh := h.committed
	h.committed = nil
	if len(fresh) == 0 {
		return false
	}
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
		frame := metadataFrame(fields, e)
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

func (h *hub) closeAll(why closing) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.open {
		s.close(why)
	}
}
