package user_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// launch makes a launch row as a platform's launch does.
func (b bundle) launch(t *testing.T, id, name, locale string) {
	t.Helper()
	b.exec(t, `insert into lti_platform (id, version, status, name, consumer_key, sealed_secret, created_by, approved_at)
		values ('moodle', '1.1', 'active', 'Moodle', 'key', '', 'ada', now()) on conflict do nothing`)
	b.exec(t, "insert into lti_launch (id, platform_id, user_name, locale, expires_at) values ($1, 'moodle', $2, $3, now() + interval '7 days')", id, name, locale)
}

func TestASessionKnowsItsLaunch(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.Sessions()
	b.launch(t, "one", "ben", "de-CH")
	begin := user.Begin{How: user.HowLTI, Source: "lti:moodle", Launch: "one", Agent: "Firefox\x00\xff\n" + strings.Repeat("ü", 600), Address: "192.0.2.7"}
	secret, begun, err := s.Begin(t.Context(), b.who(t, "ben"), begin)
	must(t, err)
	who, err := s.Who(t.Context(), dbtest.Tenant, secret)
	must(t, err)
	again, err := b.Again(t.Context(), who)
	must(t, err)
	for what, w := range map[string]user.Who{"begun": begun, "who": who, "again": again} {
		if w.Launch != "one" || w.Locale != "de-CH" || w.Session != begun.Session {
			t.Errorf("%s: %+v", what, w)
		}
	}
	all, err := b.ListSessions(t.Context(), who, "ben")
	must(t, err)
	if len(all) != 1 || all[0].How != user.HowLTI || all[0].Source != "Moodle" || all[0].Address != "192.0.2.7" || !all[0].Current ||
		!strings.HasPrefix(all[0].Agent, "Firefox") || len(all[0].Agent) > 512 || all[0].Used.IsZero() {
		t.Errorf("listed: %+v", all)
	}
	// Another's launch says nothing about one's own language.
	_, vera, err := s.Begin(t.Context(), b.who(t, "vera"), user.Begin{How: user.HowLTI, Source: "lti:moodle", Launch: "one"})
	must(t, err)
	if vera.Locale != "" {
		t.Errorf("took the language of another's launch: %s", vera.Locale)
	}
}

// Two tabs of two courses: the second launch goes on with the session of the first, so that what the first tab has open stays.
func TestALaunchGoesOnWithTheSessionOfAnother(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.Sessions()
	b.launch(t, "one", "ben", "de")
	b.launch(t, "two", "ben", "en")
	first, one, err := s.Begin(t.Context(), b.who(t, "ben"), user.Begin{How: user.HowLTI, Source: "lti:moodle", Launch: "one"})
	must(t, err)
	second, two, err := s.Begin(t.Context(), b.who(t, "ben"), user.Begin{How: user.HowLTI, Source: "lti:moodle", Launch: "two", Old: first})
	must(t, err)
	if second != first || two.Session != one.Session || b.heard.has("session:"+one.Session) {
		t.Error("the first tab's session ended")
	}
	who, err := s.Who(t.Context(), dbtest.Tenant, second)
	must(t, err)
	if who.Launch != "two" || who.Locale != "en" {
		t.Errorf("%+v", who)
	}
	for what, begin := range map[string]user.Begin{
		"of another platform": {How: user.HowLTI, Source: "lti:ilias", Launch: "two"},
		"by password":         {How: user.HowPassword},
	} {
		old, begun, err := s.Begin(t.Context(), b.who(t, "ben"), user.Begin{How: user.HowLTI, Source: "lti:moodle", Launch: "one"})
		must(t, err)
		begin.Old = old
		next, _, err := s.Begin(t.Context(), b.who(t, "ben"), begin)
		must(t, err)
		if _, err := s.Who(t.Context(), dbtest.Tenant, old); next == old || fault.KindOf(err) != fault.Unauthorized || !b.heard.has("session:"+begun.Session) {
			t.Errorf("%s: the old one goes on: %v", what, err)
		}
	}
	// Somebody else, an ended one, a made-up one: a new secret.
	vera, _, err := s.Begin(t.Context(), b.who(t, "vera"), user.Begin{How: user.HowLTI, Source: "lti:moodle", Old: second})
	must(t, err)
	_, err = s.Who(t.Context(), dbtest.Tenant, second)
	wantKind(t, "the one before", err, fault.Unauthorized)
	must(t, s.End(t.Context(), dbtest.Tenant, vera))
	for _, old := range []string{vera, "made-up"} {
		next, _, err := s.Begin(t.Context(), b.who(t, "vera"), user.Begin{How: user.HowLTI, Source: "lti:moodle", Old: old})
		must(t, err)
		if next == old {
			t.Errorf("%s became a session", old)
		}
	}
}

// A use that is written down late leaves what a launch changed meanwhile.
func TestALateUseKeepsTheNewLaunch(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.Sessions()
	b.launch(t, "one", "ben", "de")
	b.launch(t, "two", "ben", "en")
	secret, _, err := s.Begin(t.Context(), b.who(t, "ben"), user.Begin{How: user.HowLTI, Source: "lti:moodle", Launch: "one"})
	must(t, err)
	b.exec(t, "update session set expires_at = expires_at - interval '1 hour'")
	late := make(chan error, 1)
	must(t, b.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `update session set data = convert_to(replace(convert_from(data, 'utf8'), '"one"', '"two"'), 'utf8')`); err != nil {
			return err
		}
		go func() { _, err := s.Who(t.Context(), dbtest.Tenant, secret); late <- err }()
		return b.waitForLock(t)
	}))
	must(t, <-late)
	who, err := s.Who(t.Context(), dbtest.Tenant, secret)
	must(t, err)
	if who.Launch != "two" {
		t.Errorf("launch %s", who.Launch)
	}
}

func TestSignOutEverywhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.Sessions()
	var secrets []string
	var here user.Who
	for range 4 {
		secret, who := b.begin(t, s, "ben", "")
		secrets, here = append(secrets, secret), who
	}
	veras, vera := b.begin(t, s, "vera", "")
	_, err := b.RevokeSessions(t.Context(), vera, "ben", false)
	wantKind(t, "another's", err, fault.Forbidden)
	_, err = b.RevokeSessions(t.Context(), user.Anonymous(dbtest.Tenant), "", false)
	wantKind(t, "nobody's", err, fault.Forbidden)
	n, err := b.RevokeSessions(t.Context(), here, "ben", true)
	if n != 3 || err != nil {
		t.Errorf("%d ended, %v", n, err)
	}
	for i, secret := range secrets {
		_, err := s.Who(t.Context(), dbtest.Tenant, secret)
		if (err == nil) != (i == 3) {
			t.Errorf("session %d: %v", i, err)
		}
	}
	if n, err := b.RevokeSessions(t.Context(), here, "ben", true); n != 0 || err != nil {
		t.Errorf("a second time: %d, %v", n, err)
	}
	if n, err := b.RevokeSessions(t.Context(), here, "ben", false); n != 1 || err != nil || !b.heard.has("session:"+here.Session) {
		t.Errorf("here too: %d, %v", n, err)
	}
	if n, err := b.RevokeSessions(t.Context(), b.who(t, "ada"), "vera", true); n != 1 || err != nil {
		t.Errorf("by an admin: %d, %v", n, err)
	}
	_, err = s.Who(t.Context(), dbtest.Tenant, veras)
	wantKind(t, "vera's", err, fault.Unauthorized)
	entries, _, err := b.Audit(t.Context(), b.admin, user.AuditFilter{Action: "session.revoke-all"}, "", 10)
	must(t, err)
	if len(entries) != 3 {
		t.Errorf("%d lines in the log", len(entries))
	}
}

// An operator who acts in a tenant looks after their own devices and tokens there, which are kept above it.
func TestOperatorsKeepTheirOwnFromWithinATenant(t *testing.T) {
	t.Parallel()
	b := withOlga(t)
	secret, olga, err := b.Sessions().Begin(t.Context(), b.olga(t, dbtest.Tenant), user.Begin{How: user.HowLink})
	must(t, err)
	all, err := b.ListSessions(t.Context(), olga, olga.User)
	must(t, err)
	if len(all) != 1 || !all[0].Current {
		t.Errorf("sessions: %+v", all)
	}
	made, token, err := b.CreateToken(t.Context(), olga, olga.User, nil, 0)
	must(t, err)
	if who, err := b.WhoByToken(t.Context(), dbtest.Tenant, token); err != nil || who.User != olga.User {
		t.Errorf("%+v, %v", who, err)
	}
	tokens, err := b.ListTokens(t.Context(), olga, olga.User)
	must(t, err)
	if len(tokens) != 1 {
		t.Errorf("tokens: %+v", tokens)
	}
	must(t, b.RevokeToken(t.Context(), olga, made.ID))
	must(t, b.SetPassword(t.Context(), olga, olga.User, "correct horse"))
	ada := b.who(t, "ada")
	if all, err := b.ListSessions(t.Context(), ada, olga.User); err != nil || len(all) != 0 {
		t.Errorf("a tenant's admin sees an operator's sessions: %+v, %v", all, err)
	}
	if n, err := b.RevokeSessions(t.Context(), ada, olga.User, false); err != nil || n != 0 {
		t.Errorf("a tenant's admin ends an operator's sessions: %d, %v", n, err)
	}
	must(t, b.RevokeSession(t.Context(), olga, olga.Session))
	_, err = b.Sessions().Who(t.Context(), dbtest.Tenant, secret)
	wantKind(t, "afterwards", err, fault.Unauthorized)
}

// A node that ends half way leaves a session with its line in the log or none at all, and the old one as it was.
func TestASessionBeginsWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.Sessions()
	old, _ := b.begin(t, s, "ben", "")
	launched, _, err := s.Begin(t.Context(), b.who(t, "vera"), user.Begin{How: user.HowLTI, Source: "lti:moodle", Agent: "Firefox"})
	must(t, err)
	must(t, b.DB.System(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `alter table "t_`+string(dbtest.Tenant)+`".audit_log add constraint fall check (action <> 'sign-in') not valid`)
		return err
	}))
	if _, _, err := s.Begin(t.Context(), b.who(t, "ben"), user.Begin{How: user.HowPassword, Old: old}); err == nil {
		t.Error("a session began without its line")
	}
	if _, _, err := s.Begin(t.Context(), b.who(t, "vera"), user.Begin{How: user.HowLTI, Source: "lti:moodle", Old: launched, Launch: "x", Agent: "Chrome"}); err == nil {
		t.Error("a session went on without its line")
	}
	for name, secret := range map[string]string{"ben": old, "vera": launched} {
		who, err := s.Who(t.Context(), dbtest.Tenant, secret)
		must(t, err)
		all, err := b.ListSessions(t.Context(), b.admin, name)
		must(t, err)
		if len(all) != 1 || all[0].ID != who.Session || who.Launch != "" || all[0].Agent == "Chrome" {
			t.Errorf("%s has %+v", name, all)
		}
	}
}
