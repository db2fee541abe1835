package stubplatform_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"cutroom/internal/lti/stubplatform"
)

func get(t *testing.T, address string) (int, string) {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestACourseBeginsALoginAndAnswersIt(t *testing.T) {
	t.Parallel()
	p := stubplatform.New()
	t.Cleanup(p.Close)
	p.Tool = stubplatform.ToolAt("https://tool.example")
	for _, storage := range []string{"", "_parent", "keeper"} {
		id := p.Offer(stubplatform.Click{Target: "https://tool.example/events/1/edit", Title: "Biology <101>", Storage: storage})
		status, page := get(t, p.CourseURL(id))
		for _, want := range []string{`action="https://tool.example/lti/login"`, `name="login_hint" value="person-1"`, `value="` + id + `"`, "Biology &lt;101&gt;"} {
			if status != 200 || !strings.Contains(page, want) {
				t.Errorf("storage %q: the course page (%d) has no %s:\n%s", storage, status, want, page)
			}
		}
		if got := strings.Contains(page, "lti.put_data"); got != (storage == "_parent") {
			t.Errorf("storage %q: the course page keeps data: %v", storage, got)
		}
		if storage == "keeper" {
			if status, page := get(t, p.URL+"/storage?link="+id); status != 200 || !strings.Contains(page, `toolOrigin = "https://tool.example"`) {
				t.Errorf("the storage frame is %d:\n%s", status, page)
			}
		}
		q := url.Values{"scope": {"openid"}, "response_type": {"id_token"}, "response_mode": {"form_post"}, "prompt": {"none"}, "client_id": {p.ClientID},
			"redirect_uri": {p.Tool.Launch}, "login_hint": {"person-1"}, "lti_message_hint": {id}, "state": {"a state"}, "nonce": {"a nonce"}}
		if status, page := get(t, p.AuthURL()+"?"+q.Encode()); status != 200 || !strings.Contains(page, `name="id_token" value="ey`) || !strings.Contains(page, `action="https://tool.example/lti/launch"`) {
			t.Errorf("the login's answer is %d:\n%s", status, page)
		}
		q.Set("redirect_uri", "https://else.example/lti/launch")
		if status, _ := get(t, p.AuthURL()+"?"+q.Encode()); status != 400 {
			t.Errorf("a login that leads elsewhere is answered with %d", status)
		}
	}
}

// TestServicesWantTheToolsKey asks for members as a tool does, with a key that the tool publishes.
func TestServicesWantTheToolsKey(t *testing.T) {
	t.Parallel()
	p, tool := stubplatform.New(), stubplatform.At("")
	t.Cleanup(p.Close)
	keys := httptest.NewServer(tool.Handler()) // a tool publishes its keys as platforms do
	t.Cleanup(keys.Close)
	p.Tool = stubplatform.ToolAt("https://tool.example")
	p.Tool.JWKS = keys.URL + "/jwks"
	p.Enrol("course-1", 2, stubplatform.Member{Subject: "1", Roles: []string{"Learner"}}, stubplatform.Member{Subject: "2"}, stubplatform.Member{Subject: "3"})

	ask := func(claims map[string]any) *http.Response {
		t.Helper()
		res, err := http.PostForm(p.TokenURL(), url.Values{"grant_type": {"client_credentials"}, "scope": {stubplatform.ScopeMembers},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {tool.Key().Sign(claims, nil)}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	good := map[string]any{"iss": p.ClientID, "sub": p.ClientID, "aud": p.TokenURL(), "jti": "1", "exp": 4000000000}
	res := ask(good)
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != 200 {
		t.Fatalf("a token: %d %s", res.StatusCode, body)
	}
	if res := ask(good); res.StatusCode != 400 {
		t.Errorf("an assertion is taken twice: %d", res.StatusCode)
	}
	_, rest, _ := strings.Cut(string(body), `"access_token":"`)
	token, _, _ := strings.Cut(rest, `"`)
	for bearer, want := range map[string]int{token: 200, "another": 401} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", p.MembersURL("course-1"), nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+bearer)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want || want == 200 && !strings.Contains(res.Header.Get("Link"), "from=2") {
			t.Errorf("members: %d, Link %q", res.StatusCode, res.Header.Get("Link"))
		}
	}
}

func TestALaunchBy11IsSignedWithTheSecret(t *testing.T) {
	t.Parallel()
	p := stubplatform.At("https://lms.example")
	form := p.Launch11("https://tool.example/lti?a=b", map[string]string{"custom_tool": "/editor-ui/index.html?id=1", "context_title": ""})
	if form.Get("oauth_signature") != p.Sign11("https://tool.example/lti?a=b", form) || form.Has("context_title") {
		t.Errorf("form %v", form)
	}
	p.Secret = "another"
	if form.Get("oauth_signature") == p.Sign11("https://tool.example/lti?a=b", form) {
		t.Error("the secret says nothing")
	}
}
