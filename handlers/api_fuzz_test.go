package handlers

import (
	"encoding/json"
	"strings"
	"testing"

	"cutroom/internal/fault"
)

// FuzzPatch: no body breaks the reader of patches, and what it takes is a JSON object without doubled names.
func FuzzPatch(f *testing.F) {
	for _, seed := range []string{`{}`, `{"title":"x","creators":["a",null],"extraMetadata":{"a:b":{"c":[1e400]}}}`, `{"acl":[{"role":"A","action":"read"}],"startTime":"2026-11-22T10:00:00Z"}`,
		`{"title":"x","title":"y"}`, "{\"title\":\"\xff\"}", `{"a":{"b":1,"b":2}}`, strings.Repeat("[", 200)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := patchIn(raw)
		if err != nil {
			if fault.As(err) == nil {
				t.Errorf("%q: %v is no fault", raw, err)
			}
			return
		}
		if !json.Valid(raw) {
			t.Errorf("%q was taken", raw)
		}
		for _, w := range p.Wrong {
			if !strings.HasPrefix(w.Path, "/") || w.Rule == "" || w.Message == "" {
				t.Errorf("%q: field %+v", raw, w)
			}
		}
	})
}
