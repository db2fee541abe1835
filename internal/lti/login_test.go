package lti

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cutroom/internal/dbtest"
	"cutroom/internal/lti/stubplatform"
)

func TestALoginGoesToThePlatform(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	url2 := l.stub.AuthURL() + "?school=7"
	if _, err := l.Change(t.Context(), l.admin, l.platform.ID, Change{AuthURL: &url2}); err != nil {
		t.Fatal(err)
	}
	c := usual()
	c.Storage = "_parent"
	form := l.stub.LaunchForm(c)
	login, err := l.Login(t.Context(), dbtest.Tenant, ourOrigin, LoginRequestOf(form))
	if err != nil {
		t.Fatal(err)
	}
	q := query(t, login.AuthURL)
	want := url.Values{"school": {"7"}, "scope": {"openid"}, "response_type": {"id_token"}, "response_mode": {"form_post"}, "prompt": {"none"}, "client_id": {l.stub.ClientID},
		"redirect_uri": {ourOrigin + "/lti/launch"}, "login_hint": {"person-1"}, "lti_message_hint": {form.Get("lti_message_hint")}, "state": {login.State}, "nonce": {q.Get("nonce")}}
	if diff := cmp.Diff(want, q); diff != "" || len(q.Get("nonce")) < 40 || !strings.HasPrefix(login.AuthURL, l.stub.AuthURL()+"?") {
		t.Errorf("%s\n%s", login.AuthURL, diff)
	}
	if login.Storage != "_parent" || login.StorageOrigin != l.stub.URL {
		t.Errorf("storage is %q at %q", login.Storage, login.StorageOrigin)
	}
	if again := l.login(t, c); again.State == login.State || again.Browser == login.Browser || query(t, again.AuthURL).Get("nonce") == q.Get("nonce") {
		t.Error("two logins share a secret")
	}
	if n := l.number(t, "select count(*) from lti_login where state = $1 and browser = $2 and used_at is null and expires_at between now() + interval '9 minutes' and now() + interval '10 minutes'",
		hashOf(login.State), hashOf(login.Browser)); n != 1 {
		t.Error("the login is not written down, hashed, for ten minutes")
	}
	if name := CookieName(login.State); name != "__Host-lti-"+login.State[:8] {
		t.Errorf("the cookie is %q", name)
	}
}

func TestALoginsHintsBeginItAnew(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	c := usual()
	c.Storage = "_parent"
	first := l.login(t, c)
	p, err := l.FindPending(t.Context(), dbtest.Tenant, first.State)
	if err != nil || p.Storage != "_parent" || p.StorageOrigin != l.stub.URL {
		t.Fatalf("got %+v, %v", p, err)
	}
	login, err := l.Login(t.Context(), dbtest.Tenant, ourOrigin, LoginRequestOf(p.Request.Values()))
	if err != nil || login.Storage != "" || login.State == first.State {
		t.Fatalf("got %+v, %v", login, err)
	}
	idToken, state := l.answered(t, login)
	if _, _, err := l.Check(t.Context(), dbtest.Tenant, ourOrigin, idToken, state); err != nil {
		t.Error(err)
	}
}

func TestALoginThatIsRefused(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	for _, is := range []struct{ name, value, id string }{
		{"iss", "", "lti.login-incomplete"},
		{"login_hint", "", "lti.login-incomplete"},
		{"target_link_uri", "", "lti.login-incomplete"},
		{"iss", "https://else.example", "lti.unknown-platform"},
		{"iss", l.stub.URL + "/", "lti.unknown-platform"},
		{"client_id", "another", "lti.unknown-platform"},
		{"target_link_uri", "https://else.example/events/event-1/edit", "lti.target"},
		{"target_link_uri", "/events/event-1/edit", "lti.target"},
		{"login_hint", strings.Repeat("x", 16<<10+1), "lti.too-long"},
		{"lti_message_hint", "a\x00b", "lti.too-long"},
		{"lti_message_hint", "\xff", "lti.too-long"},
		{"lti_deployment_id", strings.Repeat("x", 256), "lti.too-long"},
	} {
		form := l.stub.LaunchForm(usual())
		form.Set(is.name, is.value)
		_, err := l.Login(t.Context(), dbtest.Tenant, ourOrigin, LoginRequestOf(form))
		wantID(t, is.name+" "+shown(is.value), err, is.id)
	}
	l.exec(t, "update lti_platform set status = 'waiting'")
	_, err := l.Login(t.Context(), dbtest.Tenant, ourOrigin, LoginRequestOf(l.stub.LaunchForm(usual())))
	wantID(t, "a platform that waits", err, "lti.waiting")
	if n := l.number(t, "select count(*) from lti_login"); n != 0 {
		t.Errorf("refused logins have made %d rows", n)
	}
}

func TestALoginWithoutClient(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	form := l.stub.LaunchForm(usual())
	form.Del("client_id")
	if login, err := l.Login(t.Context(), dbtest.Tenant, ourOrigin, LoginRequestOf(form)); err != nil || query(t, login.AuthURL).Get("client_id") != l.stub.ClientID {
		t.Errorf("with one client: %v, %v", login, err)
	}
	n := registration(l.stub)
	n.ClientID, n.Deployment = "client-2", "deployment-2"
	l.add(t, n)
	for deployment, client := range map[string]string{"deployment-1": "client-1", "deployment-2": "client-2"} {
		form.Set("lti_deployment_id", deployment)
		if login, err := l.Login(t.Context(), dbtest.Tenant, ourOrigin, LoginRequestOf(form)); err != nil || query(t, login.AuthURL).Get("client_id") != client {
			t.Errorf("with two clients and %s: %v, %v", deployment, login, err)
		}
	}
	form.Del("lti_deployment_id")
	_, err := l.Login(t.Context(), dbtest.Tenant, ourOrigin, LoginRequestOf(form))
	wantID(t, "two clients", err, "lti.which-client")
}

func TestLoginsAreLimitedByRegistration(t *testing.T) {
	t.Parallel()
	var r rates
	now := time.Now()
	for range loginBurst {
		if !r.take("demo/a", now) {
			t.Fatal("less than the burst")
		}
	}
	if r.take("demo/a", now) {
		t.Error("more than the burst")
	}
	if !r.take("demo/b", now) || !r.take("other/a", now) {
		t.Error("one registration takes another's")
	}
	if !r.take("demo/a", now.Add(time.Second/loginsASecond+time.Millisecond)) || r.take("demo/a", now.Add(-time.Hour)) {
		t.Error("they come back with time")
	}

	l := setupLaunches(t)
	l.clock = func() time.Time { return now }
	for range loginBurst {
		l.logins.take("demo/"+string(l.platform.ID), now)
	}
	_, err := l.Login(t.Context(), dbtest.Tenant, ourOrigin, LoginRequestOf(l.stub.LaunchForm(usual())))
	wantID(t, "too many", err, "lti.busy")
	other := stubplatform.New()
	t.Cleanup(other.Close)
	n := registration(other)
	n.RolePrefix = "other_"
	l.add(t, n)
	if _, err := l.Login(t.Context(), dbtest.Tenant, ourOrigin, LoginRequestOf(other.LaunchForm(usual()))); err != nil {
		t.Errorf("another platform: %v", err)
	}
}
