package handlers

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"testing"

	"cutroom/internal/fault"
	"cutroom/internal/module"
)

// refusal fails the test unless an error is one that a caller may hear.
func wantRefusal(t *testing.T, err error) {
	t.Helper()
	if f := fault.As(err); f == nil || f.Text == "" || okapiStatus(f.Kind) != http.StatusBadRequest {
		t.Errorf("%v is no refusal", err)
	}
}

// FuzzOkapiBody: no body breaks the readers, and what they take has ids and actions.
func FuzzOkapiBody(f *testing.F) {
	for _, seed := range []string{`[{"id":"a-1.0.0","action":"enable"}]`, `{"id":"a-1.0.0","provides":[{"id":"i","version":"1.0","handlers":[{}]}]}`, `[{"id":"a","stage":"done","from":"b","message":"c"}]`, `[]`, `[null]`, `null`, `{"id":"\u0000"}`, "[{\"id\":\"\xff\"}]", `[{"id":"a","id":"b"}]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		wanted, err := wantedModules(raw)
		if err != nil {
			wantRefusal(t, err)
		}
		for _, m := range wanted {
			if m.ID == "" || m.Stage != "" || m.Message != "" || m.From != "" || m.Action == "" {
				t.Errorf("%q became %+v", raw, m)
			}
		}
		if _, err := wantedModule(raw); err != nil {
			wantRefusal(t, err)
		}
		for _, many := range []bool{false, true} {
			all, err := descriptors(raw, many)
			if err != nil {
				wantRefusal(t, err)
			}
			for _, d := range all {
				if _, err := module.ParseID(d.ID); err != nil || !json.Valid(d.Raw) {
					t.Errorf("%q became %q", raw, d.ID)
				}
			}
		}
		if _, err := (&okapiCall{body: raw}).tenantBody(); err != nil {
			wantRefusal(t, err)
		}
	})
}

// FuzzOkapiParameters: no query breaks the reader, and the options that it gives are ones that an install can have.
func FuzzOkapiParameters(f *testing.F) {
	for _, seed := range []string{"async=true&parallel=5", "invoke=a%28", "preRelease=only&npmSnapshot=false", "parallel=-1", "a;b", "%zz", "depCheck=false&parallel=2", "tenantParameters=a=b,c=d&invoke=", "invoke=%ff&invoke=true"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodPost, "/_/proxy/tenants/demo/install", nil)
		r.URL = &url.URL{Path: "/_/proxy/tenants/demo/install", RawQuery: query}
		o, err := (&okapiCall{Request: r}).params().options()
		if err != nil {
			wantRefusal(t, err)
			return
		}
		if err := o.Check(); err != nil {
			t.Errorf("%q: %v", query, err)
		}
		if _, err := regexp.Compile(o.Invoke); err != nil {
			t.Errorf("%q: %v", query, err)
		}
	})
}
