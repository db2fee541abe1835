package okapisuite

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

// reply is what the server answered.
type reply struct {
	t      *testing.T
	what   string // the request
	status int
	header http.Header
	body   string
}

var client = &http.Client{
	Timeout:       2 * time.Minute,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// do sends a request; body is text as it is, or anything that becomes JSON.
func do(t *testing.T, method, path string, body any) reply {
	t.Helper()
	return doAs(t, token, method, path, body, nil)
}

func doAs(t *testing.T, token, method, path string, body any, header map[string]string) reply {
	t.Helper()
	var send io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		send = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		send = strings.NewReader(string(raw))
	}
	r, err := http.NewRequestWithContext(t.Context(), method, baseURL+path, send)
	if err != nil {
		t.Fatal(err)
	}
	if t.Context().Err() != nil { // a cleanup: the test's context is over
		if r, err = http.NewRequest(method, baseURL+path, send); err != nil {
			t.Fatal(err)
		}
	}
	if send != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("X-Okapi-Token", token)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return reply{t, method + " " + path, answer.StatusCode, answer.Header, string(raw)}
}

// want fails the test unless the status is one of these.
func (r reply) want(status ...int) reply {
	r.t.Helper()
	for _, s := range status {
		if r.status == s {
			return r
		}
	}
	r.t.Fatalf("%s: %d %s, want %d", r.what, r.status, r.body, status)
	return r
}

// text checks an error: its status, its whole text, and that it is plain.
func (r reply) text(status int, text string) {
	r.t.Helper()
	if r.status != status || r.body != text {
		r.t.Errorf("%s: %d %q, want %d %q", r.what, r.status, r.body, status, text)
	}
	if kind := r.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/plain") {
		r.t.Errorf("%s: an error of type %q, want text/plain", r.what, kind)
	}
}

// refused checks that a request was wrong, whatever the words.
func (r reply) refused(status int) {
	r.t.Helper()
	if r.status != status || r.body == "" || strings.HasPrefix(strings.TrimSpace(r.body), "{") {
		r.t.Errorf("%s: %d %q, want %d with a text", r.what, r.status, r.body, status)
	}
}

// json reads an answer.
func (r reply) json(out any) {
	r.t.Helper()
	if kind := r.header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		r.t.Errorf("%s: an answer of type %q, want application/json", r.what, kind)
	}
	if err := json.Unmarshal([]byte(r.body), out); err != nil {
		r.t.Fatalf("%s: %v: %s", r.what, err, r.body)
	}
}

// object reads an answer that is one object.
func (r reply) object() map[string]any {
	r.t.Helper()
	var out map[string]any
	r.json(&out)
	return out
}

// list reads an answer that is a list of objects; never null.
func (r reply) list() []map[string]any {
	r.t.Helper()
	var out []map[string]any
	r.json(&out)
	if out == nil {
		r.t.Errorf("%s: %s, want a list", r.what, r.body)
	}
	return out
}

// same compares what JSON decodes to.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		g, _ := json.MarshalIndent(got, "", "  ")
		w, _ := json.MarshalIndent(want, "", "  ")
		t.Errorf("%s:\n%s\nwant\n%s", what, g, w)
	}
}
