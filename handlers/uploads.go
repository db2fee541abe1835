package handlers

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	tusd "github.com/tus/tusd/v2/pkg/handler"
	"golang.org/x/exp/slog"

	"cutroom/internal/event"
	"cutroom/internal/fault"
)

// uploadsPath is where tus clients talk to.
const uploadsPath = "/api/v1/uploads"

// uploadsHandler answers the tus 1.0 protocol (creation, termination, expiration by the sweeper). Any node takes any
// piece; what is refused is answered as a problem document like everywhere in the API.
func (s *Server) uploadsHandler() (http.Handler, error) {
	store := &tusStore{s.Uploads}
	composer := tusd.NewStoreComposer()
	composer.UseCore(store)
	composer.UseTerminater(store)
	composer.UseLocker(tusLocker{s.Uploads})
	h, err := tusd.NewUnroutedHandler(tusd.Config{
		StoreComposer: composer, BasePath: uploadsPath + "/", MaxSize: event.MaxUpload, DisableDownload: true, DisableConcatenation: true,
		Cors: &tusd.CorsConfig{Disable: true}, PreUploadCreateCallback: s.newUploadHook, AcquireLockTimeout: 18 * time.Second,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return nil, err
	}
	// tusd takes the whole path for the id.
	one := func(do http.HandlerFunc) http.Handler { return http.StripPrefix(uploadsPath, do) }
	routes := http.NewServeMux()
	routes.HandleFunc("POST "+uploadsPath, h.PostFile)
	routes.HandleFunc("POST "+uploadsPath+"/{$}", h.PostFile)
	routes.Handle("HEAD "+uploadsPath+"/{id}", one(h.HeadFile))
	routes.Handle("PATCH "+uploadsPath+"/{id}", one(h.PatchFile))
	routes.Handle("DELETE "+uploadsPath+"/{id}", one(h.DelFile))
	routes.HandleFunc("OPTIONS "+uploadsPath, func(http.ResponseWriter, *http.Request) {})
	routes.HandleFunc("OPTIONS "+uploadsPath+"/{id}", func(http.ResponseWriter, *http.Request) {})
	tus := h.Middleware(routes)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := s.who(r)
		if !who.SignedIn() && r.Method != http.MethodOptions {
			s.problem(w, r, fault.New(fault.Unauthorized, "error.sign-in", "Sign in first, or send a token that is known."))
			return
		}
		pw := &tusProblems{ResponseWriter: w}
		tus.ServeHTTP(pw, r.WithContext(context.WithValue(r.Context(), tusKey{}, &tusRequest{who: who, problems: pw})))
		if pw.status >= 400 {
			s.problem(w, r, pw.fault())
		}
	}), nil
}

// tusProblems holds back tusd's plain-text errors, so that they go out as problem documents.
type tusProblems struct {
	http.ResponseWriter
	status  int
	text    bytes.Buffer
	refused *fault.Error // by us, with all that tusd's errors have no place for
	cause   error        // what broke on our side
}

// WriteHeader passes on what is no error.
func (p *tusProblems) WriteHeader(status int) {
	p.status = status
	if status < 400 {
		p.ResponseWriter.WriteHeader(status)
	}
}

// Write keeps an error's text, and passes on all else.
func (p *tusProblems) Write(b []byte) (int, error) {
	if p.status >= 400 {
		return p.text.Write(b)
	}
	return p.ResponseWriter.Write(b)
}

// Unwrap lets tusd set deadlines.
func (p *tusProblems) Unwrap() http.ResponseWriter { return p.ResponseWriter }

var tusKinds = map[int]fault.Kind{
	400: fault.Malformed, 401: fault.Unauthorized, 403: fault.Forbidden, 404: fault.NotFound, 409: fault.Conflict, 412: fault.Precondition,
	405: fault.NotAllowed, 413: fault.TooLarge, 422: fault.Invalid, 423: fault.Conflict, 429: fault.Limited, 503: fault.Unavailable,
}

// fault is the refusal that tusd wanted to send: "CODE: text". What is broken on our side says no more than that.
func (p *tusProblems) fault() error {
	p.Header().Del("Content-Length")
	if p.refused != nil && p.refused.Kind.Status() == p.status {
		return p.refused
	}
	kind, known := tusKinds[p.status]
	switch {
	case p.status == http.StatusNotImplemented:
		return fault.New(fault.Malformed, "", "This part of the tus protocol is not offered here: say Upload-Length when you begin.")
	case !known && p.cause != nil:
		return p.cause
	case !known:
		return fault.Newf(fault.Internal, "error.internal", "Something broke on our side: %s", p.text.String())
	}
	_, text, _ := strings.Cut(strings.TrimSpace(p.text.String()), ": ")
	if text == "" {
		text = http.StatusText(p.status)
	}
	return fault.New(kind, "", upperFirst(text))
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
