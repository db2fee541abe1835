package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// okapi calls Okapi's API as an operator.
type okapi struct {
	t           *testing.T
	base, token string
}

func (i *installation) okapi(base string) *okapi {
	i.t.Helper()
	out, errs, code := i.cutroom("token", "create", "--operator", "--user", "olga")
	if code != 0 {
		i.t.Fatalf("token create: %d %s", code, errs)
	}
	return &okapi{i.t, base, strings.TrimSpace(out)}
}

// call sends JSON and gives the answer's body and Location; it fails unless the status is want.
func (o *okapi) call(method, path string, body any, want int) (text []byte, location string) {
	o.t.Helper()
	var send io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			o.t.Fatal(err)
		}
		send = bytes.NewReader(b)
	}
	r, err := http.NewRequest(method, o.base+path, send)
	if err != nil {
		o.t.Fatal(err)
	}
	r.Header.Set("X-Okapi-Token", o.token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, err = io.ReadAll(answer.Body); err != nil {
		o.t.Fatal(err)
	}
	if answer.StatusCode != want {
		o.t.Fatalf("%s %s: %d instead of %d: %s", method, path, answer.StatusCode, want, text)
	}
	return text, answer.Header.Get("Location")
}

func (o *okapi) tenant(id string) {
	o.t.Helper()
	o.call("POST", "/_/proxy/tenants", map[string]any{"id": id, "name": id}, http.StatusCreated)
}

// modules registers n modules that a service stands for, and gives what an install of them asks for.
func (o *okapi) modules(prefix string, n int, s http.Handler) []map[string]any {
	o.t.Helper()
	server := httptest.NewServer(s)
	o.t.Cleanup(server.Close)
	var wanted []map[string]any
	for k := range n {
		id := fmt.Sprintf("%s%02d-1.0.0", prefix, k)
		o.module(id, server.URL)
		wanted = append(wanted, map[string]any{"id": id, "action": "enable"})
	}
	return wanted
}

// module registers a module with tenant interface 2.0, and where it runs.
func (o *okapi) module(id, url string) {
	o.t.Helper()
	o.call("POST", "/_/proxy/modules", map[string]any{"id": id, "name": id, "provides": []any{map[string]any{"id": "_tenant", "version": "2.0", "interfaceType": "system",
		"handlers": []any{map[string]any{"methods": []string{"POST"}, "pathPattern": "/_/tenant"}, map[string]any{"methods": []string{"GET", "DELETE"}, "pathPattern": "/_/tenant/{id}"}}}}}, http.StatusCreated)
	o.call("POST", "/_/discovery/modules", map[string]any{"srvcId": id, "instId": id, "url": url}, http.StatusCreated)
}
