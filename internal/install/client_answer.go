package install

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What is kept of a module's words: enough for people to read, little enough to store.
const (
	mostText     = 32 << 10 // bytes of one text
	mostProblems = 100      // errors, warnings, messages, parameters
	mostID       = 500      // bytes of a job's id
)

// said is what a module's answer tells.
type said struct {
	complete bool
	failed   bool
	failure  string // with its messages, a line each
	note     string // what it is doing
	told     Told
	broken   error // why the answer cannot be read
}

// refusal is the error that a module's answer amounts to, or nil.
func (s said) refusal(id string) error {
	if !s.failed {
		return nil
	}
	return failf("Tenant operation failed for module %s: %s", id, s.failure)
}

// hear reads a module's answer. An answer that is no JSON object says nothing; broken tells why.
func hear(body []byte) said {
	a, err := object(body)
	if err != nil {
		return said{broken: err}
	}
	s := said{told: Told{Errors: problems(a["errors"]), Warnings: problems(a["warnings"])}}
	if raw, ok := a["complete"]; ok && json.Unmarshal(raw, &s.complete) != nil {
		s.broken = errors.New("complete is not a boolean")
	}
	status, _ := text(a["status"])
	messages := texts(a["messages"])
	if failure, ok := text(a["error"]); ok {
		s.failed, s.failure = true, strings.Join(append([]string{failure}, messages...), "\n")
	} else if status == "error" {
		s.failed, s.failure = true, firstOf(s.told.Errors)
	}
	if s.note = status; len(messages) > 0 {
		s.note = messages[len(messages)-1]
	}
	return s
}

// object reads a JSON object. The error is for people.
func object(body []byte) (map[string]json.RawMessage, error) {
	var a map[string]json.RawMessage
	err := json.Unmarshal(body, &a)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return nil, errors.New(wrong.Value + " is not an object")
	case err == nil && a == nil:
		return nil, errors.New("null is not an object")
	}
	return a, err
}

func firstOf(list []Problem) string {
	if len(list) == 0 {
		return "error"
	}
	return list[0].Message
}

// jobID is the id of the job that a module's answer to post names.
func jobID(body []byte, moduleID string, post route) (string, error) {
	a, err := object(body)
	if err != nil {
		return "", failf("Failed to decode:%s", clean(err.Error()))
	}
	id, ok := text(a["id"])
	if !ok || id == "" {
		return "", failf("Missing id property in JSON response for module %s: %s %s", moduleID, post.method, post.path)
	}
	if len(id) > mostID || id == "." || id == ".." || strings.ContainsFunc(id, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "", failf("Bad id property in JSON response for module %s: %s %s", moduleID, post.method, post.path)
	}
	return id, nil
}

// problems reads a list in FOLIO's error form. Modules write what they like: a text stands for its message, what has none is left out.
func problems(raw json.RawMessage) []Problem {
	var list []Problem
	for _, item := range items(raw) {
		var p struct{ Message, Type, Code, Parameters json.RawMessage }
		if json.Unmarshal(item, &p) != nil {
			if message, ok := text(item); ok {
				list = append(list, Problem{Message: message})
			}
			continue
		}
		message, ok := text(p.Message)
		if !ok {
			continue
		}
		problem := Problem{Message: message}
		problem.Type, _ = text(p.Type)
		problem.Code, _ = text(p.Code)
		for _, item := range items(p.Parameters) {
			var kv struct{ Key, Value json.RawMessage }
			if json.Unmarshal(item, &kv) != nil {
				continue
			}
			if key, ok := text(kv.Key); ok {
				value, _ := text(kv.Value)
				problem.Parameters = append(problem.Parameters, Parameter{Key: key, Value: value})
			}
		}
		list = append(list, problem)
	}
	return list
}

func texts(raw json.RawMessage) []string {
	var list []string
	for _, item := range items(raw) {
		if s, ok := text(item); ok {
			list = append(list, s)
		}
	}
	return list
}

func items(raw json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list[:min(len(list), mostProblems)]
}

// text is a JSON value as text; not ok when it is absent or null.
func text(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", false
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return clean(s), true
	}
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return "", false
	}
	return clean(b.String()), true
}

// clean makes a text that Postgres takes and a page can show: valid UTF-8 without NUL, not longer than mostText.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "")
	if len(s) <= mostText {
		return s
	}
	s = s[:mostText]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// failure is an error whose text is the one that Okapi's clients see.
type failure struct {
	text   string
	status int   // the HTTP status of the module's answer, if that is what is wrong
	cause  error // what lies below
}

// Error is the text.
func (f *failure) Error() string { return f.text }

// Unwrap gives what lies below.
func (f *failure) Unwrap() error { return f.cause }

func failf(format string, args ...any) error { return &failure{text: fmt.Sprintf(format, args...)} }

// gone says whether a module answered that there is no such job.
func gone(err error) bool {
	var f *failure
	return errors.As(err, &f) && f.status == 404
}
