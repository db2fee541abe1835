package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"cutroom/internal/fault"
)

// Problem is the body of the API's errors (RFC 9457).
type Problem struct {
	Type    string        `json:"type"`
	Title   string        `json:"title"`
	Status  int           `json:"status"`
	Detail  string        `json:"detail,omitempty"`
	Errors  []fault.Field `json:"errors,omitempty"`
	Current any           `json:"current,omitempty"` // the present value, with 412
	Request string        `json:"request,omitempty"` // for the support team
}

// answer answers an error: people get a page, programs a problem document, Okapi's clients its text. Internal errors are logged with the request's
// id, and nothing of them is told.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case okapi(r):
		s.text(w, r, err)
	case forPrograms(r):
		s.problem(w, r, err)
	default:
		s.errorPage(w, r, err)
	}
}

// forPrograms says whether an answer is read by a program: the API and media.
func forPrograms(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/media/")
}

// problem answers an error with a problem document.
func (s *Server) problem(w http.ResponseWriter, r *http.Request, err error) {
	f := s.refusal(r, err)
	p := problemOf(r.Context(), f)
	body, encoding := json.Marshal(p)
	if encoding != nil {
		s.Log.ErrorContext(r.Context(), "a problem could not be written", "request", p.Request, "err", encoding)
		body, _ = json.Marshal(Problem{Type: p.Type, Title: p.Title, Status: p.Status, Detail: p.Detail, Request: p.Request})
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Del("Etag")
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="cutroom"`)
	}
	writeRetry(h, f.Kind)
	w.WriteHeader(p.Status)
	_, _ = w.Write(body)
}

// problemOf makes the document of a fault.
func problemOf(ctx context.Context, f *fault.Error) Problem {
	status := f.Kind.Status()
	return Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: f.Text, Errors: f.Fields, Current: f.Current, Request: exchangeOf(ctx).id}
}

// refusal is what the asker hears of an error. It notes the error for the access log, and logs what is ours to mend.
func (s *Server) refusal(r *http.Request, err error) *fault.Error {
	x := exchangeOf(r.Context())
	x.err = err
	f := asFault(err)
	gone := r.Context().Err() != nil && errors.Is(err, context.Canceled)
	if (f.Kind == fault.Internal || f.Kind == fault.Unavailable) && !gone {
		s.Log.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.String("request", x.id), slog.String("method", r.Method),
			slog.String("path", r.URL.Path), slog.String("tenant", string(x.tenant.ID)), slog.String("user", x.who.User), slog.String("err", err.Error()))
	}
	return f
}

// asFault turns any error into one that may be told.
func asFault(err error) *fault.Error {
	var tooLarge *http.MaxBytesError
	var pg *pgconn.PgError
	switch f := fault.As(err); {
	case f != nil && f.Kind != fault.Internal:
		return f
	case errors.As(err, &tooLarge):
		return fault.New(fault.TooLarge, "error.too-large", "This is more than is taken at once.").WithCause(err)
	case errors.As(err, &pg) && (pg.Code == "22021" || pg.Code == "22P05"):
		return fault.New(fault.Malformed, "error.signs", "The request has signs that no text can have.").WithCause(err)
	case errors.As(err, &pg) && passing(pg.Code), broken(err):
		return fault.New(fault.Unavailable, "error.database", "The database cannot be reached. Try again in a moment.").WithCause(err)
	}
	return fault.New(fault.Internal, "error.internal", "Something broke on our side. Nothing you saved is lost.").WithCause(err)
}

// passing says whether an error of Postgres goes away by itself: it restarts, has no connection left, or two
// transactions met.
func passing(code string) bool {
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "53") || code == "40001" || code == "40P01"
}

// broken says whether the way to the database broke off: it restarts, or another server takes over.
func broken(err error) bool {
	var network net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network) || pgconn.SafeToRetry(err)
}

func writeRetry(h http.Header, kind fault.Kind) {
	switch kind {
	case fault.Limited:
		h.Set("Retry-After", "60")
	case fault.Unavailable:
		h.Set("Retry-After", "2")
	}
}

// errorPage answers an error to a person. Who is not signed in is sent to sign in, and comes back.
func (s *Server) errorPage(w http.ResponseWriter, r *http.Request, err error) {
	f := s.refusal(r, err)
	if f.Kind == fault.Unauthorized && !exchangeOf(r.Context()).bearer {
		s.toSignIn(w, r)
		return
	}
	var body bytes.Buffer
	if err := s.drawError(&body, r, f); err != nil {
		s.Log.ErrorContext(r.Context(), "an error page could not be drawn", "request", exchangeOf(r.Context()).id, "err", err)
		body.Reset()
		body.WriteString(f.Text)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	} else {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
	}
	w.Header().Set("Cache-Control", "no-store")
	writeRetry(w.Header(), f.Kind)
	w.WriteHeader(f.Kind.Status())
	_, _ = body.WriteTo(w)
}
