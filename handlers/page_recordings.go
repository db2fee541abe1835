package handlers

import (
	"net/http"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/install"
	"cutroom/internal/user"
	"cutroom/views"
)

// recordingsPage is "/": all that somebody may see, newest first.
func (s *Server) recordingsPage(w http.ResponseWriter, r *http.Request) error {
	who := s.who(r)
	list, q, err := s.recordingList(r, "/", "")
	if err != nil {
		return err
	}
	counts, err := s.Events.WorkCounts(r.Context(), who, q)
	if err != nil {
		return err
	}
	page := views.RecordingsPage{
		Page: s.page(r, "", "recordings"), List: list, MayUpload: who.MayCreate(),
		Counts: views.RecordingCounts{All: counts[event.AnyWork], Edit: counts[event.ToEdit], Work: counts[event.InWork], Failed: counts[event.FailedWork]},
	}
	if page.MayUpload {
		course, err := s.courseOf(r.Context(), who, "")
		if err != nil {
			return err
		}
		if course != nil {
			page.Course = course.Title
		}
	}
	return s.render(w, r, http.StatusOK, views.Recordings(page))
}

// recordingRows is the next page of a list.
func (s *Server) recordingRows(w http.ResponseWriter, r *http.Request) error {
	base, series := "/", r.FormValue("series")
	if series != "" {
		base = "/series/" + series
	}
	list, _, err := s.recordingList(r, base, event.SeriesID(series))
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.RecordingRows(list))
}

var listOrders = map[string]string{"": "-created", "oldest": "created", "title": "title", "changed": "-modified"}

// recordingList reads what the address asks for. An order that is not known is the usual one.
func (s *Server) recordingList(r *http.Request, base string, series event.SeriesID) (views.RecordingList, event.Query, error) {
	list := views.RecordingList{Base: base, Query: r.FormValue("q"), Filter: r.FormValue("filter"), Order: r.FormValue("sort"), Series: string(series)}
	sort, known := listOrders[list.Order]
	if !known {
		sort, list.Order = listOrders[""], ""
	}
	q := event.Query{Q: list.Query, Series: series, Work: event.Work(list.Filter), Sort: sort, Cursor: r.FormValue("cursor")}
	found, err := s.Events.List(r.Context(), s.who(r), q)
	if err != nil {
		return list, q, err
	}
	list.Next = found.Next
	list.Rows, err = s.rows(r, found.Items)
	return list, q, err
}

// rows gives events as lists show them, with their cuts, newest runs and who is there, in one query each.
func (s *Server) rows(r *http.Request, events []event.Event) ([]views.RecordingRow, error) {
	ctx, who := r.Context(), s.who(r)
	ids := make([]event.ID, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}
	edits, err := edit.Summaries(ctx, s.DB, who, ids)
	if err != nil {
		return nil, err
	}
	runs, err := s.Runs.Latest(ctx, who, ids)
	if err != nil {
		return nil, err
	}
	progress, err := s.Uploads.Progress(ctx, who, ids)
	if err != nil {
		return nil, err
	}
	faces, err := s.facesOf(ctx, who, ids)
	if err != nil {
		return nil, err
	}
	titles := map[event.SeriesID]string{}
	rows := make([]views.RecordingRow, 0, len(events))
	for _, e := range events {
		rec := recording{event: e, edit: edits[e.ID], ingest: progress[e.ID], faces: faces[e.ID], mayEdit: e.MayWrite}
		if newest, there := runs[e.ID]; there {
			rec.run = &newest
		}
		if e.Series != nil {
			if _, known := titles[*e.Series]; !known {
				titles[*e.Series] = s.seriesTitle(r, e)
			}
			rec.series = titles[*e.Series]
		}
		row := s.row(rec, s.picture(who, e))
		row.NoEditor = !s.tenant(r).Has(install.Editor)
		rows = append(rows, row)
	}
	return rows, nil
}

// picture is the address of an event's picture; "" when it has none.
func (s *Server) picture(who user.Who, e event.Event) string {
	if a := thumbnailOf(e); a != nil {
		return s.mediaURL(who, *a)
	}
	return ""
}
