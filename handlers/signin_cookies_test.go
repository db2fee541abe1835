package handlers

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/user"
)

// setCookies are the cookies of an answer by name.
func setCookies(t *testing.T, got result) map[string]*http.Cookie {
	t.Helper()
	all := map[string]*http.Cookie{}
	for _, line := range got.header.Values("Set-Cookie") {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatal(err)
		}
		all[c.Name] = c
	}
	return all
}

// launchSecret is the launch's cookie as a browser sends it.
func launchSecret(t *testing.T, got result) string {
	t.Helper()
	c := setCookies(t, got)[launchCookie]
	if c == nil || c.Value == "" {
		t.Fatalf("no launch began: %d %v", got.status, got.header)
	}
	return c.Name + "=" + c.Value
}

// launchSite answers GET /test/launch/{name} as a launch of that person does, with the launch of the query.
func launchSite(t *testing.T, public string) *site {
	t.Helper()
	var s *site
	s = setupAt(t, public, dbtest.New(t), route{"GET /test/who", people, whoPage(&s)}, route{"GET /test/launch/{name}", open, func(w http.ResponseWriter, r *http.Request) error {
		who, err := s.Users.WhoByName(r.Context(), dbtest.Tenant, r.PathValue("name"))
		if err != nil {
			return err
		}
		return s.beginSession(w, r, who, user.HowLTI, "lti:moodle", r.FormValue("launch"), true)
	}})
	return s
}

func TestTheLaunchsCookie(t *testing.T) {
	t.Parallel()
	for _, public := range []string{"http://localhost:8080", "https://cutroom.example"} {
		s := launchSite(t, public)
		all := setCookies(t, s.call(t, nil, "GET", "/test/launch/ben", ""))
		c, plain := all["__Host-lti"], all[s.sessions.name]
		if c == nil || c.SameSite != http.SameSiteNoneMode || !c.Secure || !c.HttpOnly || !c.Partitioned || c.Path != "/" || c.Domain != "" || c.MaxAge <= 0 || len(c.Value) < 43 {
			t.Errorf("%s: %+v", public, c)
		}
		if plain == nil || plain.MaxAge >= 0 || plain.Value != "" {
			t.Errorf("%s: the other cookie stays: %+v", public, plain)
		}
		link, _, err := s.Users.CreateLink(t.Context(), s.admin, "ben")
		if err != nil {
			t.Fatal(err)
		}
		all = setCookies(t, s.call(t, nil, "POST", "/sign-in/link", "token="+link))
		c, plain = all["__Host-lti"], all[s.sessions.name]
		if c == nil || c.MaxAge >= 0 || c.Value != "" || !c.Partitioned || plain == nil || plain.Value == "" {
			t.Errorf("%s: by link: %+v, %+v", public, c, plain)
		}
	}
}

func TestWhoeverSignsInOneWayLeavesTheOther(t *testing.T) {
	t.Parallel()
	s := launchSite(t, "http://localhost:8080")
	who := func(cookies ...string) string {
		t.Helper()
		got := s.call(t, nil, "GET", "/test/who", "", "Cookie: "+strings.Join(cookies, "; "))
		if got.status == 303 {
			return "nobody"
		}
		return got.body
	}
	plain := func(name, cookies string) string {
		t.Helper()
		link, _, err := s.Users.CreateLink(t.Context(), s.admin, name)
		if err != nil {
			t.Fatal(err)
		}
		got := s.call(t, nil, "POST", "/sign-in/link", "token="+link, "Cookie: "+cookies)
		return "sid=" + setCookies(t, got)["sid"].Value
	}
	launch := func(name, cookies string) string {
		t.Helper()
		return launchSecret(t, s.call(t, nil, "GET", "/test/launch/"+name, "", "Cookie: "+cookies))
	}
	ben, vera := plain("ben", ""), launch("vera", "")
	if got := who(ben, vera); got != "vera" {
		t.Errorf("of two the launch counts, not %s", got)
	}
	if got := who(ben, "__Host-lti=ended"); got != "ben" {
		t.Errorf("beside an ended launch: %s", got)
	}
	if got := who(ben, "__Host-lti="); got != "ben" {
		t.Errorf("beside an empty one: %s", got)
	}
	chloe := launch("chloe", ben+"; "+vera)
	if who(ben) != "nobody" || who(vera) != "nobody" || who(chloe) != "chloe" {
		t.Error("a launch leaves the sessions that the browser had")
	}
	if again := launch("chloe", chloe); again != chloe {
		t.Error("a second launch of the same person begins anew")
	}
	ben = plain("ben", chloe)
	if who(chloe) != "nobody" || who(ben) != "ben" {
		t.Error("signing in leaves the launch's session")
	}
	ben, vera = plain("ben", ""), launch("vera", "")
	got := s.call(t, nil, "POST", "/sign-out", "", "Cookie: "+ben+"; "+vera)
	all := setCookies(t, got)
	if got.status != 303 || who(ben) != "nobody" || who(vera) != "nobody" || all["sid"].MaxAge >= 0 || all["__Host-lti"].MaxAge >= 0 {
		t.Errorf("signing out: %d %v", got.status, got.header)
	}
}

// A launch of the operator's name is no way around a tenant's walls: its cookie is good in its tenant alone.
func TestALaunchIsGoodInItsTenantAlone(t *testing.T) {
	t.Parallel()
	s := launchSite(t, "http://localhost:8080")
	if err := s.DB.Create(t.Context(), "other", "Other", "", nil); err != nil {
		t.Fatal(err)
	}
	cookie := launchSecret(t, s.call(t, nil, "GET", "/test/launch/ben", "", "Host: "+string(dbtest.Tenant)+".localhost:8080"))
	for host, want := range map[string]int{string(dbtest.Tenant) + ".localhost:8080": 200, "other.localhost:8080": 303} {
		if got := s.call(t, nil, "GET", "/test/who", "", "Host: "+host, "Cookie: "+cookie); got.status != want {
			t.Errorf("%s: %d", host, got.status)
		}
	}
}

func TestPagesComeInTheLaunchsLanguage(t *testing.T) {
	t.Parallel()
	s := launchSite(t, "http://localhost:8080")
	for locale, want := range map[string]string{"de": "de", "de-CH": "de", "de_DE": "de", "en-GB": "en", "fr": "en", "": "en", "\x01 not a locale;": "en"} {
		err := s.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), `insert into lti_platform (id, version, status, name, consumer_key, sealed_secret, created_by, approved_at)
				values ('moodle', '1.1', 'active', 'Moodle', 'key', '', 'ada', now()) on conflict do nothing`)
			if err == nil {
				_, err = tx.Exec(t.Context(), `insert into lti_launch (id, platform_id, user_name, locale, expires_at) values ('one', 'moodle', 'ben', $1, now() + interval '7 days')
					on conflict (id) do update set locale = excluded.locale`, locale)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		cookie := launchSecret(t, s.call(t, nil, "GET", "/test/launch/ben?launch=one", ""))
		if got := s.call(t, nil, "GET", "/account", "", "Cookie: "+cookie, "Accept-Language: en"); !strings.Contains(got.body, `<html lang="`+want+`"`) {
			t.Errorf("%q gives another language than %s: %.80s", locale, want, got.body)
		}
		if got := s.call(t, nil, "GET", "/account", "", "Cookie: "+cookie+"; lang=en", "Accept-Language: de"); !strings.Contains(got.body, `<html lang="en"`) {
			t.Errorf("%q: the choice does not count", locale)
		}
	}
	if got := s.call(t, s.signedIn(t, "ben"), "GET", "/account", "", "Accept-Language: de"); !strings.Contains(got.body, `<html lang="de"`) {
		t.Error("without a launch the browser's wish does not count")
	}
}
