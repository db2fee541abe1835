package lti

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cutroom/internal/dbtest"
	"cutroom/internal/lti/stubplatform"
	"cutroom/internal/user"
)

var lti = stubplatform.Claim

// claimsOf gives a click with other claims; nil leaves one out.
func claimsOf(pairs ...any) stubplatform.Click {
	c := usual()
	c.Claims = map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		c.Claims[pairs[i].(string)] = pairs[i+1]
	}
	return c
}

func TestALaunchIsChecked(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	got, p, err := l.launch(t, usual())
	if err != nil {
		t.Fatal(err)
	}
	want := Launch{Platform: l.platform, Message: ResourceLink, Subject: "person-1", Name: "Ann Example", Context: "course-1", Title: "Biology 101", Roles: []string{"course-1_Instructor"},
		Teaches: true, Target: "/events/event-1/edit", Event: "event-1", View: "edit", ReturnURL: "https://lms.example/course/1", Locale: "de",
		MembersURL: l.stub.MembersURL("course-1"), Framed: true}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Launch{})); diff != "" {
		t.Error(diff)
	}
	if p.Platform != l.platform.ID || p.Request.Target != editLink || p.Request.LoginHint != "person-1" {
		t.Errorf("the login is %+v", p)
	}
	if n := l.created(t); n != 0 {
		t.Errorf("a check has made %d rows", n)
	}
}

func TestADeepLinkIsChecked(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	c := usual()
	c.Message, c.Target, c.Data = stubplatform.DeepLinking, ourOrigin+"/lti/deep-link", "opaque <data>"
	got, _, err := l.launch(t, c)
	if err != nil {
		t.Fatal(err)
	}
	want := &DeepLinkSettings{ReturnURL: l.stub.ReturnURL(), Types: []string{"link", "ltiResourceLink"}, Multiple: true, Data: "opaque <data>", Targets: []string{"iframe", "window"}}
	if diff := cmp.Diff(want, got.DeepLink); diff != "" || got.Target != "/lti/deep-link" || got.Message != DeepLinking || got.Event != "" {
		t.Errorf("got %+v\n%s", got, diff)
	}
}

// TestWhatACheckTakes are the borders from inside, and what platforms really send.
func TestWhatACheckTakes(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	now := time.Now()
	for name, c := range map[string]stubplatform.Click{
		"aud as a list":                      claimsOf("aud", []string{l.stub.ClientID}),
		"two audiences with azp":             claimsOf("aud", []string{"another", l.stub.ClientID}, "azp", l.stub.ClientID),
		"one audience with azp":              claimsOf("azp", l.stub.ClientID),
		"exp 50 seconds ago":                 claimsOf("exp", now.Add(-50*time.Second).Unix()),
		"iat 59 minutes ago":                 claimsOf("iat", now.Add(-59*time.Minute).Unix()),
		"iat in 50 seconds":                  claimsOf("iat", now.Add(50*time.Second).Unix()),
		"times with fractions":               claimsOf("iat", float64(now.UnixMilli())/1000, "exp", float64(now.Add(time.Minute).UnixMilli())/1000),
		"no roles":                           claimsOf(lti("roles"), []string{}),
		"no course":                          claimsOf(lti("context"), nil),
		"optional claims that are null":      claimsOf(lti("context"), map[string]any{"id": "course-1", "title": nil, "label": nil}, lti("custom"), nil, "given_name", nil),
		"empty objects as PHP writes them":   claimsOf(lti("context"), []any{}, lti("custom"), []any{}, lti("launch_presentation"), []any{}),
		"numbers in custom parameters":       claimsOf(lti("custom"), map[string]any{"section": 12, "open": true, "none": nil, "nested": map[string]any{"a": 1}}),
		"claims that nobody knows":           claimsOf("https://purl.imsglobal.org/spec/lti-ags/claim/endpoint", map[string]any{"scope": []string{"x"}}, "https://blackboard.com/lti/claim/x", 1),
		"a deployment that is a number":      claimsOf(lti("deployment_id"), l.stub.Deployment),
		"target link of the same meaning":    claimsOf(lti("target_link_uri"), "https://DEMO.cutroom.example:443/events/event-1/edit"),
		"no name":                            claimsOf("name", nil),
		"nbf now":                            claimsOf("nbf", now.Unix()),
		"roles with things that are no text": claimsOf(lti("roles"), []any{stubplatform.Learner, nil, 5}),
	} {
		if _, _, err := l.launch(t, c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWhatACheckRefuses has one case at least for every check, each a launch that is right but for one thing.
func TestWhatACheckRefuses(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	now, long := time.Now(), strings.Repeat("x", 2000)
	deep := func(settings any) stubplatform.Click {
		c := claimsOf(stubplatform.ClaimLinks, settings)
		c.Message = stubplatform.DeepLinking
		return c
	}
	for _, is := range []struct {
		name, id string
		click    stubplatform.Click
	}{
		{"another issuer", "lti.issuer", claimsOf("iss", "https://else.example")},
		{"no issuer", "lti.issuer", claimsOf("iss", nil)},
		{"another audience", "lti.audience", claimsOf("aud", "another")},
		{"no audience", "lti.audience", claimsOf("aud", nil)},
		{"audiences without ours", "lti.audience", claimsOf("aud", []string{"another", "one more"}, "azp", l.stub.ClientID)},
		{"two audiences without azp", "lti.party", claimsOf("aud", []string{l.stub.ClientID, "another"})},
		{"azp of another", "lti.party", claimsOf("azp", "another")},
		{"ended 61 seconds ago", "lti.expired", claimsOf("exp", now.Add(-61*time.Second).Unix())},
		{"no end", "lti.times", claimsOf("exp", nil)},
		{"an end that is a text", "lti.times", claimsOf("exp", fmt.Sprint(now.Add(time.Minute).Unix()))},
		{"an end that is no time", "lti.times", claimsOf("exp", 1e300)},
		{"not said when it was made", "lti.times", claimsOf("iat", nil)},
		{"made 62 minutes ago", "lti.issued-long-ago", claimsOf("iat", now.Add(-62*time.Minute).Unix())},
		{"made in 70 seconds", "lti.issued-ahead", claimsOf("iat", now.Add(70*time.Second).Unix())},
		{"good from in 70 seconds", "lti.issued-ahead", claimsOf("nbf", now.Add(70*time.Second).Unix())},
		{"another nonce", "lti.nonce", claimsOf("nonce", "another")},
		{"no nonce", "lti.nonce", claimsOf("nonce", nil)},
		{"another deployment", "lti.deployment", claimsOf(lti("deployment_id"), "deployment-2")},
		{"no deployment", "lti.deployment-missing", claimsOf(lti("deployment_id"), nil)},
		{"a deployment too long", "lti.deployment-missing", claimsOf(lti("deployment_id"), long)},
		{"another message", "lti.message", claimsOf(lti("message_type"), "LtiSubmissionReviewRequest")},
		{"no message", "lti.message", claimsOf(lti("message_type"), nil)},
		{"another version", "lti.version", claimsOf(lti("version"), "1.1.0")},
		{"no version", "lti.version", claimsOf(lti("version"), nil)},
		{"no target", "lti.target-missing", claimsOf(lti("target_link_uri"), nil)},
		{"a target elsewhere", "lti.target", claimsOf(lti("target_link_uri"), "https://else.example/events/event-1/edit")},
		{"a target by http", "lti.target", claimsOf(lti("target_link_uri"), "http://demo.cutroom.example/events/event-1/edit")},
		{"a target at another port", "lti.target", claimsOf(lti("target_link_uri"), ourOrigin+":8443/events/event-1/edit")},
		{"a target too long", "lti.target", claimsOf(lti("target_link_uri"), ourOrigin+"/"+long+long)},
		{"another target than the login's", "lti.target-other", claimsOf(lti("target_link_uri"), ourOrigin+"/events/event-2/edit")},
		{"another query than the login's", "lti.target-other", claimsOf(lti("target_link_uri"), editLink+"?t=1")},
		{"nobody", "lti.subject", claimsOf("sub", nil)},
		{"somebody without id", "lti.subject", claimsOf("sub", "")},
		{"somebody with too long an id", "lti.subject", claimsOf("sub", long)},
		{"somebody with a NUL", "lti.subject", claimsOf("sub", "a\x00b")},
		{"no roles claim", "lti.roles", claimsOf(lti("roles"), nil)},
		{"roles that are an object", "lti.roles", claimsOf(lti("roles"), map[string]any{"a": 1})},
		{"roles too many", "lti.too-long", claimsOf(lti("roles"), slices.Repeat([]string{"Learner"}, 201))},
		{"a role too long", "lti.too-long", claimsOf(lti("roles"), []string{long})},
		{"a course with too long an id", "lti.too-long", claimsOf(lti("context"), map[string]any{"id": long})},
		{"a course with a NUL", "lti.too-long", claimsOf(lti("context"), map[string]any{"id": "a\x00b"})},
		{"a course that would give a role of ours", "lti.role-reserved", claimsOf(lti("context"), map[string]any{"id": "ROLE"})},
		{"no resource link", "lti.resource-link", claimsOf(lti("resource_link"), nil)},
		{"a resource link without id", "lti.resource-link", claimsOf(lti("resource_link"), map[string]any{"title": "x"})},
		{"deep linking without settings", "lti.deep-link", deep(nil)},
		{"deep linking without return", "lti.deep-link", deep(map[string]any{"accept_types": []string{"link"}})},
		{"deep linking that takes nothing", "lti.deep-link", deep(map[string]any{"deep_link_return_url": l.stub.ReturnURL(), "accept_types": []string{}})},
		{"deep linking that returns elsewhere", "lti.deep-link-return", deep(map[string]any{"deep_link_return_url": "https://else.example/choice", "accept_types": []string{"link"}})},
		{"deep linking that returns to a script", "lti.deep-link-return", deep(map[string]any{"deep_link_return_url": "javascript:alert(1)", "accept_types": []string{"link"}})},
	} {
		_, _, err := l.launch(t, is.click)
		wantID(t, is.name, err, is.id)
	}
	if n := l.created(t); n != 0 {
		t.Errorf("refused launches have made %d rows", n)
	}
}

func TestCustomParametersThatLeadNowhereAreRefused(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	for id, custom := range map[string]map[string]any{"lti.event": {"event": "$Custom.event"}, "lti.view": {"event": "event-1", "view": "print"}, "lti.tool": {"tool": "/nowhere"}} {
		c := usual()
		c.Target, c.Custom = ourOrigin+"/", custom
		_, _, err := l.launch(t, c)
		wantID(t, fmt.Sprint(custom), err, id)
	}
}

func TestAStateIsOfALoginThatBeganHere(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	login := l.login(t, usual())
	idToken, _ := l.answered(t, login)
	for id, state := range map[string]string{"lti.launch-incomplete": "", "lti.state": random()} {
		_, _, err := l.Check(t.Context(), dbtest.Tenant, ourOrigin, idToken, state)
		wantID(t, "state "+state, err, id)
	}
	for _, state := range []string{"x", login.State + "x", login.State[:40], "../" + login.State} {
		_, _, err := l.Check(t.Context(), dbtest.Tenant, ourOrigin, idToken, state)
		wantID(t, "state "+state, err, "lti.state")
	}
	_, _, err := l.Check(t.Context(), dbtest.Tenant, ourOrigin, "", login.State)
	wantID(t, "no token", err, "lti.launch-incomplete")

	// Another tenant does not know the login, though it has the same platform.
	other := dbtest.Tenants(t, l.DB, 1)[0]
	if _, _, err := l.Add(t.Context(), user.System(other), registration(l.stub)); err != nil {
		t.Fatal(err)
	}
	_, _, err = l.Check(t.Context(), other, ourOrigin, idToken, login.State)
	wantID(t, "another tenant", err, "lti.state")

	// The state of one login with the token of another.
	second := l.login(t, usual())
	_, _, err = l.Check(t.Context(), dbtest.Tenant, ourOrigin, idToken, second.State)
	wantID(t, "another login's state", err, "lti.nonce")

	l.exec(t, "update lti_login set expires_at = now() where state = $1", hashOf(login.State))
	_, _, err = l.Check(t.Context(), dbtest.Tenant, ourOrigin, idToken, login.State)
	wantID(t, "a login of long ago", err, "lti.state-old")
}

func TestALaunchIsOfTheLoginsBrowser(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	login, other := l.login(t, usual()), l.login(t, usual())
	idToken, state := l.answered(t, login)
	launch, p, err := l.Check(t.Context(), dbtest.Tenant, ourOrigin, idToken, state)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"", other.Browser, login.State, string(hashOf(login.Browser))} {
		if p.Bound(secret) {
			t.Errorf("%q is the browser's secret", secret)
		}
	}
	if _, _, err := l.Enter(t.Context(), dbtest.Tenant, launch, &p); err == nil {
		t.Error("somebody enters whose browser is not the login's")
	}
	if n := l.created(t); n != 0 {
		t.Errorf("that has made %d rows", n)
	}
	if !p.Bound(login.Browser) {
		t.Error("the login's browser is not its own")
	}
}

func TestARegistrationThatIsNotActiveLetsNobodyIn(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	login := l.login(t, usual())
	idToken, state := l.answered(t, login)
	l.exec(t, "update lti_platform set status = 'waiting'")
	_, _, err := l.Check(t.Context(), dbtest.Tenant, ourOrigin, idToken, state)
	wantID(t, "a platform that waits", err, "lti.waiting")
	if err := l.Remove(t.Context(), l.admin, l.platform.ID); err != nil {
		t.Fatal(err)
	}
	_, _, err = l.Check(t.Context(), dbtest.Tenant, ourOrigin, idToken, state)
	wantID(t, "a platform that is removed", err, "lti.state")
}

func TestADeploymentChoosesItsRegistration(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	n := registration(l.stub)
	n.Deployment, n.RolePrefix = "deployment-2", "second_"
	second := l.add(t, n)
	keys := "http://127.0.0.1:1/old" // one deployment's address does not trouble another
	if _, err := l.Change(t.Context(), l.admin, l.platform.ID, Change{JWKSURL: &keys}); err != nil {
		t.Fatal(err)
	}
	launch, p, err := l.launch(t, claimsOf(lti("deployment_id"), "deployment-2"))
	if err != nil || launch.Platform.ID != second.ID || p.Platform != second.ID || !slices.Equal(launch.Roles, []string{"second_course-1_Instructor"}) {
		t.Errorf("got %s with %v, %v", launch.Platform.ID, launch.Roles, err)
	}
}
