package handlers

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cutroom/internal/event"
	"cutroom/internal/fault"
)

// uploadsSetup is apiSetup with the tus protocol in the API's place.
func uploadsSetup(t *testing.T) *apiSite {
	t.Helper()
	s := apiSetup(t, func(s *Server) {
		s.Uploads = &event.Uploads{DB: s.DB, Bus: s.Bus, Files: s.Files, Node: "node-1"}
	})
	h, err := s.uploadsHandler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.before(h))
	t.Cleanup(server.Close)
	s.url, s.spec = server.URL, nil
	return s
}

// uploadMetadata writes names and values in turn as tus wants them.
func uploadMetadata(pairs ...string) string {
	var all []string
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all, pairs[i]+" "+base64.StdEncoding.EncodeToString([]byte(pairs[i+1])))
	}
	return strings.Join(all, ",")
}

func TestUploadsAreRefusedAsProblems(t *testing.T) {
	s := uploadsSetup(t)
	begin := func(headers ...string) *reply {
		return s.ben.call("POST", uploadsPath, "", append([]string{"Tus-Resumable", "1.0.0"}, headers...)...)
	}
	for name, c := range map[string]struct {
		headers []string
		status  int
		field   string
	}{
		"a flavor that is none":     {[]string{"Upload-Length", "5", "Upload-Metadata", uploadMetadata("filename", "a.mp4", "flavor", "x")}, 422, "/flavor"},
		"no name":                   {[]string{"Upload-Length", "5"}, 422, "/filename"},
		"no such series":            {[]string{"Upload-Length", "5", "Upload-Metadata", uploadMetadata("filename", "a.mp4", "series", "none")}, 422, "/series"},
		"a length that comes later": {[]string{"Upload-Defer-Length", "1", "Upload-Metadata", uploadMetadata("filename", "a.mp4")}, 400, ""},
		"no length":                 {[]string{"Upload-Metadata", uploadMetadata("filename", "a.mp4")}, 400, ""},
		"another event's":           {[]string{"Upload-Length", "5", "Upload-Metadata", uploadMetadata("event", "none")}, 404, ""},
	} {
		got := begin(c.headers...)
		var p struct {
			Status int
			Detail string
			Errors []fault.Field
		}
		if err := json.Unmarshal(got.body, &p); err != nil || got.status != c.status || p.Status != c.status || p.Detail == "" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
			continue
		}
		if c.field != "" && (len(p.Errors) != 1 || p.Errors[0].Path != c.field) {
			t.Errorf("%s: fields %v instead of %s", name, p.Errors, c.field)
		}
	}
	made := begin("Upload-Length", "5", "Upload-Metadata", uploadMetadata("filename", "a.mp4"))
	if made.status != http.StatusCreated {
		t.Fatalf("%d %s", made.status, made.body)
	}
	at := uploadsPath + made.header.Get("Location")[strings.LastIndex(made.header.Get("Location"), "/"):]
	if got := s.ben.get(at); got.status != http.StatusMethodNotAllowed {
		t.Errorf("reading an upload: %d %s", got.status, got.body)
	}
}
