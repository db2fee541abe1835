package handlers

import (
	"context"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"cutroom/internal/event"
	"cutroom/internal/fault"
)

// aclAnswer is the bare list.
type aclAnswer struct {
	ETag string `header:"ETag" doc:"Of the event."`
	Body []apiACLEntry
}

func (a *api) getACL(ctx context.Context, in *InEvent) (*aclAnswer, error) {
	e, err := a.Events.Find(ctx, whoOf(ctx), event.ID(in.ID), event.ToRead)
	if err != nil {
		return nil, err
	}
	return &aclAnswer{event.ETag(e), showACL(e.ACL)}, nil
}

func (a *api) putACL(ctx context.Context, in *inChange) (*aclAnswer, error) {
	var raw jsontext.Value
	if err := decode(ctx, &raw); err != nil {
		return nil, a.rightFirst(ctx, in.ID, err)
	}
	acl, wrong := aclIn(raw, "/acl")
	if raw.Kind() == 'n' {
		wrong = append(wrong, fault.Field{Path: "/acl", Rule: "List", Message: "Has to be a list of entries with role and action."})
	}
	e, err := a.Events.Patch(ctx, whoOf(ctx), event.ID(in.ID), event.Patch{ACL: event.To(acl), Confirm: in.Confirm, Wrong: wrong}, in.IfMatch)
	if err != nil {
		return nil, bare(err)
	}
	return &aclAnswer{event.ETag(e), showACL(e.ACL)}, nil
}

// bare tells an error of a body that is the list itself: its fields, and with 412 the list that is there.
func bare(err error) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	shown := *f
	shown.Fields = nil
	if now, there := f.Current.(event.Event); there {
		shown.Current = showACL(now.ACL)
	}
	for _, field := range f.Fields {
		field.Path = strings.TrimPrefix(field.Path, "/acl")
		shown.Fields = append(shown.Fields, field)
	}
	return &shown
}
