package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/lti"
	"cutroom/internal/user"
	"cutroom/views"
)

// answerPicker sends the choice to the learning platform: by a page whose form the browser posts there.
func (s *Server) answerPicker(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	pick, err := s.LTI.Pick(r.Context(), s.who(r), r.PostForm.Get("launch"))
	if err != nil {
		return err
	}
	if r.PostForm.Get("cancel") != "" {
		return s.sendPicked(w, r, pick, nil)
	}
	all, gone, err := s.chosen(r, pick, r.PostForm)
	if err != nil {
		return err
	}
	items, wrong := s.items(r, pick, all)
	message := ""
	switch {
	case gone > 0:
		message = views.T(r.Context(), "picker.gone", "PluralCount", gone)
	case len(all) == 0:
		message = views.T(r.Context(), "picker.chooseFirst")
	case len(all) > 1 && !pick.Settings.Multiple:
		message = views.T(r.Context(), "picker.oneOnly")
	case wrong:
		message = views.T(r.Context(), "picker.correct")
	default:
		if err := s.sharePicked(r, all); err != nil {
			return err
		}
		return s.sendPicked(w, r, pick, items)
	}
	return s.pickAgain(w, r, pick, all, message)
}

// pickAgain shows the page once more with what is wrong; all that was typed stays.
func (s *Server) pickAgain(w http.ResponseWriter, r *http.Request, pick lti.Picking, all []choice, message string) error {
	page := s.pickerOf(r, pick)
	page.Picked, page.Error = picked(all), message
	exchangeOf(r.Context()).err = fault.New(fault.Invalid, "error.pick", message)
	var err error
	if page.List, err = s.pickerRows(r, page); err != nil {
		return err
	}
	return s.render(w, r, http.StatusUnprocessableEntity, views.Picker(page))
}

// sharePicked lets those who take the course watch what was ticked. Who changed an access list meanwhile is not overruled.
func (s *Server) sharePicked(r *http.Request, all []choice) error {
	for _, c := range all {
		if !c.Share {
			continue
		}
		acl := append(slices.Clone(c.event.ACL), event.ACLEntry{Role: c.learner, Action: "read"})
		if _, err := s.Events.Patch(r.Context(), s.who(r), c.event.ID, event.Patch{ACL: event.To(acl)}, event.ETag(c.event)); err != nil {
			return err
		}
	}
	return nil
}

// items makes links of what was chosen, and notes what is wrong beside each.
func (s *Server) items(r *http.Request, pick lti.Picking, all []choice) (items []lti.Item, wrong bool) {
	for i := range all {
		c := &all[i]
		start, err := startOf(c.Start, c.Length)
		if err != nil {
			c.Errors["start"] = told(r.Context(), asFault(err))
		}
		switch {
		case strings.TrimSpace(c.Title) == "":
			c.Errors["title"] = views.T(r.Context(), "picker.titleMissing")
		case len(c.Title) > maxLinkTitle:
			c.Errors["title"] = views.T(r.Context(), "picker.titleLong")
		}
		if c.View != lti.ViewWatch && (c.View != lti.ViewEdit || !c.MayEdit) {
			c.Errors["view"] = views.T(r.Context(), "picker.viewWrong")
			c.View = lti.ViewWatch
		}
		wrong = wrong || len(c.Errors) > 0
		items = append(items, s.item(r, *c, start))
	}
	return items, wrong
}

// Limits of a link's texts, in bytes.
const (
	maxLinkTitle = 1024
	maxLinkText  = 2000
)

func (s *Server) item(r *http.Request, c choice, start time.Duration) lti.Item {
	address := url.URL{Path: "/events/" + c.ID + "/" + c.View}
	if start > 0 {
		address.RawQuery = url.Values{"t": {strconv.Itoa(int(start / time.Second))}}.Encode()
	}
	return lti.Item{
		Event: c.ID, View: c.View, Start: start, URL: s.origin(r) + address.String(), Title: c.Title, Text: linkText(c.event.Description), Target: c.Place,
		Thumbnail: s.publicPicture(r, c.event),
	}
}

// linkText is the beginning of a description, in whole signs.
func linkText(text string) string {
	if len(text) <= maxLinkText {
		return text
	}
	return strings.ToValidUTF8(text[:maxLinkText], "") + "…"
}

// publicPicture is the picture of a recording that everybody may watch; nil for others.
func (s *Server) publicPicture(r *http.Request, e event.Event) *lti.Picture {
	a := thumbnailOf(e)
	if a == nil || a.Internal || !everybodyReads(e) {
		return nil
	}
	return &lti.Picture{URL: s.origin(r) + s.mediaURL(user.Anonymous(s.tenant(r).ID), *a)}
}

func everybodyReads(e event.Event) bool {
	return slices.Contains(e.ACL, event.ACLEntry{Role: user.RoleAnonymous, Action: "read"})
}

// mayRead says whether who has a role may watch a recording: by it, or as everybody.
func mayRead(e event.Event, role string) bool {
	return slices.ContainsFunc(e.ACL, func(entry event.ACLEntry) bool {
		return (entry.Role == role || entry.Role == user.RoleUser || entry.Role == user.RoleAnonymous) && (entry.Action == "read" || entry.Action == "write")
	})
}

// sendPicked answers, and shows the page that carries the answer. Its form leads to the platform and nowhere else.
func (s *Server) sendPicked(w http.ResponseWriter, r *http.Request, pick lti.Picking, items []lti.Item) error {
	to, jwt, err := s.LTI.Answer(r.Context(), s.who(r), pick.Launch, items)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "form-action 'self'", "form-action "+lti.Origin(to), 1))
	h.Set("Referrer-Policy", "strict-origin") // else the platform sees a post from nowhere
	h.Set("Cache-Control", "no-store")
	return s.render(w, r, http.StatusOK, views.PickerSend(views.PickerAnswer{Page: s.page(r, "", ""), Return: to, JWT: jwt, Count: len(items)}))
}
