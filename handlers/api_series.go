package handlers

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"cutroom/internal/event"
)

const seriesPath = "/api/v1/series"

func (a *api) seriesRoutes() {
	register(a, huma.Operation{Method: http.MethodGet, Path: seriesPath, OperationID: "listSeries", Tags: []string{"series"}, Summary: "Series that one may read"}, a.listSeries)
	register(a, huma.Operation{Method: http.MethodPost, Path: seriesPath, OperationID: "createSeries", Tags: []string{"series"}, Summary: "Make a series",
		DefaultStatus: http.StatusCreated, RequestBody: takes[apiSeriesDraft](a, true)}, a.createSeries)
	register(a, huma.Operation{Method: http.MethodGet, Path: seriesPath + "/{id}", OperationID: "getSeries", Tags: []string{"series"}, Summary: "One series"}, a.getSeries)
	register(a, huma.Operation{Method: http.MethodPatch, Path: seriesPath + "/{id}", OperationID: "patchSeries", Tags: []string{"series"}, Summary: "Change a series by a merge patch",
		RequestBody: takes[apiSeriesPatch](a, true, mergePatch, "application/json")}, a.patchSeries)
	register(a, huma.Operation{Method: http.MethodDelete, Path: seriesPath + "/{id}", OperationID: "deleteSeries", Tags: []string{"series"}, Summary: "Delete a series; its events stay"}, a.deleteSeries)
	register(a, huma.Operation{Method: http.MethodGet, Path: seriesPath + "/{id}/events", OperationID: "listSeriesEvents", Tags: []string{"series"}, Summary: "Events of a series"}, a.listSeriesEvents)
}

// InSeries is the input of operations on one series.
type InSeries struct {
	ID string `path:"id" doc:"Id of the series."`
}

// seriesAnswer is one series.
type seriesAnswer struct {
	ETag string `header:"ETag" doc:"Names this version, for If-Match."`
	Body apiSeries
}

// seriesMade is a series that is new.
type seriesMade struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     apiSeries
}

// inSeriesList is what the list of series takes.
type inSeriesList struct {
	InPage
	Q    string `query:"q" maxLength:"1000" doc:"Words that all have to begin a word of title, description or creators."`
	Sort string `query:"sort" enum:"title,-title,created,-created,modified,-modified" doc:"title when absent."`
}

// seriesListAnswer is a page of series.
type seriesListAnswer struct{ Body apiList[apiSeries] }

func (a *api) listSeries(ctx context.Context, in *inSeriesList) (*seriesListAnswer, error) {
	page, err := a.Events.ListSeries(ctx, whoOf(ctx), event.Query{Q: in.Q, Sort: in.Sort, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	shown := make([]apiSeries, len(page.Items))
	for i, e := range page.Items {
		shown[i] = showSeries(e)
	}
	return &seriesListAnswer{listOf(shown, page.Next)}, nil
}

func (a *api) createSeries(ctx context.Context, _ *nothing) (*seriesMade, error) {
	d, err := seriesDraftIn(bodyOf(ctx))
	if err != nil {
		return nil, err
	}
	made, err := a.Events.CreateSeries(ctx, whoOf(ctx), d)
	if err != nil {
		return nil, err
	}
	return &seriesMade{Location: seriesPath + "/" + string(made.ID), ETag: made.ETag(), Body: showSeries(made)}, nil
}

func (a *api) getSeries(ctx context.Context, in *InSeries) (*seriesAnswer, error) {
	found, err := a.Events.FindSeries(ctx, whoOf(ctx), event.SeriesID(in.ID), event.ToRead)
	if err != nil {
		return nil, err
	}
	return &seriesAnswer{found.ETag(), showSeries(found)}, nil
}

// inSeriesChange is the input of a change of a series.
type inSeriesChange struct {
	InSeries
	InConfirm
	IfMatch string `header:"If-Match" doc:"ETag of the version that is to be changed; 412 when it is not the present one."`
}

func (a *api) patchSeries(ctx context.Context, in *inSeriesChange) (*seriesAnswer, error) {
	p, err := seriesPatchIn(bodyOf(ctx))
	if err != nil {
		if _, refused := a.Events.FindSeries(ctx, whoOf(ctx), event.SeriesID(in.ID), event.ToWrite); refused != nil {
			err = refused
		}
		return nil, err
	}
	p.Confirm = in.Confirm
	changed, err := a.Events.PatchSeries(ctx, whoOf(ctx), event.SeriesID(in.ID), p, in.IfMatch)
	if err != nil {
		return nil, err
	}
	return &seriesAnswer{changed.ETag(), showSeries(changed)}, nil
}

func (a *api) deleteSeries(ctx context.Context, in *InSeries) (*struct{}, error) {
	return nil, a.Events.DeleteSeries(ctx, whoOf(ctx), event.SeriesID(in.ID))
}

// inSeriesEvents is what the list of a series' events takes.
type inSeriesEvents struct {
	InSeries
	InEvents
}

func (a *api) listSeriesEvents(ctx context.Context, in *inSeriesEvents) (*eventsAnswer, error) {
	if _, err := a.Events.FindSeries(ctx, whoOf(ctx), event.SeriesID(in.ID), event.ToRead); err != nil {
		return nil, err
	}
	q := in.query()
	q.Series = event.SeriesID(in.ID)
	return a.pageOfEvents(ctx, q)
}

// seriesDraftIn reads the body that makes a series.
func seriesDraftIn(raw []byte) (event.SeriesDraft, error) {
	f, err := fieldsIn(raw)
	if err != nil {
		return event.SeriesDraft{}, err
	}
	id := f.text("id", "Label")
	if id.Set && id.Value == "" && !id.Null {
		f.refuse("/id", "Label", "Use 1 to 128 ASCII letters, digits and - . _ ~ ! * : @ , ;")
	}
	d := event.SeriesDraft{
		ID: event.SeriesID(id.Value), Title: f.text("title", "NonBlankString").Value, Description: f.text("description", "Description").Value,
		Creators: f.texts("creators").Value, Language: given(f.text("language", "LangCode")), ExtraMetadata: f.metadata("extraMetadata").Value,
	}
	if acl := f.acl("acl"); acl.Set {
		d.ACL = acl.Value
	}
	f.fixed("createdBy", "created", "modified")
	f.none()
	d.Wrong = f.wrong
	return d, nil
}

// seriesPatchIn reads a merge patch of a series.
func seriesPatchIn(raw []byte) (event.SeriesPatch, error) {
	f, err := fieldsIn(raw)
	if err != nil {
		return event.SeriesPatch{}, err
	}
	p := event.SeriesPatch{
		Title: f.text("title", "NonBlankString"), Description: f.text("description", "Description"), Creators: f.texts("creators"),
		Language: f.text("language", "LangCode"), ExtraMetadata: f.metadata("extraMetadata"), ACL: f.acl("acl"),
	}
	f.fixed("id", "createdBy", "created", "modified")
	f.none()
	p.Wrong = f.wrong
	return p, nil
}
