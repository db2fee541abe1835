package handlers

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/live"
	"cutroom/internal/storage"
	"cutroom/internal/user"
)

// apiSite is an API under test with the people ada (admin), ben and chloe (editors) and vera (viewer). Every answer is
// held against the API's own description.
type apiSite struct {
	*testing.T
	*Server
	spec                       *spec
	url                        string
	ada, ben, chloe, vera, who *client
}

// client is somebody who calls the API; who of the site is nobody.
type client struct {
	site  *apiSite
	token string
}

// apiSetup starts the API on a database of its own. fill adds what a route needs of the server.
func apiSetup(t *testing.T, fill ...func(*Server)) *apiSite {
	t.Helper()
	t.Parallel()
	db := dbtest.New(t)
	files, err := storage.NewLocal(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse("http://localhost:8080")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{DB: db, Users: user.New(db, live.Discard{}), Events: &event.Store{DB: db, Bus: live.Discard{}}, Bus: live.Discard{}, Files: files,
		Config: Config{PublicURL: at, Secret: []byte("a secret of the tests")}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	for _, f := range fill {
		f(s)
	}
	if err := s.prepare(); err != nil {
		t.Fatal(err)
	}
	h, err := s.apiHandler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.before(h))
	t.Cleanup(server.Close)
	site := &apiSite{T: t, Server: s, url: server.URL}
	site.who = &client{site: site}
	site.ada, site.ben, site.chloe, site.vera = site.person("ada", "admin"), site.person("ben", "editor"), site.person("chloe", "editor"), site.person("vera", "viewer")
	site.spec = newSpec(t, site.ben.get("/api/openapi.json").body)
	return site
}

func (s *apiSite) person(name, role string) *client {
	s.Helper()
	system := user.System(dbtest.Tenant)
	if _, err := s.Users.Ensure(s.Context(), system, user.NewPerson{Name: name, Role: role}); err != nil {
		s.Fatal(err)
	}
	_, secret, err := s.Users.CreateToken(s.Context(), system, name, nil, 0)
	if err != nil {
		s.Fatal(err)
	}
	return &client{site: s, token: secret}
}

// reply is an answer that was read.
type reply struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   []byte
}

// call sends a request; body is JSON text, "" for none. headers are names and values in turn.
func (c *client) call(method, path, body string, headers ...string) *reply {
	c.site.Helper()
	r, err := http.NewRequestWithContext(c.site.Context(), method, c.site.url+path, strings.NewReader(body))
	if err != nil {
		c.site.Fatal(err)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		c.site.Fatal(err)
	}
	defer res.Body.Close()
	got := &reply{t: c.site.T, what: method + " " + path, status: res.StatusCode, header: res.Header}
	if got.body, err = io.ReadAll(res.Body); err != nil {
		c.site.Fatal(err)
	}
	if c.site.spec != nil {
		if err := c.site.spec.check(method, r.URL.Path, got.status, res.Header.Get("Content-Type"), got.body); err != nil {
			c.site.Errorf("%s: %d %s does not fit its description: %v", got.what, got.status, got.body, err)
		}
	}
	return got
}

func (c *client) get(path string) *reply { c.site.Helper(); return c.call("GET", path, "") }
func (c *client) post(path, body string, headers ...string) *reply {
	c.site.Helper()
	return c.call("POST", path, body, headers...)
}
func (c *client) patch(path, body string, headers ...string) *reply {
	c.site.Helper()
	return c.call("PATCH", path, body, append([]string{"Content-Type", mergePatch}, headers...)...)
}

// event makes an event and gives its path.
func (c *client) event(body string) string {
	c.site.Helper()
	return eventsPath + "/" + c.post(eventsPath, body).want(http.StatusCreated).text("id")
}

// want fails the test unless the status is one of these.
func (r *reply) want(statuses ...int) *reply {
	r.t.Helper()
	for _, s := range statuses {
		if r.status == s {
			return r
		}
	}
	r.t.Fatalf("%s: %d %s, want %v", r.what, r.status, r.body, statuses)
	return r
}

// json is the body as a value.
func (r *reply) json() map[string]any {
	r.t.Helper()
	var v map[string]any
	if err := json.Unmarshal(r.body, &v); err != nil {
		r.t.Fatalf("%s: %v: %s", r.what, err, r.body)
	}
	return v
}

func (r *reply) text(name string) string {
	r.t.Helper()
	text, _ := r.json()[name].(string)
	return text
}

// items are those of a list.
func (r *reply) items() []map[string]any {
	r.t.Helper()
	var list struct{ Items []map[string]any }
	if err := json.Unmarshal(r.want(http.StatusOK).body, &list); err != nil {
		r.t.Fatal(err)
	}
	return list.Items
}

// names says whether a problem names all these fields, and is one.
func (r *reply) names(fields ...string) *reply {
	r.t.Helper()
	var p Problem
	if err := json.Unmarshal(r.body, &p); err != nil || p.Status != r.status || p.Title == "" || r.header.Get("Content-Type") != "application/problem+json" {
		r.t.Fatalf("%s is no problem: %d %s", r.what, r.status, r.body)
	}
	named := map[string]bool{}
	for _, f := range p.Errors {
		named[f.Path] = true
	}
	for _, f := range fields {
		if !named[f] {
			r.t.Errorf("%s does not name %s: %s", r.what, f, r.body)
		}
	}
	return r
}
