package handlers

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"cutroom/internal/lti"
	"cutroom/internal/user"
)

func formBody(pairs ...string) string {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form.Encode()
}

func TestAnAdminLooksAfterPlatforms(t *testing.T) {
	t.Parallel()
	s := platformSite(t)
	ada := s.signedIn(t, "ada")
	if got := s.call(t, ada, "GET", "/settings/platforms", ""); got.status != 200 || !strings.Contains(got.body, "No learning platform may open Cutroom yet") || !strings.Contains(got.body, `value="http://`) ||
		!strings.Contains(got.body, "/lti/register") {
		t.Errorf("empty: %d %s", got.status, got.body)
	}
	fields := []string{"version", "1.3", "name", "Campus <b>", "issuer", "https://campus.example", "clientId", "client", "deployment", "1", "authUrl", "https://campus.example/auth",
		"jwksUrl", "https://campus.example/keys", "tokenUrl", "", "rolePrefix", "", "roleMap", "Administrator = LMS_ADMINS, STAFF\r\n\r\nhttp://x.example/#a=b = C", "frameOrigins", "https://a.example\r\nhttps://b.example"}
	got := s.call(t, ada, "POST", "/settings/platforms", formBody(fields...))
	if got.status != 303 || !strings.HasPrefix(got.header.Get("Location"), "/settings/platforms?done=added&name=Campus+") {
		t.Fatalf("%d %s %s", got.status, got.header.Get("Location"), got.body)
	}
	all, err := s.LTI.List(t.Context(), s.admin)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	p := all[0]
	if p.CreatedBy != "ada" || len(p.RoleMap["Administrator"]) != 2 || len(p.RoleMap["http://x.example/#a=b"]) != 1 || len(p.FrameOrigins) != 2 {
		t.Errorf("%+v", p)
	}
	own := "/settings/platforms/" + string(p.ID)
	for path, says := range map[string]string{"/settings/platforms?done=added&name=Campus": "Campus may open Cutroom now.", own: "LMS_ADMINS, STAFF", own + "/remove": "Remove Campus &lt;b&gt;?", "/settings/platforms/new": "Issuer",
		"/settings/platforms/new?version=1.1": "Consumer key"} {
		if got := s.call(t, ada, "GET", path, ""); got.status != 200 || !strings.Contains(got.body, says) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if got := s.call(t, ada, "POST", own, formBody("name", "Ours", "authUrl", "https://campus.example/login", "frameOrigins", "")); got.status != 303 || got.header.Get("Location") != own+"?saved=1" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if p, _ := s.LTI.Find(t.Context(), s.admin, p.ID); p.Name != "Ours" || p.AuthURL != "https://campus.example/login" || len(p.FrameOrigins) != 0 || p.JWKSURL != "https://campus.example/keys" || len(p.RoleMap) != 2 {
		t.Errorf("%+v", p)
	}
	got = s.call(t, ada, "POST", own, formBody("name", "Ours", "authUrl", "http://campus.example/login", "rolePrefix", "ROLE_X", "frameOrigins", "https://a.example/path", "roleMap", "Administrator"))
	if got.status != 422 || strings.Count(got.body, `aria-invalid="true"`) != 4 || !strings.Contains(got.body, "http://campus.example/login") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := s.call(t, ada, "POST", own+"/remove", ""); got.status != 303 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := s.call(t, ada, "GET", own, ""); got.status != 404 {
		t.Errorf("%d", got.status)
	}
}

func TestASecretIsOnOnePageOnly(t *testing.T) {
	t.Parallel()
	s := platformSite(t)
	ada := s.signedIn(t, "ada")
	got := s.call(t, ada, "POST", "/settings/platforms", formBody("version", "1.1", "key", "old"))
	found := regexp.MustCompile(`id="secret-secret"[^>]* value="([A-Za-z0-9_-]{43})"`).FindStringSubmatch(got.body)
	if got.status != 200 || found == nil || got.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	all, err := s.LTI.List(t.Context(), s.admin)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	entries, _, err := s.Users.Audit(t.Context(), s.admin, user.AuditFilter{}, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(string(e.Detail), found[1]) {
			t.Error("the secret is in the audit log")
		}
	}
	for _, path := range []string{"/settings/platforms", "/settings/platforms/" + string(all[0].ID)} {
		if got := s.call(t, ada, "GET", path, ""); strings.Contains(got.body, found[1]) {
			t.Errorf("%s shows the secret", path)
		}
	}
	if strings.Contains(s.log.String(), found[1]) {
		t.Error("the secret is in the log")
	}
	if got := s.call(t, ada, "POST", "/settings/platforms", formBody("version", "1.1", "key", "old", "rolePrefix", "x")); got.status != 409 || !strings.Contains(got.body, "has this consumer key already") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestPlatformsAreForAdminsAlone(t *testing.T) {
	t.Parallel()
	s := platformSite(t)
	made, _, err := s.LTI.Add(t.Context(), s.admin, campus())
	if err != nil {
		t.Fatal(err)
	}
	ben, nobody := s.signedIn(t, "ben"), s.browser(t)
	own := "/settings/platforms/" + string(made.ID)
	for _, request := range []string{"GET /settings/platforms", "GET /settings/platforms/new", "GET " + own, "GET " + own + "/remove", "POST /settings/platforms", "POST " + own, "POST " + own + "/approve", "POST " + own + "/remove"} {
		method, path, _ := strings.Cut(request, " ")
		if got := s.call(t, ben, method, path, "name=x"); got.status != 403 || strings.Contains(got.body, "campus.example") {
			t.Errorf("ben, %s: %d", request, got.status)
		}
		if got := s.call(t, nobody, method, path, "name=x"); got.status == 200 || strings.Contains(got.body, "campus.example") {
			t.Errorf("nobody, %s: %d", request, got.status)
		}
	}
	if p, err := s.LTI.Find(t.Context(), s.admin, made.ID); err != nil || p.Name != "campus.example" {
		t.Error(p, err)
	}
}

func TestAPlatformRegistersByPage(t *testing.T) {
	t.Parallel()
	s := platformSite(t)
	l := newLMS(t)
	start := "/lti/register?openid_configuration=" + url.QueryEscape(l.URL+"/config") + "&registration_token=the-token"
	got := s.call(t, nil, "GET", start, "")
	ticket := regexp.MustCompile(`name="ticket" value="([^"]+)"`).FindStringSubmatch(got.body)
	if got.status != 200 || ticket == nil || !strings.Contains(got.body, l.URL) || !strings.Contains(got.body, "initiate_login_uri") {
		t.Fatalf("%d %s", got.status, got.body)
	}
	h := got.header
	if !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'self' "+l.URL) || h.Get("Cross-Origin-Opener-Policy") != "unsafe-none" || h.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%v", h)
	}
	if strings.Contains(s.log.String(), "the-token") {
		t.Error("the registration token is in the log")
	}
	body := formBody("ticket", html.UnescapeString(ticket[1]))
	if got := s.call(t, nil, "POST", "/lti/register", body, "Origin: https://evil.example", "Sec-Fetch-Site: cross-site"); got.status != 403 || l.bearer != "" {
		t.Errorf("another site's form: %d", got.status)
	}
	got = s.call(t, nil, "POST", "/lti/register", body)
	if got.status != 200 || !strings.Contains(got.body, "data-lti-close") || !strings.Contains(got.body, "lti_close") || l.bearer != "Bearer the-token" || !strings.Contains(got.header.Get("Content-Security-Policy"), l.URL) {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if got := s.call(t, nil, "POST", "/lti/register", body); got.status != 409 {
		t.Errorf("twice: %d", got.status)
	}
	ada := s.signedIn(t, "ada")
	got = s.call(t, ada, "GET", "/settings/platforms", "")
	action := regexp.MustCompile(`action="(/settings/platforms/[a-z0-9]+/approve)"`).FindStringSubmatch(got.body)
	if action == nil {
		t.Fatal(got.body)
	}
	if got := s.call(t, ada, "POST", action[1], ""); got.status != 303 || !strings.Contains(got.header.Get("Location"), "done=approved") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if all, err := s.LTI.List(t.Context(), s.admin); err != nil || len(all) != 1 || all[0].Status != lti.Active {
		t.Errorf("%v %v", all, err)
	}
	for path, status := range map[string]int{"/lti/register": 400, "/lti/register?openid_configuration=http://lms.example/x": 400, "/lti/register?openid_configuration=" + url.QueryEscape(l.URL+"/none"): 422} {
		if got := s.call(t, nil, "GET", path, ""); got.status != status {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}
