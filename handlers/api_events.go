package handlers

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"cutroom/internal/event"
)

const eventsPath = "/api/v1/events"

func (a *api) eventRoutes() {
	register(a, huma.Operation{Method: http.MethodGet, Path: eventsPath, OperationID: "listEvents", Tags: []string{"events"}, Summary: "Events that one may read"}, a.listEvents)
	register(a, huma.Operation{Method: http.MethodPost, Path: eventsPath, OperationID: "createEvent", Tags: []string{"events"}, Summary: "Make an event",
		DefaultStatus: http.StatusCreated, RequestBody: takes[apiEventDraft](a, true)}, a.createEvent)
	register(a, huma.Operation{Method: http.MethodGet, Path: eventsPath + "/{id}", OperationID: "getEvent", Tags: []string{"events"}, Summary: "One event"}, a.getEvent)
	register(a, huma.Operation{Method: http.MethodPatch, Path: eventsPath + "/{id}", OperationID: "patchEvent", Tags: []string{"events"}, Summary: "Change an event by a merge patch",
		RequestBody: takes[apiEventPatch](a, true, mergePatch, "application/json")}, a.patchEvent)
	register(a, huma.Operation{Method: http.MethodDelete, Path: eventsPath + "/{id}", OperationID: "deleteEvent", Tags: []string{"events"}, Summary: "Move an event to the bin, or delete it for good"}, a.deleteEvent)
	register(a, huma.Operation{Method: http.MethodGet, Path: eventsPath + "/{id}/acl", OperationID: "getACL", Tags: []string{"access"}, Summary: "Who may do what"}, a.getACL)
	register(a, huma.Operation{Method: http.MethodPut, Path: eventsPath + "/{id}/acl", OperationID: "putACL", Tags: []string{"access"}, Summary: "Replace the ACL",
		RequestBody: takes[[]apiACLEntry](a, true)}, a.putACL)
	register(a, huma.Operation{Method: http.MethodGet, Path: eventsPath + "/{id}/assets", OperationID: "listAssets", Tags: []string{"assets"}, Summary: "Files of an event"}, a.listAssets)
	register(a, huma.Operation{Method: http.MethodPost, Path: eventsPath + "/{id}/duplicate", OperationID: "duplicateEvent", Tags: []string{"events"}, Summary: "Make a copy",
		DefaultStatus: http.StatusCreated}, a.duplicateEvent)
	register(a, huma.Operation{Method: http.MethodPost, Path: eventsPath + "/{id}/restore", OperationID: "restoreEvent", Tags: []string{"events"}, Summary: "Take an event out of the bin"}, a.restoreEvent)
	register(a, huma.Operation{Method: http.MethodGet, Path: eventsPath + "/{id}/import-report", OperationID: "getImportReport", Tags: []string{"events"}, Summary: "What import repaired"}, a.importReport)
}

// InEvent is the input of operations on one event.
type InEvent struct {
	ID string `path:"id" doc:"Id of the event."`
}

// eventAnswer is one event.
type eventAnswer struct {
	ETag string `header:"ETag" doc:"Names this version, for If-Match."`
	Body apiEvent
}

// eventMade is an event that is new.
type eventMade struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     apiEvent
}

func (a *api) oneEvent(ctx context.Context, e event.Event) *eventAnswer {
	return &eventAnswer{ETag: event.ETag(e), Body: a.showEvent(whoOf(ctx), e)}
}

func (a *api) madeEvent(ctx context.Context, e event.Event) *eventMade {
	return &eventMade{Location: eventsPath + "/" + string(e.ID), ETag: event.ETag(e), Body: a.showEvent(whoOf(ctx), e)}
}

// InPage is what all lists take.
type InPage struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" doc:"Items a page; 50 when absent."`
	Cursor string `query:"cursor" maxLength:"8192" doc:"The next of the page before."`
}

// InEvents is what lists of events take.
type InEvents struct {
	InPage
	Q      string   `query:"q" maxLength:"1000" doc:"Words that all have to begin a word of title, description, creators or series."`
	Filter []string `query:"filter,explode" doc:"name:value; names: series, state, owner, createdBy, creator, language. Repeated: all have to hold."`
	Sort   string   `query:"sort" enum:"created,-created,modified,-modified,title,-title,startTime,-startTime" doc:"-created when absent."`
	Bin    bool     `query:"bin" doc:"What lies in the bin, for those who may write it."`
}

func (in InEvents) query() event.Query {
	return event.Query{Q: in.Q, Filter: in.Filter, Sort: in.Sort, Limit: in.Limit, Cursor: in.Cursor, Bin: in.Bin}
}

// eventsAnswer is a page of events.
type eventsAnswer struct{ Body apiList[apiEvent] }

func (a *api) listEvents(ctx context.Context, in *InEvents) (*eventsAnswer, error) {
	return a.pageOfEvents(ctx, in.query())
}

func (a *api) pageOfEvents(ctx context.Context, q event.Query) (*eventsAnswer, error) {
	who := whoOf(ctx)
	page, err := a.Events.List(ctx, who, q)
	if err != nil {
		return nil, err
	}
	shown := make([]apiEvent, len(page.Items))
	for i, e := range page.Items {
		shown[i] = a.showEvent(who, e)
	}
	return &eventsAnswer{listOf(shown, page.Next)}, nil
}

// InConfirm is what makes take that may lock one out.
type InConfirm struct {
	Confirm bool `query:"confirm" doc:"An ACL may take away one's own write."`
}

func (a *api) createEvent(ctx context.Context, in *InConfirm) (*eventMade, error) {
	d, err := draftIn(bodyOf(ctx))
	if err != nil {
		return nil, err
	}
	d.Confirm = in.Confirm
	if d.ACL == nil && d.Series == nil {
		if d.ACL, err = a.courseACL(ctx, whoOf(ctx), ""); err != nil {
			return nil, err
		}
	}
	e, err := a.Events.Create(ctx, whoOf(ctx), d)
	if err != nil {
		return nil, err
	}
	return a.madeEvent(ctx, e), nil
}

func (a *api) getEvent(ctx context.Context, in *InEvent) (*eventAnswer, error) {
	e, err := a.Events.Find(ctx, whoOf(ctx), event.ID(in.ID), event.ToRead)
	if err != nil {
		return nil, err
	}
	return a.oneEvent(ctx, e), nil
}

// inChange is the input of changes that honour If-Match.
type inChange struct {
	InEvent
	InConfirm
	IfMatch string `header:"If-Match" doc:"ETag of the version that is to be changed; 412 when it is not the present one."`
}

func (a *api) patchEvent(ctx context.Context, in *inChange) (*eventAnswer, error) {
	p, err := patchIn(bodyOf(ctx))
	if err != nil {
		return nil, a.rightFirst(ctx, in.ID, err)
	}
	p.Confirm = in.Confirm
	e, err := a.Events.Patch(ctx, whoOf(ctx), event.ID(in.ID), p, in.IfMatch)
	if err != nil {
		return nil, err
	}
	return a.oneEvent(ctx, e), nil
}

// rightFirst tells somebody who may not write an event just that, whatever else is wrong with the request.
func (s *Server) rightFirst(ctx context.Context, id string, err error) error {
	if _, refused := s.Events.Find(ctx, whoOf(ctx), event.ID(id), event.ToWrite); refused != nil {
		return refused
	}
	return err
}

// inDelete is the input of a deletion.
type inDelete struct {
	InEvent
	Purge bool `query:"purge" doc:"For good, its files too."`
}

func (a *api) deleteEvent(ctx context.Context, in *inDelete) (*struct{}, error) {
	if in.Purge {
		return nil, a.Events.Purge(ctx, whoOf(ctx), event.ID(in.ID))
	}
	return nil, a.Events.Delete(ctx, whoOf(ctx), event.ID(in.ID))
}

func (a *api) duplicateEvent(ctx context.Context, in *InEvent) (*eventMade, error) {
	e, err := a.Events.Duplicate(ctx, whoOf(ctx), event.ID(in.ID))
	if err != nil {
		return nil, err
	}
	return a.madeEvent(ctx, e), nil
}

func (a *api) restoreEvent(ctx context.Context, in *InEvent) (*eventAnswer, error) {
	e, err := a.Events.RestoreFromBin(ctx, whoOf(ctx), event.ID(in.ID))
	if err != nil {
		return nil, err
	}
	return a.oneEvent(ctx, e), nil
}

// assetsAnswer is the files of an event.
type assetsAnswer struct{ Body apiList[apiAsset] }

func (a *api) listAssets(ctx context.Context, in *InEvent) (*assetsAnswer, error) {
	e, err := a.Events.Find(ctx, whoOf(ctx), event.ID(in.ID), event.ToRead)
	if err != nil {
		return nil, err
	}
	return &assetsAnswer{listOf(a.showAssets(whoOf(ctx), e.Assets), "")}, nil
}

// reportAnswer is what import repaired.
type reportAnswer struct{ Body apiList[apiFinding] }

func (a *api) importReport(ctx context.Context, in *InEvent) (*reportAnswer, error) {
	e, err := a.Events.Find(ctx, whoOf(ctx), event.ID(in.ID), event.ToRead)
	if err != nil {
		return nil, err
	}
	return &reportAnswer{listOf(e.ImportReport, "")}, nil
}
