package handlers

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

var (
	endForm    = regexp.MustCompile(`action="(/account/sessions/[0-9a-f]{64}/end)"`)
	revokeForm = regexp.MustCompile(`action="(/account/tokens/[^/"]+/revoke)"`)
	tokenShown = regexp.MustCompile(`id="token-secret"[^>]* value="([^"]+)"`)
)

func TestTheAccountIsOnesOwn(t *testing.T) {
	t.Parallel()
	s := setup(t)
	if got := s.call(t, nil, "GET", "/account", ""); got.status != 303 || got.header.Get("Location") != "/sign-in?next=%2Faccount" {
		t.Errorf("a guest: %d %v", got.status, got.header)
	}
	for _, path := range []string{"/account/sessions/end", "/account/sessions/x/end", "/account/tokens", "/account/tokens/x/revoke", "/account/password"} {
		if got := s.call(t, nil, "POST", path, "scope=read&days=30&where=everywhere"); got.status != 303 || !strings.HasPrefix(got.header.Get("Location"), "/sign-in") {
			t.Errorf("%s by a guest: %d", path, got.status)
		}
	}
	here, there, veras := s.signedIn(t, "ben"), s.signedIn(t, "ben"), s.signedIn(t, "vera")
	page := s.call(t, here, "GET", "/account", "", "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0")
	forms := endForm.FindAllStringSubmatch(page.body, -1)
	if page.status != 200 || len(forms) != 2 || page.header.Get("Cache-Control") != "no-store" || !strings.Contains(page.body, "By sign-in link") {
		t.Fatalf("%d, %d devices", page.status, len(forms))
	}
	if got := s.call(t, veras, "POST", forms[1][1], ""); got.status != 303 {
		t.Errorf("vera ends ben's: %d", got.status)
	}
	if got := s.call(t, there, "GET", "/account", ""); got.status != 200 {
		t.Errorf("and he is out: %d", got.status)
	}
	if got := s.call(t, here, "POST", forms[1][1], ""); got.status != 303 || got.header.Get("Location") != "/account?done=session" || len(got.header.Values("Set-Cookie")) > 0 {
		t.Errorf("ending another: %d %v", got.status, got.header)
	}
	if got := s.call(t, there, "GET", "/account", ""); got.status != 303 {
		t.Errorf("it goes on: %d", got.status)
	}
	if got := s.call(t, here, "POST", forms[0][1], ""); got.status != 303 || got.header.Get("Location") != "/sign-in" {
		t.Errorf("ending the present one: %d %v", got.status, got.header)
	}
	if got := s.call(t, here, "GET", "/account", ""); got.status != 303 {
		t.Errorf("it goes on: %d", got.status)
	}
	// Admins have the API for others; their account page is their own, too.
	adas := s.signedIn(t, "ada")
	forms = endForm.FindAllStringSubmatch(s.call(t, veras, "GET", "/account", "").body, -1)
	s.call(t, adas, "POST", forms[0][1], "")
	if got := s.call(t, veras, "GET", "/account", ""); got.status != 200 {
		t.Errorf("an admin's own page ended vera's session: %d", got.status)
	}
}

func TestSigningOutEverywhere(t *testing.T) {
	t.Parallel()
	s := setup(t)
	here, there, third := s.signedIn(t, "ben"), s.signedIn(t, "ben"), s.signedIn(t, "ben")
	alive := func(when string, c *http.Client, want bool) {
		t.Helper()
		if got := s.call(t, c, "GET", "/account", ""); (got.status == 200) != want {
			t.Errorf("%s: %d", when, got.status)
		}
	}
	if got := s.call(t, here, "POST", "/account/sessions/end", "where=elsewhere"); got.status != 303 || got.header.Get("Location") != "/account?done=elsewhere" {
		t.Errorf("%d %v", got.status, got.header)
	}
	alive("here", here, true)
	alive("there", there, false)
	alive("and there", third, false)
	token := s.token(t, "ben")
	if got := s.call(t, here, "POST", "/account/sessions/end", "where=everywhere"); got.status != 303 || got.header.Get("Location") != "/sign-in" {
		t.Errorf("%d %v", got.status, got.header)
	}
	alive("here too", here, false)
	if got := s.call(t, nil, "GET", "/account", "", "Authorization: Bearer "+token); got.status != 200 || !strings.Contains(got.body, "signed in nowhere") {
		t.Errorf("the token went, too: %d", got.status)
	}
	// Another site's page signs nobody out.
	if got := s.call(t, s.signedIn(t, "ben"), "POST", "/account/sessions/end", "where=everywhere", "Sec-Fetch-Site: cross-site"); got.status != 403 {
		t.Errorf("from another site: %d", got.status)
	}
}

func TestSigningOutEverywhereClosesSockets(t *testing.T) {
	t.Parallel()
	dsn, _ := liveSetup(t)
	one, two := newLiveNode(t, dsn, "one", nil), newLiveNode(t, dsn, "two", nil)
	ben, err := two.Users.WhoByName(t.Context(), dbtest.Tenant, "ben")
	if err != nil {
		t.Fatal(err)
	}
	var here user.Who
	var tabs []*tab
	for range 2 {
		var secret string
		if secret, here, err = two.Users.Sessions().Begin(t.Context(), ben, user.Begin{How: user.HowPassword}); err != nil {
			t.Fatal(err)
		}
		k := openTab(t, one, "", "e/live", "Authorization: ", "Cookie: sid="+secret)
		k.hello()
		tabs = append(tabs, k)
	}
	if n, err := two.Users.RevokeSessions(t.Context(), here, "ben", true); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	began := time.Now() // idle, this takes some milliseconds; without the notice it would take a minute
	if code := tabs[0].closed(); code != 4401 || time.Since(began) > 5*time.Second {
		t.Errorf("there: closed with %d after %v", code, time.Since(began))
	}
	if n, err := two.Users.RevokeSessions(t.Context(), here, "ben", false); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if code := tabs[1].closed(); code != 4401 {
		t.Errorf("here: closed with %d", code)
	}
}

// A course takes somebody's role away while their editor is open: the socket is closed within a second, on another node too.
func TestALostMembershipClosesSockets(t *testing.T) {
	t.Parallel()
	dsn, _ := liveSetup(t)
	one, two := newLiveNode(t, dsn, "one", nil), newLiveNode(t, dsn, "two", nil)
	enter := func(roles ...string) user.Who {
		t.Helper()
		var who user.Who
		var tell func(*user.Store)
		err := two.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) (err error) {
			who, tell, err = user.EnterTx(t.Context(), tx, dbtest.Tenant, user.External{Source: "lti:moodle", Subject: "7", Name: "lti:moodle:7",
				Memberships: []user.Membership{{Context: "c", Roles: roles, Until: time.Now().Add(time.Hour)}}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		tell(two.Users)
		return who
	}
	system := user.System(dbtest.Tenant)
	if _, err := two.Events.PutACL(t.Context(), system, "e", []event.ACLEntry{{Role: "c_Instructor", Action: "write"}, {Role: "c_Instructor", Action: "read"}}, true); err != nil {
		t.Fatal(err)
	}
	secret, _, err := two.Users.Sessions().Begin(t.Context(), enter("c_Instructor"), user.Begin{How: user.HowLTI, Source: "lti:moodle"})
	if err != nil {
		t.Fatal(err)
	}
	k := openTab(t, one, "", "e/live", "Authorization: ", "Cookie: __Host-lti="+secret)
	k.hello()
	enter("c_Instructor") // again: nothing changes
	began := time.Now()
	enter("c_Learner")
	if code := k.closed(); code != 4403 || time.Since(began) > 5*time.Second {
		t.Errorf("closed with %d after %v", code, time.Since(began))
	}
}

func TestTokensAreMadeAndShownOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := s.signedIn(t, "ben")
	made := s.call(t, b, "POST", "/account/tokens", "scope=read&days=30")
	shown := tokenShown.FindStringSubmatch(made.body)
	if made.status != 200 || shown == nil || made.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %s", made.status, made.body)
	}
	secret := "Authorization: Bearer " + shown[1]
	if got := s.call(t, nil, "GET", "/account", "", secret); got.status != 200 {
		t.Errorf("the token reads: %d", got.status)
	}
	if got := s.call(t, nil, "POST", "/account/tokens", "scope=write&days=never", secret); got.status != 403 {
		t.Errorf("a token that reads makes one that writes: %d", got.status)
	}
	page := s.call(t, b, "GET", "/account", "")
	if strings.Contains(page.body, shown[1]) || !strings.Contains(page.body, "good until") {
		t.Error("the secret is shown a second time, or the end is not")
	}
	tokens, err := s.Users.ListTokens(t.Context(), s.admin, "ben")
	if err != nil || len(tokens) != 1 || tokens[0].Expires == nil || time.Until(*tokens[0].Expires) > 30*24*time.Hour || time.Until(*tokens[0].Expires) < 29*24*time.Hour {
		t.Errorf("%+v, %v", tokens, err)
	}
	for _, body := range []string{"", "scope=admin&days=30", "scope=read&days=31", "scope=read", "days=never"} {
		if got := s.call(t, b, "POST", "/account/tokens", body); got.status != 422 || !strings.Contains(got.body, `role="alert"`) || tokenShown.MatchString(got.body) {
			t.Errorf("%q: %d", body, got.status)
		}
	}
	form := revokeForm.FindStringSubmatch(page.body)
	s.call(t, s.signedIn(t, "ada"), "POST", form[1], "")
	if got := s.call(t, nil, "GET", "/account", "", secret); got.status != 200 {
		t.Errorf("an admin's own page revoked it: %d", got.status)
	}
	for range 2 {
		if got := s.call(t, b, "POST", form[1], ""); got.status != 303 || got.header.Get("Location") != "/account?done=token" {
			t.Errorf("revoking: %d", got.status)
		}
	}
	if got := s.call(t, nil, "GET", "/account", "", secret, "Accept: application/json"); got.status == 200 {
		t.Errorf("it goes on: %d", got.status)
	}
}

func TestChangingOnesPassword(t *testing.T) {
	t.Parallel()
	s := setup(t)
	there := s.signedIn(t, "ben")
	b := s.signedIn(t, "ben")
	change := func(current, password, again string) result {
		t.Helper()
		return s.call(t, b, "POST", "/account/password", url.Values{"current": {current}, "password": {password}, "again": {again}}.Encode())
	}
	// By a link, for somebody who has none yet: nothing is asked.
	if got := change("", "correct horse", "correct horse"); got.status != 303 || got.header.Get("Location") != "/account?done=password" {
		t.Fatalf("the first one: %d %s", got.status, got.body)
	}
	if got := s.call(t, there, "GET", "/account", ""); got.status != 303 {
		t.Errorf("the other browser stays: %d", got.status)
	}
	for what, form := range map[string][3]string{
		"account.wrongPassword": {"wrong", "another horse", "another horse"}, "account.notAlike": {"correct horse", "another horse", "another hors"}, "error.password-length": {"correct horse", "short", "short"},
	} {
		got := change(form[0], form[1], form[2])
		text := map[string]string{"account.wrongPassword": "not your present password", "account.notAlike": "not alike", "error.password-length": "8 to 1024 signs"}[what]
		if got.status != 422 || !strings.Contains(got.body, text) || strings.Contains(got.body, form[1]) {
			t.Errorf("%s: %d %s", what, got.status, regexp.MustCompile(`field-error[^<]*<?`).FindAllString(got.body, -1))
		}
	}
	if got := change("correct horse", "another horse", "another horse"); got.status != 303 {
		t.Errorf("%d", got.status)
	}
	if got := s.call(t, b, "GET", "/account?done=password", ""); got.status != 200 || !strings.Contains(got.body, "The password is set.") {
		t.Errorf("signed out oneself: %d", got.status)
	}
	if got := s.call(t, nil, "POST", "/sign-in", "name=ben&password=another+horse"); got.status != 303 {
		t.Errorf("signing in with it: %d", got.status)
	}
	var last result
	for range 8 {
		last = change("guess", "third horse", "third horse")
	}
	if !strings.Contains(last.body, "Too many tries") {
		t.Error("the present password can be guessed without limit")
	}
}

// Who comes from a course gets no password that outlives it, by a token neither.
func TestACourseGivesNoPassword(t *testing.T) {
	t.Parallel()
	var s *site
	s = setup(t, route{"GET /test/launch", open, func(w http.ResponseWriter, r *http.Request) error {
		who, err := s.Users.WhoByName(r.Context(), dbtest.Tenant, "vera")
		if err != nil {
			return err
		}
		return s.beginSession(w, r, who, user.HowLTI, "lti:moodle", "", true)
	}})
	launched := s.call(t, nil, "GET", "/test/launch", "")
	cookie := "Cookie: " + launchSecret(t, launched)
	page := s.call(t, nil, "GET", "/account", "", cookie)
	if page.status != 200 || !strings.Contains(page.body, "From a course") || strings.Contains(page.body, `action="/account/password"`) {
		t.Errorf("%d %s", page.status, page.body)
	}
	for _, header := range []string{cookie, "Authorization: Bearer " + s.token(t, "vera")} {
		if got := s.call(t, nil, "POST", "/account/password", "password=correct+horse&again=correct+horse", header); got.status != 403 {
			t.Errorf("%.10s: %d", header, got.status)
		}
	}
	if _, err := s.Users.CheckPassword(context.Background(), dbtest.Tenant, "vera", "correct horse", exchangeOf(context.Background()).ip); fault.KindOf(err) != fault.Unauthorized {
		t.Errorf("the password was set: %v", err)
	}
}

// An operator has one account, above the tenants and in each.
func TestAnOperatorsAccountIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	s := towerOf(t, setup(t))
	session := s.session(t, tenant.Operators, "olga", bareHost)
	var made result
	for _, host := range []string{bareHost, demoHost, northHost} {
		page := s.call(t, nil, "GET", "/account", "", host, session)
		if page.status != 200 || len(endForm.FindAllString(page.body, -1)) != 1 || !strings.Contains(page.body, "This browser") {
			t.Errorf("at %s: %d", host, page.status)
		}
		made = s.call(t, nil, "POST", "/account/tokens", "scope=write&days=never", host, session)
		if made.status != 200 {
			t.Errorf("at %s: a token: %d %s", host, made.status, made.body)
		}
	}
	secret := "Authorization: Bearer " + tokenShown.FindStringSubmatch(made.body)[1]
	if got := s.call(t, nil, "GET", "/account", "", demoHost, secret); got.status != 200 {
		t.Errorf("her token at another tenant: %d", got.status)
	}
	for _, form := range revokeForm.FindAllStringSubmatch(made.body, -1) {
		if got := s.call(t, nil, "POST", form[1], "", demoHost, session); got.status != 303 {
			t.Errorf("revoking: %d", got.status)
		}
	}
	if got := s.call(t, nil, "GET", "/account", "", demoHost, secret); got.status == 200 {
		t.Error("a token that she revoked goes on")
	}
	if got := s.call(t, nil, "POST", "/account/sessions/end", "where=everywhere", northHost, session); got.status != 303 {
		t.Errorf("signing out everywhere: %d", got.status)
	}
	for _, host := range []string{bareHost, demoHost} {
		if got := s.call(t, nil, "GET", "/account", "", host, session); got.status != 303 {
			t.Errorf("at %s she is still in: %d", host, got.status)
		}
	}
}
