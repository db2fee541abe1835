package handlers

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"cutroom/internal/dbtest"
)

// What this node cannot serve is refused with the reason: one tenant alone, or everything.
func TestDataThatIsNewerOrOlderIsRefused(t *testing.T) {
	t.Parallel()
	s := setupAt(t, "http://cutroom.example:8080", dbtest.New(t), route{"GET /test/open", open, func(w http.ResponseWriter, r *http.Request) error {
		_, err := io.WriteString(w, "served")
		return err
	}}, route{"GET /api/test", open, func(w http.ResponseWriter, r *http.Request) error {
		_, err := io.WriteString(w, "served")
		return err
	}})
	if err := s.DB.Create(t.Context(), "other", "", "", nil); err != nil {
		t.Fatal(err)
	}
	migrated := func(sql string) {
		t.Helper()
		if _, err := s.DB.Pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
		s.tenants.mu.Lock()
		s.tenants.loaded = time.Time{}
		s.tenants.mu.Unlock()
	}
	want := func(when, host, path string, status int, text string) {
		t.Helper()
		got := s.call(t, nil, "GET", path, "", "Host: "+host, "Accept-Language: en")
		if got.status != status || !strings.Contains(got.body, text) {
			t.Errorf("%s, %s%s: %d %s", when, host, path, got.status, got.body)
		}
	}
	migrated("insert into cutroom.migration (scope, version, name) values ('tenant:other', 9001, 'of a newer build')")
	want("ahead", "other.cutroom.example", "/api/test", 503, "newer than this node")
	want("ahead", "other.cutroom.example", "/test/open", 503, "newer than this node")
	want("another is ahead", "demo.cutroom.example", "/test/open", 200, "served")
	want("another is ahead", "demo.cutroom.example", "/readyz", 200, "ready")
	migrated("update cutroom.migration set needs = 0 where version = 9001")
	want("only added to", "other.cutroom.example", "/test/open", 200, "served")
	migrated("delete from cutroom.migration where scope = 'tenant:other' and version > 1")
	want("behind", "other.cutroom.example", "/test/open", 503, "being brought to the newest version")
	migrated("insert into cutroom.migration (scope, version, name) values ('system', 9001, 'of a newer build')")
	for _, host := range []string{"demo.cutroom.example", "other.cutroom.example", "cutroom.example"} {
		want("the system is ahead", host, "/test/open", 503, "newer than this node can serve")
		want("the system is ahead", host, "/api/test", 503, "newer than this node can serve")
	}
	want("the system is ahead", "demo.cutroom.example", "/readyz", 503, "newer than this node can serve")
	want("the system is ahead", "demo.cutroom.example", "/healthz", 200, "alive")
	migrated("delete from cutroom.migration where version = 9001")
	want("again", "demo.cutroom.example", "/readyz", 200, "ready")
}

// Sockets aside, which live tests show, nothing answers from the commit on, also while the list of tenants is still in the cache.
func TestADeletedTenantIsNotFoundAtOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	secret := s.token(t, "ben")
	b := s.signedIn(t, "ada")
	if err := s.DB.StartDelete(t.Context(), dbtest.Tenant, "olga"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/media/x/y", "/sign-in/link?token=x"} {
		if got := s.call(t, b, "GET", path, ""); got.status == 200 && strings.HasPrefix(path, "/media") || got.status >= 500 {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	if got := s.call(t, nil, "GET", "/media/x/y", "", "Authorization: Bearer "+secret); got.status != 401 && got.status != 404 {
		t.Errorf("a token: %d %s", got.status, got.body)
	}
}
