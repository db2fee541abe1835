package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// What somebody may do with what a page shows; rightNone on pages that show no one thing.
const (
	rightNone  = "-"
	rightRead  = "r"
	rightWrite = "w"
)

// pulseMark is what a page was drawn for, in few signs: session, role, roles, and the right on what it shows. Nothing can be
// read from it; two pages have the same one when the same person may do the same.
func pulseMark(who user.Who, right string) string {
	roles := slices.Clone(who.Roles)
	slices.Sort(roles)
	sum := sha256.Sum256([]byte(strings.Join(append([]string{who.Session, who.User, who.Role}, slices.Compact(roles)...), "\x00")))
	return hex.EncodeToString(sum[:8]) + right
}

// pulseOf is where a page hears that it is out of date; "" for who is not signed in, and for the answer to a form, which a
// browser cannot load again. What it shows is told by key and id: "event" or "series".
func (s *Server) pulseOf(r *http.Request, key, id string, mayWrite bool) string {
	who := s.who(r)
	if !who.SignedIn() || !safe(r.Method) {
		return ""
	}
	q, right := url.Values{}, rightNone
	if key != "" {
		q.Set(key, id)
		right = rightRead
	}
	if key != "" && mayWrite {
		right = rightWrite
	}
	q.Set("seen", pulseMark(who, right))
	return "/pulse?" + q.Encode()
}

// pulseRights finds who may do what with a thing; nil where it is not there.
func (s *Server) pulseRights(ctx context.Context, t pulseThing) (*thingRights, error) {
	system := user.System(t.tenant)
	var found thingRights
	var err error
	if t.event != "" {
		var e event.Event
		e, err = s.Events.Find(ctx, system, t.event, event.ToRead)
		found.acl = e.ACL
	} else {
		var one event.Series
		one, err = s.Events.FindSeries(ctx, system, t.series, event.ToRead)
		found.acl, found.creator = one.ACL, one.CreatedBy
	}
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	return &found, err
}

// thingRights are the rights on a recording or a series.
type thingRights struct {
	acl     []event.ACLEntry
	creator string // of a series, who may always write it
}

func (r *thingRights) of(who user.Who) string {
	switch {
	case r == nil:
		return rightNone
	case writes(who, r.acl) || r.creator != "" && r.creator == who.User:
		return rightWrite
	}
	for _, entry := range r.acl {
		if entry.Action == "read" && who.Has(entry.Role) {
			return rightRead
		}
	}
	return rightNone
}
