// Package fault holds the errors that a user should hear of: a kind that decides the HTTP status, a text for the
// user, the fields that are wrong, and a cause that only the log sees. Any other error is an internal one.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of refusal an error is; Status gives its HTTP status.
type Kind int

const (
	Internal     Kind = iota // something broke on our side
	Malformed                // the request cannot be read
	Unauthorized             // nobody is signed in, or the token is not known
	Forbidden                // may read, may not do this
	NotFound                 // is not there, or is not to be seen
	Conflict                 // does not go with what is there now
	Precondition             // If-Match did not hold
	TooLarge                 // more than is taken
	Invalid                  // a value breaks a rule
	Limited                  // too many tries
	Unavailable              // cannot be done now, try later
	NotAllowed               // the address does not take this method
	Unsupported              // the body is of a kind that is not taken
)

var status = map[Kind]int{
	Internal: 500, Malformed: 400, Unauthorized: 401, Forbidden: 403, NotFound: 404, Conflict: 409,
	Precondition: 412, TooLarge: 413, Invalid: 422, Limited: 429, Unavailable: 503,
	NotAllowed: 405, Unsupported: 415,
}

// Status is the HTTP status code that answers this kind.
func (k Kind) Status() int { return status[k] }

// Field is one wrong field of a request.
type Field struct {
	Path    string `json:"field"`   // JSON pointer, e.g. /title
	Rule    string `json:"rule"`    // name of the broken rule, e.g. NonBlankString
	Message string `json:"message"` // for the user
}

// Error is a refusal with a text for the user.
type Error struct {
	Kind    Kind
	ID      string         // id in the catalogue of texts, for translation
	Text    string         // English, complete; never shows SQL, stacks or paths
	Data    map[string]any // values for the translated text
	Fields  []Field        // wrong fields, all of the request at once
	Current any            // the present value, with Precondition
	Cause   error          // for the log only
}

// New makes an error of a kind with the id of its text and the English text.
func New(kind Kind, id, text string) *Error { return &Error{Kind: kind, ID: id, Text: text} }

// Newf is New with a format for the English text.
func Newf(kind Kind, id, format string, args ...any) *Error {
	return New(kind, id, fmt.Sprintf(format, args...))
}

// With adds the values that the translated text needs.
func (e *Error) With(data map[string]any) *Error { e.Data = data; return e }

// WithFields adds wrong fields.
func (e *Error) WithFields(fields ...Field) *Error { e.Fields = append(e.Fields, fields...); return e }

// WithCause adds the error below, for the log.
func (e *Error) WithCause(err error) *Error { e.Cause = err; return e }

// Error is the text for the log: with the cause.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Text + ": " + e.Cause.Error()
	}
	return e.Text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// As finds an *Error in err's chain, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// KindOf is the kind of err; Internal when it is no fault.
func KindOf(err error) Kind {
	if e := As(err); e != nil {
		return e.Kind
	}
	return Internal
}

// Gone is the one answer for what is not there and for what may not be seen.
func Gone() *Error { return New(NotFound, "error.not-found", "There is nothing at this address.") }

// Denied is the answer to somebody who may read but not change.
func Denied() *Error { return New(Forbidden, "error.forbidden", "You may not do this.") }
