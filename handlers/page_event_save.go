package handlers

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/views"
)

// formTime is how a form writes a moment, in the reader's zone.
const formTime = "2006-01-02T15:04"

// saveField saves one field of an event; see views.Details for the form.
func (s *Server) saveField(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	who, id, form := s.who(r), eventOf(r), r.PostForm
	e, err := s.Events.Find(r.Context(), who, id, event.ToWrite)
	if err != nil {
		return err
	}
	field, value := form.Get("field"), form.Get("value")
	now, known := fieldValue(r, e, field)
	if !known {
		return fault.New(fault.Invalid, "error.field", "There is no such field.")
	}
	out := views.FieldOutcome{Field: field, State: "saved", Was: value, Value: value}
	switch was := form.Get("was"); {
	case form.Has("was") && now != was && now != value:
		out.State, out.Was, out.Shown, out.By = "conflict", now, s.shownValue(r, e, field, now), s.lastEditor(r, id)
	default:
		out = s.saveValue(r, e, out)
	}
	return s.outcome(w, r, out)
}

// saveValue writes the value, and says what came of it.
func (s *Server) saveValue(r *http.Request, e event.Event, out views.FieldOutcome) views.FieldOutcome {
	patch, err := fieldPatch(r, out.Field, out.Value)
	if err == nil {
		var saved event.Event
		if saved, err = s.Events.Patch(r.Context(), s.who(r), e.ID, patch, ""); err == nil {
			out.Was, _ = fieldValue(r, saved, out.Field)
			return out
		}
	}
	now, _ := fieldValue(r, e, out.Field)
	f := s.refusal(r, err)
	out.State, out.Was, out.Message = "error", now, toldField(r.Context(), f)
	return out
}

var outcomeStatus = map[string]int{"saved": http.StatusOK, "error": http.StatusUnprocessableEntity, "conflict": http.StatusPreconditionFailed}

// outcome answers with the fragment, or without scripts with the page.
func (s *Server) outcome(w http.ResponseWriter, r *http.Request, out views.FieldOutcome) error {
	if r.Header.Get("HX-Request") != "" {
		return s.render(w, r, outcomeStatus[out.State], views.Outcome(out))
	}
	if out.State == "saved" {
		http.Redirect(w, r, "/events/"+string(eventOf(r)), http.StatusSeeOther)
		return nil
	}
	page, err := s.event(r, &out)
	if err != nil {
		return err
	}
	return s.render(w, r, outcomeStatus[out.State], views.Event(page))
}

// fieldValue is an event's value in the form's writing.
func fieldValue(r *http.Request, e event.Event, field string) (string, bool) {
	switch field {
	case "title":
		return e.Title, true
	case "description":
		return e.Description, true
	case "creators":
		return strings.Join(e.Creators, "; "), true
	case "series":
		if e.Series != nil {
			return string(*e.Series), true
		}
		return "", true
	case "language":
		if e.Language != nil {
			return *e.Language, true
		}
		return "", true
	case "start":
		return formMoment(r, e.StartTime), true
	case "end":
		return formMoment(r, e.EndTime), true
	case "download":
		return ticked(downloadable(e)), true
	case "listed":
		return ticked(extraFlag(e.ExtraMetadata, "ocx:listed", true)), true
	}
	return "", false
}

func ticked(on bool) string {
	if on {
		return "true"
	}
	return ""
}

func formMoment(r *http.Request, t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(views.Zone(r.Context())).Format(formTime)
}

// fieldPatch makes the change that a form's field asks for.
func fieldPatch(r *http.Request, field, value string) (event.Patch, error) {
	var p event.Patch
	value = strings.ReplaceAll(value, "\r\n", "\n")
	switch field {
	case "title":
		p.Title = event.To(value)
	case "description":
		p.Description = event.To(value)
	case "creators":
		p.Creators = event.To(names(value))
	case "series":
		p.Series = orRemoved(event.SeriesID(value))
	case "language":
		p.Language = orRemoved(value)
	case "start", "end":
		change, err := momentChange(r, value)
		if err != nil {
			return p, err
		}
		if field == "start" {
			p.StartTime = change
		} else {
			p.EndTime = change
		}
	case "download", "listed":
		p.ExtraMetadata = event.To(flagPatch(field, value == "true"))
	}
	return p, nil
}

func orRemoved[T ~string](value T) event.Change[T] {
	if value == "" {
		return event.Removed[T]()
	}
	return event.To(value)
}

func names(value string) []string {
	list := []string{}
	for name := range strings.SplitSeq(value, ";") {
		if name = strings.TrimSpace(name); name != "" {
			list = append(list, name)
		}
	}
	return list
}

func momentChange(r *http.Request, value string) (event.Change[time.Time], error) {
	if value == "" {
		return event.Removed[time.Time](), nil
	}
	at, err := time.ParseInLocation(formTime, value, views.Zone(r.Context()))
	if err != nil {
		return event.Change[time.Time]{}, fault.New(fault.Invalid, "error.moment", "Write a day and a time.")
	}
	return event.To(at), nil
}

// flagPatch is a merge patch of extraMetadata. Listed is what events are when nothing is said.
func flagPatch(field string, on bool) json.RawMessage {
	switch {
	case field == "listed" && on:
		return json.RawMessage(`{"ocx:listed":null}`)
	case field == "listed":
		return json.RawMessage(`{"ocx:listed":false}`)
	case on:
		return json.RawMessage(`{"ocx:downloadable":true}`)
	}
	return json.RawMessage(`{"ocx:downloadable":null}`)
}

// shownValue is a value as people read it.
func (s *Server) shownValue(r *http.Request, e event.Event, field, value string) string {
	if field == "series" {
		return orText(s.seriesTitle(r, e), value)
	}
	return value
}

// lastEditor is who changed an event's metadata last; "" where nobody knows.
func (s *Server) lastEditor(r *http.Request, id event.ID) string {
	name, err := s.Events.ChangedBy(r.Context(), s.who(r), id)
	if err != nil || name == "" {
		return ""
	}
	return s.name(r.Context(), s.who(r), name)
}

// deleteEvent puts a recording into the bin.
func (s *Server) deleteEvent(w http.ResponseWriter, r *http.Request) error {
	if err := s.Events.Delete(r.Context(), s.who(r), eventOf(r)); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// duplicateEvent makes a copy, and goes there.
func (s *Server) duplicateEvent(w http.ResponseWriter, r *http.Request) error {
	twin, err := s.Events.Duplicate(r.Context(), s.who(r), eventOf(r))
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/events/"+string(twin.ID), http.StatusSeeOther)
	return nil
}
