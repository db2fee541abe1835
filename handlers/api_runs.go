package handlers

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"cutroom/internal/event"
	"cutroom/internal/run"
)

const runsPath = "/api/v1/runs"

func (a *api) runRoutes() {
	tags := []string{"runs"}
	register(a, huma.Operation{Method: http.MethodPost, Path: eventsPath + "/{id}/runs", OperationID: "createRun", Tags: tags, Summary: "Publish the edit",
		Description:   "The setting edit.runs says what happens when another run of the event is open; with reject it is a 409 with that run as current.",
		DefaultStatus: http.StatusAccepted, RequestBody: takes[apiRunDraft](a, true)}, a.createRun)
	register(a, huma.Operation{Method: http.MethodGet, Path: runsPath, OperationID: "listRuns", Tags: tags, Summary: "Runs of events that one may write, newest first"}, a.listRuns)
	register(a, huma.Operation{Method: http.MethodGet, Path: runsPath + "/{id}", OperationID: "getRun", Tags: tags, Summary: "One run"}, a.getRun)
	register(a, huma.Operation{Method: http.MethodPost, Path: runsPath + "/{id}/cancel", OperationID: "cancelRun", Tags: tags, Summary: "Stop a run",
		Description: "A run that somebody works on stops at its next heartbeat."}, a.cancelRun)
	register(a, huma.Operation{Method: http.MethodPost, Path: runsPath + "/{id}/retry", OperationID: "retryRun", Tags: tags, Summary: "Run the same again, as a new run",
		DefaultStatus: http.StatusAccepted}, a.retryRun)
}

// apiRunDraft describes the body that makes a run.
type apiRunDraft struct {
	Workflow string `json:"workflow" enum:"publish"`
	Rev      *int64 `json:"rev,omitzero" minimum:"0" nullable:"true" doc:"Of the edit; the present one when absent."`
}

// apiRun is one processing of an event.
type apiRun struct {
	ID          string    `json:"id"`
	Event       string    `json:"event"`
	Seq         int64     `json:"seq" doc:"Counts the runs of the event."`
	Workflow    string    `json:"workflow"`
	Rev         int64     `json:"rev" doc:"Of the edit that is published."`
	State       string    `json:"state" enum:"queued,dispatched,running,done,failed,cancelled,superseded"`
	Attempt     int       `json:"attempt" doc:"Rises when a worker is lost or gives the run back. Progress begins again with it, and never goes back within one."`
	Node        *string   `json:"node,omitzero" doc:"Where it runs, or ran last."`
	Position    int       `json:"position" doc:"Place in the event's queue from 1; 0 when nothing is waited for."`
	WaitsFor    *string   `json:"waitsFor,omitzero" doc:"Id of the run before it."`
	Steps       []apiStep `json:"steps"`
	Progress    float64   `json:"progress" minimum:"0" maximum:"1"`
	EtaMs       *int64    `json:"etaMs,omitzero" minimum:"0" doc:"What is left, once that is steady."`
	RequestedBy string    `json:"requestedBy" doc:"User name."`
	QueuedAt    string    `json:"queuedAt" format:"date-time"`
	StartedAt   *string   `json:"startedAt,omitzero" format:"date-time"`
	EndedAt     *string   `json:"endedAt,omitzero" format:"date-time"`
	Error       *string   `json:"error,omitzero" doc:"Why it failed, for people."`
}

// apiStep is a part of a run's work.
type apiStep struct {
	Name      string  `json:"name"`
	State     string  `json:"state" enum:"waiting,running,done,skipped,failed"`
	Progress  float64 `json:"progress" minimum:"0" maximum:"1"`
	StartedAt *string `json:"startedAt,omitzero" format:"date-time"`
	EndedAt   *string `json:"endedAt,omitzero" format:"date-time"`
	Message   *string `json:"message,omitzero" doc:"What it does, for people."`
}

// runAnswer is one run.
type runAnswer struct{ Body apiRun }

// runMade is a run that is new.
type runMade struct {
	Location string `header:"Location"`
	Body     apiRun
}

func made(r run.Run) *runMade {
	return &runMade{Location: runsPath + "/" + string(r.ID), Body: showRun(r)}
}

func (a *api) createRun(ctx context.Context, in *InEvent) (*runMade, error) {
	var draft apiRunDraft
	if err := decode(ctx, &draft); err != nil {
		return nil, a.rightFirst(ctx, in.ID, err)
	}
	r, err := a.Runs.Submit(ctx, whoOf(ctx), event.ID(in.ID), draft.Workflow, draft.Rev)
	if err != nil {
		return nil, err
	}
	return made(r), nil
}

// inRun is the input of operations on one run.
type inRun struct {
	ID string `path:"id" doc:"Id of the run."`
}

func (a *api) getRun(ctx context.Context, in *inRun) (*runAnswer, error) {
	r, err := a.Runs.Find(ctx, whoOf(ctx), run.ID(in.ID))
	return &runAnswer{showRun(r)}, err
}

func (a *api) cancelRun(ctx context.Context, in *inRun) (*runAnswer, error) {
	r, err := a.Runs.Cancel(ctx, whoOf(ctx), run.ID(in.ID))
	return &runAnswer{showRun(r)}, err
}

func (a *api) retryRun(ctx context.Context, in *inRun) (*runMade, error) {
	r, err := a.Runs.Retry(ctx, whoOf(ctx), run.ID(in.ID))
	if err != nil {
		return nil, err
	}
	return made(r), nil
}

// inRuns is what the list of runs takes.
type inRuns struct {
	InPage
	Event string `query:"event" doc:"Id of an event."`
	State string `query:"state" doc:"One or several states, separated by commas."`
}

// runsAnswer is a page of runs.
type runsAnswer struct{ Body apiList[apiRun] }

func (a *api) listRuns(ctx context.Context, in *inRuns) (*runsAnswer, error) {
	states, err := run.ParseStates(in.State)
	if err != nil {
		return nil, err
	}
	runs, next, err := a.Runs.List(ctx, whoOf(ctx), run.Filter{Event: event.ID(in.Event), States: states, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	shown := make([]apiRun, len(runs))
	for i, r := range runs {
		shown[i] = showRun(r)
	}
	return &runsAnswer{listOf(shown, next)}, nil
}

// showRun makes the API's run.
func showRun(r run.Run) apiRun {
	shown := apiRun{
		ID: string(r.ID), Event: string(r.Event), Seq: r.Seq, Workflow: r.Workflow, Rev: r.Rev, State: string(r.State), Attempt: r.Attempt,
		Node: some(r.Node), Position: r.Position, WaitsFor: (*string)(r.WaitsFor), Steps: make([]apiStep, len(r.Steps)), Progress: r.Progress,
		EtaMs: r.EtaMs, RequestedBy: r.RequestedBy, QueuedAt: event.FormatTime(r.QueuedAt), StartedAt: showTime(r.StartedAt),
		EndedAt: showTime(r.EndedAt), Error: some(r.Error),
	}
	for i, st := range r.Steps {
		shown.Steps[i] = apiStep{Name: st.Name, State: st.State, Progress: st.Progress, StartedAt: showTime(st.StartedAt),
			EndedAt: showTime(st.EndedAt), Message: some(st.Message)}
	}
	return shown
}

// some is nil for "".
func some(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
