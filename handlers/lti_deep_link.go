package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/lti"
	"cutroom/views"
)

// pickerPage is where somebody chooses recordings for a course. What is chosen stands in the address, so that every button works
// without scripts.
func (s *Server) pickerPage(w http.ResponseWriter, r *http.Request) error {
	page, err := s.picker(r, r.URL.Query())
	if err != nil {
		return err
	}
	if page.List, err = s.pickerRows(r, page); err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.Picker(page))
}

// pickerList is the list alone: its rows, or all of it after a search.
func (s *Server) pickerList(w http.ResponseWriter, r *http.Request) error {
	page, err := s.picker(r, url.Values{"launch": {r.FormValue("launch")}})
	if err != nil {
		return err
	}
	if page.List, err = s.pickerRows(r, page); err != nil {
		return err
	}
	if r.FormValue("whole") != "" {
		return s.render(w, r, http.StatusOK, views.PickerList(page))
	}
	return s.render(w, r, http.StatusOK, views.PickerRows(page))
}

// pickerTray is what is chosen alone.
func (s *Server) pickerTray(w http.ResponseWriter, r *http.Request) error {
	page, err := s.picker(r, r.URL.Query())
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.PickerTray(page))
}

func (s *Server) pickerRows(r *http.Request, page views.PickerPage) (views.RecordingList, error) {
	list, _, err := s.recordingList(r, views.PickerPath, "")
	list.Launch = page.Launch
	return list, err
}

// picker fills the page: what the course wants, and what is chosen so far, with the buttons add and remove.
func (s *Server) picker(r *http.Request, form url.Values) (views.PickerPage, error) {
	pick, err := s.LTI.Pick(r.Context(), s.who(r), form.Get("launch"))
	if err != nil {
		return views.PickerPage{}, err
	}
	page := s.pickerOf(r, pick)
	chosen, gone, err := s.chosen(r, pick, form)
	if err != nil {
		return page, err
	}
	page.Picked = picked(chosen)
	if gone > 0 {
		page.Error = views.T(r.Context(), "picker.gone", "PluralCount", gone)
	}
	return page, nil
}

func (s *Server) pickerOf(r *http.Request, pick lti.Picking) views.PickerPage {
	return views.PickerPage{
		Page: s.page(r, "", ""), Launch: pick.Launch, Course: pick.Course, Platform: pick.Platform.Name, Takes: pick.Type() != "", Several: pick.Settings.Multiple,
		Places: len(pick.Targets()) > 1, MayUpload: s.who(r).MayCreate(),
	}
}

// choice is a recording that is chosen, with what was typed about its link.
type choice struct {
	event event.Event
	views.Picked
	learner string // role of those who take the course, where they may not watch it
}

// chosen reads which recordings a form has: item for each, and what its buttons add or remove. Recordings that are not there or not to
// be seen are left out and counted.
func (s *Server) chosen(r *http.Request, pick lti.Picking, form url.Values) (all []choice, gone int, err error) {
	ids := slices.Clone(form["item"])
	for _, add := range append(form["add"], form["event"]...) {
		if !pick.Settings.Multiple {
			ids = nil
		}
		ids = append(ids, add)
	}
	course, err := s.courseOf(r.Context(), s.who(r), pick.Launch)
	if fault.KindOf(err) != fault.Invalid && err != nil {
		return nil, 0, err // Invalid: the launch is outside of courses
	}
	remove := form["remove"]
	seen := map[string]bool{"": true}
	for _, id := range ids {
		if seen[id] || slices.Contains(remove, id) {
			continue
		}
		seen[id] = true
		if len(all) == lti.MostItems {
			return nil, 0, fault.Newf(fault.Invalid, "error.lti-pick-many", "Choose up to %d recordings at a time.", lti.MostItems).With(map[string]any{"Most": lti.MostItems})
		}
		e, err := s.Events.Find(r.Context(), s.who(r), event.ID(id), event.ToRead)
		if fault.KindOf(err) == fault.NotFound {
			gone++
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		c := choice{event: e, Picked: typed(e, pick, form)}
		if course != nil && !mayRead(e, course.Learner) {
			c.Hidden, c.learner = true, course.Learner
			c.Share = e.MayWrite && form.Get("share."+string(e.ID)) != ""
		}
		all = append(all, c)
	}
	return all, gone, nil
}

// typed is what a form says about the link to a recording; what it does not say is as is usual.
func typed(e event.Event, pick lti.Picking, form url.Values) views.Picked {
	id := string(e.ID)
	p := views.Picked{ID: id, Name: e.Title, Title: e.Title, View: lti.ViewWatch, MayEdit: e.MayWrite, Seen: e.PublishedRev != nil, Errors: map[string]string{}}
	if e.Duration != nil {
		p.Length = int64(*e.Duration)
	}
	if title, there := form["title."+id]; there {
		p.Title = strings.TrimSpace(title[0])
	}
	p.Start = strings.TrimSpace(form.Get("start." + id))
	if view := form.Get("view." + id); view != "" {
		p.View = view
	}
	targets := pick.Targets()
	if len(targets) > 0 {
		p.Place = targets[0]
	}
	if place := form.Get("place." + id); slices.Contains(targets, place) {
		p.Place = place
	}
	return p
}

func picked(all []choice) []views.Picked {
	shown := make([]views.Picked, len(all))
	for i, c := range all {
		shown[i] = c.Picked
	}
	return shown
}
