package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/presence"
	"cutroom/views"
)

func (a *api) editRoutes() {
	path := eventsPath + "/{id}"
	tags := []string{"edit"}
	register(a, huma.Operation{Method: http.MethodGet, Path: path + "/edit", OperationID: "getEdit", Tags: tags, Summary: "The edit as it is now"}, a.getEdit)
	register(a, huma.Operation{Method: http.MethodGet, Path: path + "/edit/ops", OperationID: "listOps", Tags: tags, Summary: "Changes after a rev, in order"}, a.listOps)
	register(a, huma.Operation{Method: http.MethodPost, Path: path + "/edit/ops", OperationID: "submitOps", Tags: tags, Summary: "Change the edit",
		Description: "Each change is answered by itself: with its rev, or with why it was refused. The same id again gives the same answer.",
		RequestBody: takes[[]apiSentOp](a, true)}, a.submitOps)
	register(a, huma.Operation{Method: http.MethodGet, Path: path + "/edit/revs/{rev}", OperationID: "getRev", Tags: tags, Summary: "The edit at an older rev"}, a.getRev)
	register(a, huma.Operation{Method: http.MethodPost, Path: path + "/edit/revs/{rev}/restore", OperationID: "restoreRev", Tags: tags, Summary: "Make an older rev the present one, by new changes"}, a.restoreRev)
	register(a, huma.Operation{Method: http.MethodGet, Path: path + "/editors", OperationID: "listEditors", Tags: tags, Summary: "Who is here now, on all nodes"}, a.listEditors)
}

// apiEdit is an edit at one rev.
type apiEdit struct {
	Rev      edit.Rev     `json:"rev" minimum:"0" doc:"How many changes it has had."`
	State    apiEditState `json:"state"`
	Kept     []edit.Range `json:"kept" doc:"The parts that stay, in order, split at borders."`
	Duration int64        `json:"duration" minimum:"0" doc:"Milliseconds of the source."`
}

// apiEditState is what the changes have painted.
type apiEditState edit.State

// apiLoggedOp is a change in the log.
type apiLoggedOp struct {
	Rev    edit.Rev  `json:"rev" minimum:"1"`
	ID     string    `json:"id"`
	Author apiAuthor `json:"author"`
	Op     apiObject `json:"op" doc:"kind and what belongs to it."`
	At     time.Time `json:"at"`
}

// apiAuthor made a change.
type apiAuthor struct {
	Session string `json:"session" doc:"The socket that it came by; empty by HTTP."`
	User    string `json:"user"`
	Name    string `json:"name"`
}

// apiSentOp is a change that is asked for.
type apiSentOp struct {
	ID   string    `json:"id" minLength:"1" maxLength:"128" doc:"Given by the author, such as a UUID."`
	Base edit.Rev  `json:"base" minimum:"0" doc:"The rev that the author had seen."`
	Op   apiObject `json:"op" doc:"kind: cut, split, join, track, thumbnail, chapter, chapter-remove, cue or cue-remove, and what belongs to it. Times in milliseconds."`
}

// apiEditor is a person on an event.
type apiEditor struct {
	Session   string         `json:"session" doc:"Of the tab where most happens."`
	Sessions  []string       `json:"sessions" doc:"Of all tabs."`
	User      string         `json:"user"`
	Name      string         `json:"name"`
	Node      string         `json:"node"`
	Since     time.Time      `json:"since"`
	State     presence.State `json:"state" enum:"active,idle,away"`
	Place     string         `json:"place"`
	Playhead  *int64         `json:"playhead,omitzero" doc:"Milliseconds."`
	Selection []int64        `json:"selection,omitzero" doc:"Start and end in milliseconds."`
	Drag      *int64         `json:"drag,omitzero" doc:"Where a border is being moved to, milliseconds."`
}

type (
	editAnswer    struct{ Body apiEdit }
	opsAnswer     struct{ Body apiOps }
	resultsAnswer struct{ Body edit.Submitted }
	editorsAnswer struct{ Body apiEditors }
	apiOps        struct {
		Rev edit.Rev      `json:"rev" doc:"Of the edit now. When the last change here is older, ask for more with its rev."`
		Ops []apiLoggedOp `json:"ops"`
	}
	apiEditors struct {
		Editors []apiEditor `json:"editors"`
	}
	inOps struct {
		InEvent
		Since int64 `query:"since" minimum:"0" doc:"The last rev that is known; 0 when absent."`
		Limit int   `query:"limit" minimum:"1" maximum:"1000" doc:"1000 when absent."`
	}
	inRev struct {
		InEvent
		Rev int64 `path:"rev"`
	}
)

func showEdit(e edit.Edit) *editAnswer {
	return &editAnswer{apiEdit{e.Rev, apiEditState(e.State), e.Kept, e.Duration}}
}

func (a *api) getEdit(ctx context.Context, in *InEvent) (*editAnswer, error) {
	e, err := a.Edits.Load(ctx, whoOf(ctx), event.ID(in.ID))
	if err != nil {
		return nil, err
	}
	return showEdit(e), nil
}

func (a *api) getRev(ctx context.Context, in *inRev) (*editAnswer, error) {
	e, err := a.Edits.At(ctx, whoOf(ctx), event.ID(in.ID), edit.Rev(in.Rev))
	if err != nil {
		return nil, err
	}
	return showEdit(e), nil
}

func (a *api) listOps(ctx context.Context, in *inOps) (*opsAnswer, error) {
	page, err := a.Edits.Since(ctx, whoOf(ctx), event.ID(in.ID), edit.Rev(in.Since), in.Limit)
	if err != nil {
		return nil, err
	}
	out := &opsAnswer{apiOps{Rev: page.Rev}}
	for _, l := range page.Ops {
		out.Body.Ops = append(out.Body.Ops, apiLoggedOp{l.Rev, l.ID, apiAuthor(l.Author), apiObject(l.Op), l.At})
	}
	return out, nil
}

func (a *api) submitOps(ctx context.Context, in *InEvent) (*resultsAnswer, error) {
	var sent []edit.Sent
	if err := decode(ctx, &sent); err != nil {
		return nil, a.rightFirst(ctx, in.ID, err)
	}
	done, err := a.Edits.Submit(ctx, whoOf(ctx), "", event.ID(in.ID), sent)
	if err != nil {
		return nil, err
	}
	for i, r := range done.Results {
		if r.Code != "" {
			done.Results[i].Message = views.T(ctx, "edit."+r.Code)
		}
	}
	return &resultsAnswer{done}, nil
}

func (a *api) restoreRev(ctx context.Context, in *inRev) (*editAnswer, error) {
	who, id := whoOf(ctx), event.ID(in.ID)
	if _, err := a.Edits.Restore(ctx, who, "", id, edit.Rev(in.Rev)); err != nil {
		return nil, err
	}
	return a.getEdit(ctx, &in.InEvent)
}

func (a *api) listEditors(ctx context.Context, in *InEvent) (*editorsAnswer, error) {
	who := whoOf(ctx)
	if _, err := a.Events.Find(ctx, who, event.ID(in.ID), event.ToWrite); err != nil {
		return nil, err
	}
	here, err := a.Presence.Editors(ctx, who.Tenant, in.ID)
	if err != nil {
		return nil, err
	}
	out := &editorsAnswer{}
	for _, e := range here {
		out.Body.Editors = append(out.Body.Editors, apiEditor{e.Session, e.Sessions, e.User, e.Name, e.Node, e.Since, e.State, e.Place, e.Playhead, e.Selection, e.Drag})
	}
	return out, nil
}
