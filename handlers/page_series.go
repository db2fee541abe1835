package handlers

import (
	"net/http"
	"strings"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/views"
)

// seriesListPage is "/series".
func (s *Server) seriesListPage(w http.ResponseWriter, r *http.Request) error {
	return s.seriesList(w, r, http.StatusOK, "", "")
}

func (s *Server) seriesList(w http.ResponseWriter, r *http.Request, status int, typed, wrong string) error {
	page := views.SeriesListPage{Page: s.page(r, "", "series"), Query: r.FormValue("q"), MayCreate: s.who(r).MayCreate(), NewTitle: typed, NewError: wrong}
	found, err := s.Events.ListSeries(r.Context(), s.who(r), event.Query{Q: page.Query, Sort: "title", Cursor: r.FormValue("cursor")})
	if err != nil {
		return err
	}
	page.Next = found.Next
	ids := make([]event.SeriesID, len(found.Items))
	for i, one := range found.Items {
		ids[i] = one.ID
	}
	contents, err := s.Events.Contents(r.Context(), s.who(r), ids)
	if err != nil {
		return err
	}
	for _, one := range found.Items {
		inside := contents[one.ID]
		row := views.SeriesRow{ID: string(one.ID), Title: one.Title, Creators: one.Creators, Modified: one.Modified, Recordings: inside.Events}
		if inside.Picture != nil {
			row.Picture = s.mediaURL(s.who(r), *inside.Picture)
		}
		page.Rows = append(page.Rows, row)
	}
	return s.render(w, r, status, views.SeriesList(page))
}

// newSeries makes a series of a title.
func (s *Server) newSeries(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	title := strings.TrimSpace(r.PostForm.Get("title"))
	made, err := s.Events.CreateSeries(r.Context(), s.who(r), event.SeriesDraft{Title: title})
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return s.seriesList(w, r, http.StatusUnprocessableEntity, title, toldField(r.Context(), f))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/series/"+string(made.ID), http.StatusSeeOther)
	return nil
}

// seriesPage is one series with its recordings.
func (s *Server) seriesPage(w http.ResponseWriter, r *http.Request) error {
	return s.series(w, r, http.StatusOK, nil)
}

func seriesOf(r *http.Request) event.SeriesID { return event.SeriesID(r.PathValue("id")) }

// series draws the page; change says what a form just did.
func (s *Server) series(w http.ResponseWriter, r *http.Request, status int, change func(*views.SeriesPage)) error {
	one, err := s.Events.FindSeries(r.Context(), s.who(r), seriesOf(r), event.ToRead)
	if err != nil {
		return err
	}
	page := views.SeriesPage{Page: s.page(r, one.Title, "series"), ID: string(one.ID), Title: one.Title, Creators: one.Creators, MayEdit: one.MayWrite,
		MayUpload: one.MayWrite && s.who(r).MayCreate()}
	page.Page.Pulse = s.pulseOf(r, "series", string(one.ID), one.MayWrite)
	page.Details = seriesDetails(one)
	if page.ACL, err = s.seriesACL(r, one); err != nil {
		return err
	}
	var q event.Query
	if page.List, q, err = s.recordingList(r, "/series/"+string(one.ID), one.ID); err != nil {
		return err
	}
	counts, err := s.Events.WorkCounts(r.Context(), s.who(r), q)
	if err != nil {
		return err
	}
	page.Count = counts[event.AnyWork]
	if change != nil {
		change(&page)
	}
	return s.render(w, r, status, views.Series(page))
}

func seriesDetails(one event.Series) views.Details {
	d := views.Details{Action: "/series/" + string(one.ID) + "/metadata", MayEdit: one.MayWrite, OfSeries: true, Title: one.Title,
		Description: one.Description, Creators: one.Creators}
	if one.Language != nil {
		d.Language = *one.Language
	}
	return d
}

func (s *Server) seriesACL(r *http.Request, one event.Series) (views.ACL, error) {
	return s.aclCard(r, aclOfSeries(one))
}

func aclOfSeries(one event.Series) aclOf {
	return aclOf{page: "/series/" + string(one.ID), mayEdit: one.MayWrite, acl: one.ACL, creator: one.CreatedBy, ofSeries: true}
}

// saveSeriesField saves one field of a series.
func (s *Server) saveSeriesField(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	one, err := s.Events.FindSeries(r.Context(), s.who(r), seriesOf(r), event.ToWrite)
	if err != nil {
		return err
	}
	field, value := r.PostForm.Get("field"), r.PostForm.Get("value")
	now, known := seriesValue(one, field)
	if !known {
		return fault.New(fault.Invalid, "error.field", "There is no such field.")
	}
	out := views.FieldOutcome{Field: field, State: "saved", Was: value, Value: value}
	if was := r.PostForm.Get("was"); r.PostForm.Has("was") && now != was && now != value {
		out.State, out.Was = "conflict", now
	} else if saved, err := s.Events.PatchSeries(r.Context(), s.who(r), one.ID, seriesPatch(field, value), ""); err == nil {
		out.Was, _ = seriesValue(saved, field)
	} else {
		f := s.refusal(r, err)
		out.State, out.Was, out.Message = "error", now, toldField(r.Context(), f)
	}
	if r.Header.Get("HX-Request") != "" {
		return s.render(w, r, outcomeStatus[out.State], views.Outcome(out))
	}
	if out.State == "saved" {
		http.Redirect(w, r, "/series/"+string(one.ID), http.StatusSeeOther)
		return nil
	}
	return s.series(w, r, outcomeStatus[out.State], func(page *views.SeriesPage) { page.Details.Outcome = out })
}

func seriesValue(one event.Series, field string) (string, bool) {
	switch field {
	case "title":
		return one.Title, true
	case "description":
		return one.Description, true
	case "creators":
		return strings.Join(one.Creators, "; "), true
	case "language":
		if one.Language != nil {
			return *one.Language, true
		}
		return "", true
	}
	return "", false
}

func seriesPatch(field, value string) event.SeriesPatch {
	var p event.SeriesPatch
	switch field {
	case "title":
		p.Title = event.To(value)
	case "description":
		p.Description = event.To(strings.ReplaceAll(value, "\r\n", "\n"))
	case "creators":
		p.Creators = event.To(names(value))
	case "language":
		p.Language = orRemoved(value)
	}
	return p
}

// saveSeriesACL takes the form "Who may" of a series: for recordings added from now on.
func (s *Server) saveSeriesACL(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	one, err := s.Events.FindSeries(r.Context(), s.who(r), seriesOf(r), event.ToWrite)
	if err != nil {
		return err
	}
	return s.changeACL(w, r, aclForm{of: aclOfSeries(one), put: func(acl []event.ACLEntry, confirm bool) (aclOf, error) {
		saved, err := s.Events.PatchSeries(r.Context(), s.who(r), one.ID, event.SeriesPatch{ACL: event.To(acl), Confirm: confirm}, "")
		return aclOfSeries(saved), err
	}, draw: func(status int, card views.ACL) error {
		return s.series(w, r, status, func(page *views.SeriesPage) { page.ACL = card })
	}})
}

// checkSeriesACL answers who somebody is to the series.
func (s *Server) checkSeriesACL(w http.ResponseWriter, r *http.Request) error {
	one, err := s.Events.FindSeries(r.Context(), s.who(r), seriesOf(r), event.ToWrite)
	if err != nil {
		return err
	}
	return s.answerCheck(w, r, aclOfSeries(one))
}

// deleteSeries deletes a series; its recordings stay.
func (s *Server) deleteSeries(w http.ResponseWriter, r *http.Request) error {
	if err := s.Events.DeleteSeries(r.Context(), s.who(r), seriesOf(r)); err != nil {
		return err
	}
	http.Redirect(w, r, "/series", http.StatusSeeOther)
	return nil
}
