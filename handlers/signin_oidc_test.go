package handlers

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/institution"
	"cutroom/internal/institution/stubprovider"
)

// institutionOf registers a provider at a site, and gives it.
func institutionOf(t *testing.T, s *site) *stubprovider.Provider {
	t.Helper()
	p := stubprovider.Start(t, stubprovider.Client{ID: "cutroom", Secret: "the secret of the client", Redirects: []string{institution.RedirectOf(s.url, "uni")}})
	p.Set(t, map[string]any{"account": map[string]any{"sub": "u1", "preferred_username": "amara", "name": "Amara Osei", "groups": []string{"staff"}}})
	_, err := s.OIDC.Add(t.Context(), s.admin, institution.NewProvider{ID: "uni", Name: "Nordfjord", Issuer: p.Issuer, ClientID: "cutroom", Secret: "the secret of the client",
		Scopes: []string{"profile", "groups"}, GroupRoles: map[string][]string{"staff": {"editor"}}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSigningInAtTheInstitution(t *testing.T) {
	t.Parallel()
	var s *site
	s = setup(t, route{"GET /test/who", people, whoPage(&s)})
	p := institutionOf(t, s)
	b := s.browser(t)
	page := s.call(t, b, "GET", "/sign-in?next=/test/who", "")
	if !strings.Contains(page.body, `href="/sign-in/oidc/uni?next=%2Ftest%2Fwho"`) || !strings.Contains(page.body, "Sign in with Nordfjord") || !strings.Contains(page.body, `name="password"`) {
		t.Fatalf("the page: %s", page.body)
	}
	away := s.call(t, b, "GET", "/sign-in/oidc/uni?next=/test/who", "")
	to := mustURL(t, away.header.Get("Location"))
	q := to.Query()
	if away.status != 303 || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("scope") != "openid profile groups" || q.Get("client_id") != "cutroom" ||
		q.Get("redirect_uri") != s.url+"/sign-in/oidc/uni/callback" || len(q.Get("state")) < 43 || len(q.Get("nonce")) < 43 {
		t.Fatalf("%d %s", away.status, to)
	}
	cookie, err := http.ParseSetCookie(away.header.Get("Set-Cookie"))
	if err != nil || cookie.SameSite != http.SameSiteLaxMode || !cookie.HttpOnly || cookie.Path != "/" || cookie.MaxAge != 600 || cookie.Value == q.Get("state") {
		t.Errorf("%+v, %v", cookie, err)
	}
	back := p.Browse(t, to.String())
	stolen := s.call(t, nil, "GET", back.RequestURI(), "")
	if stolen.status != 403 || !strings.Contains(stolen.body, "began in another browser") || !strings.Contains(stolen.body, `name="password"`) {
		t.Errorf("in another browser: %d %s", stolen.status, stolen.body)
	}
	home := s.call(t, b, "GET", back.RequestURI(), "")
	if home.status != 303 || home.header.Get("Location") != "/test/who" || home.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v %s", home.status, home.header, home.body)
	}
	if got := s.call(t, b, "GET", "/test/who", ""); got.body != "amara" {
		t.Errorf("is %s", got.body)
	}
	sessions, err := s.Users.ListSessions(t.Context(), s.admin, "amara")
	if err != nil || len(sessions) != 1 || sessions[0].How != "oidc" {
		t.Errorf("%+v, %v", sessions, err)
	}
	if again := s.call(t, b, "GET", back.RequestURI(), ""); again.status != 409 || !strings.Contains(again.body, "was finished already") {
		t.Errorf("again: %d", again.status)
	}
}

func TestWhatGoesWrongAtTheInstitutionIsTold(t *testing.T) {
	t.Parallel()
	s := setup(t)
	p := institutionOf(t, s)
	trip := func(t *testing.T, b *http.Client) result {
		away := s.call(t, b, "GET", "/sign-in/oidc/uni", "")
		return s.call(t, b, "GET", p.Browse(t, away.header.Get("Location")).RequestURI(), "", "Accept-Language: de")
	}
	p.Set(t, map[string]any{"deny": true})
	if got := trip(t, s.browser(t)); got.status != 403 || !strings.Contains(got.body, "Nordfjord hat Sie nicht eingelassen") {
		t.Errorf("denied: %d %s", got.status, got.body)
	}
	p.Set(t, map[string]any{"deny": false})
	if got := trip(t, s.browser(t)); got.status != 303 {
		t.Fatalf("let in: %d %s", got.status, got.body)
	}
	if _, err := s.Users.Find(t.Context(), s.admin, "amara"); err != nil {
		t.Fatal(err)
	}
	if err := s.Users.Disable(t.Context(), s.admin, "amara"); err != nil {
		t.Fatal(err)
	}
	if got := trip(t, s.browser(t)); got.status != 403 || !strings.Contains(got.body, "amara") || len(got.header.Values("Set-Cookie")) != 1 {
		t.Errorf("disabled: %d %v", got.status, got.header)
	}
	for path, want := range map[string]int{"/sign-in/oidc/none": 404, "/sign-in/oidc/none/callback?state=x": 404, "/sign-in/oidc/uni/callback": 400, "/sign-in/oidc/uni/callback?state=%00%C3%28&code=x": 400, "/sign-in/oidc/%00": 404} {
		if got := s.call(t, nil, "GET", path, ""); got.status != want || !strings.Contains(got.body, `action="/sign-in"`) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	other := s.institutionStore(t)
	p.Stop()
	s.OIDC = other // a node that has not asked yet
	got := s.call(t, nil, "GET", "/sign-in/oidc/uni?next=/x", "")
	if got.status != 503 || !strings.Contains(got.body, "Nordfjord does not answer") || !strings.Contains(got.body, `name="password"`) || !strings.Contains(got.body, `value="/x"`) {
		t.Errorf("down: %d %s", got.status, got.body)
	}
}

// institutionStore is that of one more node.
func (s *site) institutionStore(t *testing.T) *institution.Store {
	t.Helper()
	return &institution.Store{DB: s.DB, Bus: s.OIDC.Bus, Users: s.Users, Seal: s.OIDC.Seal}
}

func TestTheLoginsCookieOverHTTPS(t *testing.T) {
	t.Parallel()
	s := setupAt(t, "https://cutroom.example", dbtest.New(t))
	f := stubprovider.Forge(t)
	if _, err := s.OIDC.Add(t.Context(), s.admin, institution.NewProvider{ID: "uni", Name: "Nordfjord", Issuer: f.Issuer, ClientID: "cutroom"}); err != nil {
		t.Fatal(err)
	}
	got := s.call(t, nil, "GET", "/sign-in/oidc/uni", "")
	if c := got.header.Get("Set-Cookie"); !regexp.MustCompile(`^__Host-oidc-[A-Za-z0-9_-]{8}=[A-Za-z0-9_-]{43}; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax$`).MatchString(c) {
		t.Error(c)
	}
	if at := mustURL(t, got.header.Get("Location")).Query().Get("redirect_uri"); !strings.HasPrefix(at, "https://") || !strings.HasSuffix(at, "/sign-in/oidc/uni/callback") {
		t.Error(at)
	}
}

func TestAdminsKeepSignInServices(t *testing.T) {
	t.Parallel()
	s := setup(t)
	p := stubprovider.Start(t, stubprovider.Client{ID: "cutroom", Secret: "the client's secret", Redirects: []string{institution.RedirectOf(s.url, "uni")}})
	ada, ben := s.signedIn(t, "ada"), s.signedIn(t, "ben")
	typed := func(pairs ...string) string {
		q := url.Values{"id": {"uni"}, "name": {"Nordfjord"}, "issuer": {p.Issuer}, "client": {"cutroom"}, "secret": {"the client's secret"}, "groups": {"staff = editor"}}
		for i := 0; i+1 < len(pairs); i += 2 {
			q.Set(pairs[i], pairs[i+1])
		}
		return q.Encode()
	}
	for path, want := range map[string]int{"/settings/sign-in": 403, "/settings/sign-in/uni": 403} {
		if got := s.call(t, ben, "GET", path, ""); got.status != want {
			t.Errorf("%s of an editor: %d", path, got.status)
		}
	}
	if got := s.call(t, ada, "GET", "/settings/sign-in", ""); got.status != 200 || !strings.Contains(got.body, s.url+"/sign-in/oidc/sso/callback") {
		t.Errorf("the page: %d %s", got.status, got.body)
	}
	for secret, want := range map[string]string{"the client&#39;s secret": "It knows the client and the secret", "wrong": "It does not take this client or secret"} {
		body := typed("secret", strings.ReplaceAll(secret, "&#39;", "'"))
		if got := s.call(t, ada, "POST", "/settings/sign-in/_try", body, "HX-Request: true"); got.status != 200 || !strings.Contains(got.body, want) || strings.Contains(got.body, "<html") {
			t.Errorf("trying %s: %d %s", secret, got.status, got.body)
		}
		if got := s.call(t, ada, "POST", "/settings/sign-in/_try", body); got.status != 200 || !strings.Contains(got.body, want) || !strings.Contains(got.body, `value="Nordfjord"`) || strings.Contains(got.body, secret) {
			t.Errorf("trying %s without scripts: %d %s", secret, got.status, got.body)
		}
	}
	if got := s.call(t, ada, "POST", "/settings/sign-in/_try", typed("issuer", "http://idp.example")); got.status != 200 || !strings.Contains(got.body, "issuer address; it begins with https") {
		t.Errorf("trying something else: %d %s", got.status, got.body)
	}
	for want, pairs := range map[string][]string{"up to 32 lower-case letters": {"id", "Ä"}, "group = role, role": {"groups", "staff"}, "issuer address; it begins with https": {"issuer", "idp"}, "does not answer": {"issuer", "http://127.0.0.1:1"}} {
		if got := s.call(t, ada, "POST", "/settings/sign-in", typed(pairs...)); got.status < 400 || got.status == 500 || !strings.Contains(got.body, want) {
			t.Errorf("%v: %d, not %s", pairs, got.status, want)
		}
	}
	if got := s.call(t, ada, "POST", "/settings/sign-in", typed()); got.status != 303 || got.header.Get("Location") != "/settings/sign-in/uni?saved=1" {
		t.Fatalf("adding: %d %s", got.status, got.body)
	}
	if got := s.call(t, ada, "GET", "/settings/sign-in/uni", ""); got.status != 200 || strings.Contains(got.body, "client&#39;s secret") || !strings.Contains(got.body, "A secret is kept") || !strings.Contains(got.body, "staff = editor") {
		t.Errorf("its page: %d %s", got.status, got.body)
	}
	if got := s.call(t, ada, "POST", "/settings/sign-in/_try", typed("kept", "uni", "secret", ""), "HX-Request: true"); !strings.Contains(got.body, "It knows the client and the secret") {
		t.Errorf("trying what is kept: %s", got.body)
	}
	if got := s.call(t, ada, "POST", "/settings/sign-in/uni", typed("name", "North", "secret", "", "groups", "x =")); got.status != 422 || !strings.Contains(got.body, "group = role, role") {
		t.Errorf("a wrong change: %d", got.status)
	}
	if got := s.call(t, ada, "POST", "/settings/sign-in/uni", typed("name", "North", "secret", "")); got.status != 303 {
		t.Errorf("a change: %d %s", got.status, got.body)
	}
	kept, err := s.OIDC.Find(t.Context(), s.admin, "uni")
	if err != nil || kept.Name != "North" || !kept.HasSecret || kept.NameClaim != "preferred_username" || strings.Join(kept.Scopes, " ") != "profile email" {
		t.Errorf("%+v, %v", kept, err)
	}
	for _, active := range []string{"no", "yes", "no"} {
		if got := s.call(t, ada, "POST", "/settings/sign-in/uni/active", "active="+active); got.status != 303 {
			t.Errorf("active=%s: %d", active, got.status)
		}
		if got := s.call(t, nil, "GET", "/sign-in", ""); strings.Contains(got.body, "Sign in with North") != (active == "yes") {
			t.Errorf("active=%s, the sign-in page: %s", active, got.body)
		}
	}
	for _, path := range []string{"", "/active", "/remove"} {
		if got := s.call(t, ben, "POST", "/settings/sign-in/uni"+path, typed("confirm", "yes")); got.status != 403 {
			t.Errorf("%s of an editor: %d", path, got.status)
		}
	}
	if got := s.call(t, ada, "POST", "/settings/sign-in/uni/remove", "x="); got.status != 303 || got.header.Get("Location") != "/settings/sign-in/uni" {
		t.Errorf("not confirmed: %d", got.status)
	}
	if got := s.call(t, ada, "POST", "/settings/sign-in/uni/remove", "confirm=yes"); got.status != 303 {
		t.Errorf("removing: %d", got.status)
	}
	if got := s.call(t, ada, "GET", "/settings/sign-in/uni", ""); got.status != 404 {
		t.Errorf("afterwards: %d", got.status)
	}
}
