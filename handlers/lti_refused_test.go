package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/lti/stubplatform"
)

// TestRefusalsSayWhatIsWrong: 4xx, words that somebody can act on, the request's id, a line in the audit log, nothing made.
func TestRefusalsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	login := func(change func(url.Values)) func(v *visitor) result {
		return func(v *visitor) result {
			form := c.LaunchForm(c.to("/events/bio-1", stubplatform.Learner))
			change(form)
			return v.ask("POST", "/lti/login", form)
		}
	}
	launch := func(change func(*stubplatform.Click)) func(v *visitor) result {
		return func(v *visitor) result {
			click := c.to("/events/bio-1", stubplatform.Learner)
			change(&click)
			return v.launch(click)
		}
	}
	for name, try := range map[string]struct {
		do           func(v *visitor) result
		en, de, id   string
		unregistered bool
	}{
		"an unknown issuer": {login(func(f url.Values) { f.Set("iss", "https://unknown.example") }), "No learning platform with the issuer https://unknown.example", "Lernplattform", "lti.unknown-platform", true},
		"a foreign target":  {login(func(f url.Values) { f.Set("target_link_uri", "https://evil.example/events/bio-1") }), "https://evil.example/events/bio-1", "https://evil.example/events/bio-1", "lti.target", true},
		"another signature": {launch(func(k *stubplatform.Click) {
			other := *stubplatform.RSAKey("other")
			other.Kid = "key-1"
			k.Forge = func(nonce string) string { return other.Sign(c.Claims(*k, nonce), nil) }
		}), "signature is not the learning platform", "Unterschrift", "lti.signature", false},
		"another deployment":     {launch(func(k *stubplatform.Click) { k.Claims = map[string]any{stubplatform.Claim("deployment_id"): "other"} }), "deployment other is not registered", "other", "lti.deployment", false},
		"the platform says no":   {launch(func(k *stubplatform.Click) { k.Refuses = "login_required" }), "login_required (The platform says no.)", "login_required", "lti.platform-said", false},
		"a launch without login": {func(v *visitor) result { return v.post(url.Values{"id_token": {"x.y.z"}, "state": {"x"}}) }, "", "", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := try.do(c.visitor(t, "Accept-Language: en"))
			if got.status < 400 || got.status >= 500 || !strings.Contains(got.body, try.en) || !strings.Contains(got.body, got.header.Get("X-Request-Id")) || !strings.Contains(got.body, "could not open Cutroom") || got.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%d %s", got.status, got.body)
			}
			if got := try.do(c.visitor(t, "Accept-Language: de")); !strings.Contains(got.body, try.de) || !strings.Contains(got.body, `lang="de"`) {
				t.Errorf("in German: %s", got.body)
			}
			if try.id == "" {
				return
			}
			rows, lines := c.counts(t, "lti.refused", try.id)
			if rows != 0 || lines != 2 {
				t.Errorf("%d rows, %d lines", rows, lines)
			}
			want := string(c.id)
			if try.unregistered {
				want = ""
			}
			err := c.DB.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
				var subject string
				err := tx.QueryRow(t.Context(), "select subject from audit_log where action = 'lti.refused' and detail->>'reason' = $1 limit 1", try.id).Scan(&subject)
				if subject != want {
					t.Errorf("the log names the platform %q", subject)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestOnlyLaunchesMayComeFromOtherSites: their three addresses and no other.
func TestOnlyLaunchesMayComeFromOtherSites(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	from := []string{"Origin: https://evil.example", "Sec-Fetch-Site: cross-site"}
	for path, refused := range map[string]bool{"/lti": false, "/lti/login": false, "/lti/launch": false, "/lti/window": true, "/lti/deep-link": true, "/lti/register": true, "/sign-in": true, "/sign-out": true, "/events/bio-1/delete": true} {
		got := c.visitor(t).ask("POST", path, url.Values{"a": {"b"}}, from...)
		if blocked := strings.Contains(got.body, "another site"); blocked != refused || got.status < 400 || got.status >= 500 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

func TestPagesInAFrame(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t, "Sec-Fetch-Dest: iframe")
	v.launch(c.to("/events/bio-1", stubplatform.Instructor))
	back := `href="` + c.Platform.URL + `/course/7" target="_top"`
	for _, path := range []string{"/", "/events/bio-1", "/events/bio-1/edit", "/events/bio-1/watch", "/none"} {
		got := v.get(path)
		if !strings.Contains(got.body, back) || strings.Contains(got.body, "banner-nav") || strings.Contains(got.body, `action="/sign-out"`) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
		policy := got.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "frame-ancestors 'self' "+c.Platform.URL) || got.header.Get("X-Frame-Options") != "" {
			t.Errorf("%s: %s", path, policy)
		}
	}
	if got := v.get("/events/bio-1", "Sec-Fetch-Dest: document"); got.status != http.StatusOK {
		t.Error(got.status)
	}
	if got := v.ask("POST", "/language", url.Values{"lang": {"de"}, "back": {"/"}}); !strings.Contains(got.header.Get("Set-Cookie"), "SameSite=None; Partitioned") {
		t.Errorf("a language that is chosen in the frame: %v", got.header)
	}
	guest := c.visitor(t, "Sec-Fetch-Dest: iframe", "Accept-Language: en")
	got := guest.get("/sign-in?next=/events/bio-1/edit")
	if !strings.Contains(got.body, "Your browser blocks sign-in inside the course page.") || strings.Contains(got.body, `type="password"`) || attribute(got.body, `target="_blank"`, "href") != "/events/bio-1/edit" {
		t.Errorf("signing in: %d %s", got.status, got.body)
	}
	if got := c.visitor(t).get("/sign-in"); !strings.Contains(got.body, `type="password"`) {
		t.Errorf("outside of frames: %d", got.status)
	}
}
