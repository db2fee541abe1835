package handlers

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"cutroom/internal/event"
	"cutroom/internal/fault"
)

// problemError is a problem document as the answer of an operation.
type problemError struct {
	Problem
	headers http.Header
}

// Error is for the log.
func (e *problemError) Error() string { return e.Detail }

// GetStatus gives the HTTP status.
func (e *problemError) GetStatus() int { return e.Status }

// GetHeaders gives what goes with the status: Retry-After, WWW-Authenticate.
func (e *problemError) GetHeaders() http.Header { return e.headers }

// ContentType is that of RFC 9457.
func (e *problemError) ContentType(string) string { return "application/problem+json" }

// huma's own errors are of parameters; they become problem documents like all others. It keeps these functions in
// variables of its package, and lists are nullable there unless told otherwise.
func init() {
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return &problemError{Problem: Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: msg}}
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		return parameterProblem(ctx.Context(), status, msg, errs)
	}
}

var hidesInternals = regexp.MustCompile(`(?i)strconv|parsing|unmarshal`)

func parameterProblem(ctx context.Context, status int, msg string, errs []error) *problemError {
	f := fault.New(kindOf(status), "error.parameters", "The request has wrong parameters.")
	if status >= 500 {
		f = asFault(context.Cause(ctx))
	}
	for _, err := range errs {
		detailer, ok := err.(huma.ErrorDetailer)
		if !ok {
			continue
		}
		d := detailer.ErrorDetail()
		_, name, _ := strings.Cut(d.Location, ".")
		message := d.Message
		if hidesInternals.MatchString(message) {
			message = "has the wrong form"
		}
		if message == "" {
			message = "is not known"
		}
		f = f.WithFields(fault.Field{Path: "/" + event.Pointer(name), Rule: "Parameter", Message: message})
	}
	if len(f.Fields) > 0 {
		f.Text = f.Fields[0].Path[1:] + ": " + f.Fields[0].Message + "."
	}
	return newProblem(ctx, f)
}

// kindOf finds the kind of a status.
func kindOf(status int) fault.Kind {
	for kind := fault.Internal; kind <= fault.Unsupported; kind++ {
		if kind.Status() == status {
			return kind
		}
	}
	return fault.Internal
}

func newProblem(ctx context.Context, f *fault.Error) *problemError {
	e := &problemError{Problem: problemOf(ctx, f), headers: http.Header{}}
	writeRetry(e.headers, f.Kind)
	if f.Kind == fault.Unauthorized {
		e.headers.Set("WWW-Authenticate", `Bearer realm="cutroom"`)
	}
	return e
}

// fail turns what a noun refused into the answer. The present value that goes with 412 is shown as everywhere in the API.
func (a *api) fail(ctx context.Context, err error) error {
	r := requestOf(ctx)
	f := a.refusal(r, err)
	if f.Current != nil {
		shown := *f
		shown.Current = a.current(whoOf(ctx), f.Current)
		f = &shown
	}
	return newProblem(ctx, f)
}

// answers describes one error status.
func answers(op *huma.Operation, statuses ...int) {
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	for _, status := range statuses {
		op.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}},
		}
	}
}
