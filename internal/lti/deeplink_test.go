package lti_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/lti"
	"cutroom/internal/seal"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// picking gives a store with two people, ben and chloe, and a launch of ben's that waits for a choice.
func picking(t *testing.T, settings lti.DeepLinkSettings) (s *lti.Store, ben, chloe user.Who) {
	t.Helper()
	db := dbtest.New(t)
	sealed, err := seal.New([]byte("a secret of tests, long enough"))
	if err != nil {
		t.Fatal(err)
	}
	s = &lti.Store{DB: db, Bus: live.Discard{}, Users: user.New(db, live.Discard{}), Seal: sealed}
	run(t, db, `insert into person (name, display_name, role) values ('ben', 'Ben', 'editor'), ('chloe', 'Chloe', 'editor')`)
	run(t, db, `insert into lti_platform (id, version, status, name, issuer, client_id, deployment, auth_url, jwks_url, frame_origins, created_by, approved_at) values
		('lms', '1.3', 'active', 'LMS', 'https://lms.example', 'client-7', 'dep-1', 'https://login.example/auth', 'https://lms.example/jwks', '{https://frames.example:8443}', 'ada', now())`)
	run(t, db, `insert into lti_launch (id, platform_id, user_name, context, title, deep_link, expires_at) values
		('pick', 'lms', 'ben', '101', 'Biology 101', $1, now() + interval '1 hour'), ('ended', 'lms', 'ben', '101', 'Biology 101', $1, now() - interval '1 second'),
		('plain', 'lms', 'ben', '101', 'Biology 101', null, now() + interval '1 hour')`, settings)
	return s, who(t, s, "ben"), who(t, s, "chloe")
}

func who(t *testing.T, s *lti.Store, name string) user.Who {
	t.Helper()
	w, err := s.Users.WhoByName(t.Context(), dbtest.Tenant, name)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func wishes() lti.DeepLinkSettings {
	return lti.DeepLinkSettings{ReturnURL: "https://lms.example/course/101/links?s=1", Types: []string{"html", "link", "ltiResourceLink"}, Multiple: true, Data: "öpaque & data",
		Targets: []string{"embed", "iframe", "window"}}
}

// opened checks a JWT as the platform does, by our published keys, and gives its claims.
func opened(t *testing.T, s *lti.Store, token string) map[string]any {
	t.Helper()
	keys, err := s.JWKS(t.Context(), dbtest.Tenant)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{}
	var registered jwt.Claims
	if err := parsed.Claims(keys, &claims, &registered); err != nil {
		t.Fatal(err)
	}
	if err := registered.Validate(jwt.Expected{Issuer: "client-7", AnyAudience: jwt.Audience{"https://lms.example"}, Time: time.Now()}); err != nil {
		t.Error(err)
	}
	if life := registered.Expiry.Time().Sub(registered.IssuedAt.Time()); life <= 0 || life > 10*time.Minute {
		t.Errorf("the answer lives for %s", life)
	}
	return claims
}

const (
	claimLTI = "https://purl.imsglobal.org/spec/lti/claim/"
	claimDL  = "https://purl.imsglobal.org/spec/lti-dl/claim/"
)

func TestAChoiceIsAnswered(t *testing.T) {
	t.Parallel()
	s, ben, _ := picking(t, wishes())
	to, token, err := s.Answer(t.Context(), ben, "pick", []lti.Item{
		{Event: "e1", View: "watch", Start: 1074 * time.Second, URL: "https://demo.example/events/e1/watch?t=1074", Title: "Lecture 5", Text: "Eigenvalues", Target: lti.TargetFrame,
			Thumbnail: &lti.Picture{URL: "https://demo.example/media/a/oc-thumbnail.jpg", Width: 1280, Height: 720}},
		{Event: "e2", View: "edit", URL: "https://demo.example/events/e2/edit", Title: "Lecture 6", Target: lti.TargetWindow},
		{Event: "e3", View: "watch", URL: "https://demo.example/events/e3/watch", Title: "Lecture 7"},
	})
	if err != nil || to != "https://lms.example/course/101/links?s=1" {
		t.Fatalf("%q, %v", to, err)
	}
	claims := opened(t, s, token)
	for name, want := range map[string]any{claimLTI + "message_type": "LtiDeepLinkingResponse", claimLTI + "version": "1.3.0", claimLTI + "deployment_id": "dep-1", claimDL + "data": "öpaque & data"} {
		if claims[name] != want {
			t.Errorf("%s is %v, want %v", name, claims[name], want)
		}
	}
	if nonce, _ := claims["nonce"].(string); len(nonce) < 20 {
		t.Errorf("the nonce is %q", nonce)
	}
	want := `[{"type":"ltiResourceLink","url":"https://demo.example/events/e1/watch?t=1074","title":"Lecture 5","text":"Eigenvalues",` +
		`"thumbnail":{"url":"https://demo.example/media/a/oc-thumbnail.jpg","width":1280,"height":720},"iframe":{"width":1000,"height":640},"custom":{"event":"e1","view":"watch","t":"1074"}},` +
		`{"type":"ltiResourceLink","url":"https://demo.example/events/e2/edit","title":"Lecture 6","window":{"targetName":"_blank"},"custom":{"event":"e2","view":"edit"}},` +
		`{"type":"ltiResourceLink","url":"https://demo.example/events/e3/watch","title":"Lecture 7","custom":{"event":"e3","view":"watch"}}]`
	sameJSON(t, claims[claimDL+"content_items"], want)
	if n := one[int](t, s.DB, "select count(*) from audit_log where action = 'lti.deep-link' and actor = 'ben' and subject = 'lms' and detail->'events' = '[\"e1\",\"e2\",\"e3\"]'"); n != 1 {
		t.Errorf("%d lines in the audit log", n)
	}
}

func sameJSON(t *testing.T, got any, want string) {
	t.Helper()
	var wanted any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(wanted)
	if string(a) != string(b) {
		t.Errorf("got\n%s\nwant\n%s", a, b)
	}
}

func one[T any](t *testing.T, db *tenant.DB, sql string, args ...any) (value T) {
	t.Helper()
	err := db.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error { return tx.QueryRow(t.Context(), sql, args...).Scan(&value) })
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestPlainLinksWhereNothingElseIsTaken(t *testing.T) {
	t.Parallel()
	settings := wishes()
	settings.Types, settings.Data = []string{"file", "link"}, ""
	s, ben, _ := picking(t, settings)
	_, token, err := s.Answer(t.Context(), ben, "pick", []lti.Item{{Event: "e1", View: "watch", URL: "https://demo.example/events/e1/watch", Title: "Lecture 5", Target: lti.TargetFrame}})
	if err != nil {
		t.Fatal(err)
	}
	claims := opened(t, s, token)
	sameJSON(t, claims[claimDL+"content_items"], `[{"type":"link","url":"https://demo.example/events/e1/watch","title":"Lecture 5","iframe":{"src":"https://demo.example/events/e1/watch","width":1000,"height":640}}]`)
	if _, there := claims[claimDL+"data"]; there {
		t.Error("data that did not come goes back")
	}
}

func TestGivingUpAnswersNothing(t *testing.T) {
	t.Parallel()
	settings := wishes()
	settings.Types = []string{"file"}
	s, ben, _ := picking(t, settings)
	_, _, err := s.Answer(t.Context(), ben, "pick", []lti.Item{{Event: "e1"}})
	wantFault(t, "a link where files are wanted", err, fault.Conflict, "error.lti-pick-type")
	_, token, err := s.Answer(t.Context(), ben, "pick", nil)
	if err != nil {
		t.Fatal(err)
	}
	sameJSON(t, opened(t, s, token)[claimDL+"content_items"], `[]`)
	_, _, err = s.Answer(t.Context(), ben, "pick", nil)
	wantFault(t, "again", err, fault.Conflict, "error.lti-pick-answered")
}

func wantFault(t *testing.T, what string, err error, kind fault.Kind, id string) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != kind || f.ID != id {
		t.Errorf("%s: %v, want %s", what, err, id)
	}
}

func TestAChoiceBelongsToOnePersonForATime(t *testing.T) {
	t.Parallel()
	s, ben, chloe := picking(t, wishes())
	item := []lti.Item{{Event: "e1", View: "watch", URL: "https://demo.example/events/e1/watch", Title: "Lecture 5"}}
	try := func(what string, who user.Who, launch string, kind fault.Kind, id string) {
		t.Helper()
		_, err := s.Pick(t.Context(), who, launch)
		wantFault(t, what, err, kind, id)
		_, token, err := s.Answer(t.Context(), who, launch, item)
		wantFault(t, what, err, kind, id)
		if token != "" {
			t.Errorf("%s: an answer came all the same", what)
		}
	}
	try("somebody else", chloe, "pick", fault.NotFound, "error.lti-pick-none")
	try("an admin", user.System(dbtest.Tenant), "pick", fault.NotFound, "error.lti-pick-none")
	try("nobody", user.Anonymous(dbtest.Tenant), "pick", fault.NotFound, "error.lti-pick-none")
	try("no choice wanted", ben, "plain", fault.NotFound, "error.lti-pick-none")
	try("no launch", ben, "", fault.NotFound, "error.lti-pick-none")
	try("too late", ben, "ended", fault.Conflict, "error.lti-pick-ended")
	if n := one[int](t, s.DB, "select count(*) from lti_launch where answered_at is not null"); n != 0 {
		t.Errorf("%d launches were answered", n)
	}
	if _, err := s.Pick(t.Context(), ben, "pick"); err != nil {
		t.Error(err)
	}
	run(t, s.DB, "update lti_platform set status = 'waiting'")
	try("a platform that waits", ben, "pick", fault.Forbidden, "error.lti-pick-platform")
}

func TestAChoiceIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	s, ben, _ := picking(t, wishes())
	var tries sync.WaitGroup
	tokens := make(chan string, 8)
	for range cap(tokens) {
		tries.Go(func() {
			if _, token, err := s.Answer(t.Context(), ben, "pick", nil); err == nil {
				tokens <- token
			}
		})
	}
	tries.Wait()
	if len(tokens) != 1 {
		t.Errorf("answered %d times", len(tokens))
	}
	_, err := s.Pick(t.Context(), ben, "pick")
	wantFault(t, "the page afterwards", err, fault.Conflict, "error.lti-pick-answered")
}

func TestOneRecordingWhereOneIsWanted(t *testing.T) {
	t.Parallel()
	settings := wishes()
	settings.Multiple = false
	s, ben, _ := picking(t, settings)
	_, _, err := s.Answer(t.Context(), ben, "pick", make([]lti.Item, 2))
	wantFault(t, "two", err, fault.Invalid, "error.lti-pick-one")
	run(t, s.DB, `update lti_launch set deep_link = deep_link || '{"multiple": true}'`)
	_, _, err = s.Answer(t.Context(), ben, "pick", make([]lti.Item, lti.MostItems+1))
	wantFault(t, "very many", err, fault.Invalid, "error.lti-pick-many")
	if _, _, err = s.Answer(t.Context(), ben, "pick", make([]lti.Item, lti.MostItems)); err != nil {
		t.Error(err)
	}
}

func TestAnswersGoToThePlatformAlone(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"https://lms.example/x": true, "https://LMS.example:443/x": true, "https://login.example/x": true, "https://frames.example:8443/x": true,
		"https://evil.example/x": false, "http://lms.example/x": false, "https://lms.example:444/x": false, "https://lms.example.evil.example/": false, "https://lms.example@evil.example/": false,
		"https://frames.example/x": false, "javascript:alert(1)": false, "//lms.example/x": false, "": false, "https://lms.example\\@evil.example/": false,
	} {
		settings := wishes()
		settings.ReturnURL = address
		p := lti.Picking{Settings: settings, Platform: lti.Platform{Issuer: "https://lms.example", AuthURL: "https://login.example/auth", FrameOrigins: []string{"https://frames.example:8443"}}}
		if err := lti.CheckReturn(p); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
	settings := wishes()
	settings.ReturnURL = "https://evil.example/x"
	s, ben, _ := picking(t, settings)
	_, _, err := s.Answer(t.Context(), ben, "pick", nil)
	wantFault(t, "elsewhere", err, fault.Forbidden, "error.lti-pick-return")
}

func TestTheCourseOfALaunch(t *testing.T) {
	t.Parallel()
	s, ben, chloe := picking(t, wishes())
	run(t, s.DB, "update lti_platform set role_prefix = 'LMS_'")
	run(t, s.DB, "insert into lti_launch (id, platform_id, user_name, expires_at) values ('outside', 'lms', 'ben', now())")
	c, err := s.CourseOf(t.Context(), ben, "ended") // the session that it began goes on
	if want := (lti.Course{Title: "Biology 101", Instructor: "LMS_101_Instructor", Learner: "LMS_101_Learner"}); err != nil || c != want {
		t.Errorf("%v, %v", c, err)
	}
	_, err = s.CourseOf(t.Context(), chloe, "plain")
	wantFault(t, "somebody else's", err, fault.NotFound, "error.lti-launch-none")
	_, err = s.CourseOf(t.Context(), ben, "outside")
	wantFault(t, "outside of courses", err, fault.NotFound, "error.lti-launch-none")
}
