package handlers

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/views"
)

// themeCookie keeps the theme that somebody chose; the page's script writes it.
const themeCookie = "theme"

// page fills what every page has around its body. nav is the present place, see views.Page.
func (s *Server) page(r *http.Request, title, nav string) views.Page {
	x := exchangeOf(r.Context())
	p := views.Page{Title: title, Nav: nav, Host: x.tenant.Name, Above: x.above(), Path: "/"}
	p.Framed = framed(r)
	if row, came := s.launchOf(r); came {
		p.CourseURL = row.ReturnURL
	}
	if safe(r.Method) {
		p.Path = r.URL.RequestURI()
	}
	if c, err := r.Cookie(themeCookie); err == nil && (c.Value == "light" || c.Value == "dark") {
		p.Theme = c.Value
	}
	if x.who.SignedIn() {
		p.Who = views.Who{ID: x.who.User, Name: x.who.Name, Role: x.who.Role}
		p.Pulse = s.pulseOf(r, "", "", false)
	}
	return p
}

// render draws a page or fragment whole before the first byte goes out. Pages are the person's own: nobody keeps them.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var body bytes.Buffer
	if err := c.Render(r.Context(), &body); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Cookie, Accept-Language")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
	w.WriteHeader(status)
	_, _ = body.WriteTo(w)
	return nil
}

// drawError draws the page of an error; for a part of a page that htmx asked for, a sentence that stands in its place.
func (s *Server) drawError(w io.Writer, r *http.Request, f *fault.Error) error {
	if r.Header.Get("HX-Request-Type") == "partial" {
		return views.NoticeBox("failed", "triangle-alert", told(r.Context(), f)).Render(r.Context(), w)
	}
	p := views.ErrorPage{Page: s.page(r, "", ""), Status: f.Kind.Status(), Request: exchangeOf(r.Context()).id}
	if f.ID == "error.forbidden" {
		p.Ask = s.whomToAsk(r)
	}
	switch f.ID {
	case "error.not-found", "error.forbidden", "error.internal": // the page says it at length
	default:
		p.Message = told(r.Context(), f)
	}
	return views.Failure(p).Render(r.Context(), w)
}

// whomToAsk is the name of the owner of the recording that a page is about, for who may read it; "" for other pages, and
// for the owner.
func (s *Server) whomToAsk(r *http.Request) string {
	if !strings.Contains(exchangeOf(r.Context()).pattern, " /events/{id}") {
		return ""
	}
	who := s.who(r)
	e, err := s.Events.Find(r.Context(), who, eventOf(r), event.ToRead)
	if err != nil || e.Owner == who.User {
		return ""
	}
	return s.name(r.Context(), who, e.Owner)
}
