package user_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

func (b bundle) begin(t *testing.T, s *user.Sessions, name, old string) (string, user.Who) {
	t.Helper()
	secret, who, err := s.Begin(t.Context(), b.who(t, name), user.Begin{Old: old, How: "test"})
	must(t, err)
	return secret, who
}

func (b bundle) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	must(t, b.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	}))
}

func TestASessionKnowsItsPerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.Sessions()
	secret, begun := b.begin(t, s, "ben", "")
	who, err := s.Who(t.Context(), dbtest.Tenant, secret)
	must(t, err)
	if who.User != "ben" || who.Session != begun.Session || len(who.Session) != 64 {
		t.Errorf("got %+v", who)
	}
	if _, err := b.Again(t.Context(), who); err != nil {
		t.Errorf("again: %v", err)
	}
	_, err = s.Who(t.Context(), dbtest.Tenant, "made-up")
	wantKind(t, "made up", err, fault.Unauthorized)
	must(t, b.DB.Create(t.Context(), "other", "Other", "", nil))
	_, err = s.Who(t.Context(), "other", secret)
	wantKind(t, "another tenant", err, fault.Unauthorized)
}

func TestSecretsAreKeptAsHashes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	session, _ := b.begin(t, b.Sessions(), "ben", "")
	_, token, err := b.CreateToken(t.Context(), b.admin, "ben", nil, 0)
	must(t, err)
	link, _, err := b.CreateLink(t.Context(), b.admin, "ben")
	must(t, err)
	must(t, b.SetPassword(t.Context(), b.admin, "ben", "correct horse"))
	must(t, b.DB.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		for _, table := range []string{"session", "token", "sign_in_link", "person", "audit_log"} {
			rows, err := tx.Query(t.Context(), "select x::text from "+table+" x")
			if err != nil {
				return err
			}
			all, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return err
			}
			text := strings.Join(all, "\n")
			for _, secret := range []string{session, token, link, "correct horse"} {
				if strings.Contains(text, secret) || strings.Contains(text, bytesHex(secret)) {
					t.Errorf("%s holds a secret", table)
				}
			}
		}
		return nil
	}))
}

func bytesHex(s string) string {
	var b bytes.Buffer
	for _, c := range []byte(s) {
		b.WriteString("0123456789abcdef"[c>>4:][:1])
		b.WriteString("0123456789abcdef"[c&15:][:1])
	}
	return b.String()
}

func TestALateRequestDoesNotBringASessionBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.Sessions()
	secret, who := b.begin(t, s, "ben", "")
	// Due to be written down at its next use.
	b.exec(t, "update session set expires_at = expires_at - interval '1 hour'")
	// The request in flight has read the session; the sign-out's row lock makes its write wait, and lose.
	late := make(chan error, 1)
	must(t, b.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), "update session set revoked_at = now()"); err != nil {
			return err
		}
		go func() { _, err := s.Who(t.Context(), dbtest.Tenant, secret); late <- err }()
		return b.waitForLock(t)
	}))
	wantKind(t, "the late request", <-late, fault.Unauthorized)
	_, err := s.Who(t.Context(), dbtest.Tenant, secret)
	wantKind(t, "the next request", err, fault.Unauthorized)
	_, err = b.Again(t.Context(), who)
	wantKind(t, "a socket that asks again", err, fault.Unauthorized)
}

// waitForLock returns when some query waits for a lock.
func (b bundle) waitForLock(t *testing.T) error {
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		var waits bool
		err := b.DB.Pool.QueryRow(t.Context(), "select exists (select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')").Scan(&waits)
		if err != nil || waits {
			return err
		}
	}
	t.Error("nobody waited for the lock")
	return nil
}

func TestManyRequestsAndASignOutAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.Sessions()
	secret, who := b.begin(t, s, "ben", "")
	b.exec(t, "update session set expires_at = expires_at - interval '1 hour'")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { _, _ = s.Who(t.Context(), dbtest.Tenant, secret) })
	}
	must(t, s.End(t.Context(), dbtest.Tenant, secret))
	group.Wait()
	_, err := s.Who(t.Context(), dbtest.Tenant, secret)
	wantKind(t, "afterwards", err, fault.Unauthorized)
	if !b.heard.has("session:" + who.Session) {
		t.Error("sockets were not told")
	}
}

func TestSigningInAgainEndsTheOldSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.Sessions()
	old, _ := b.begin(t, s, "vera", "")
	secret, _ := b.begin(t, s, "ben", old)
	if secret == old {
		t.Error("the secret stayed the same")
	}
	_, err := s.Who(t.Context(), dbtest.Tenant, old)
	wantKind(t, "the old one", err, fault.Unauthorized)
	planted, _ := b.begin(t, s, "ben", "planted-by-somebody")
	if planted == "planted-by-somebody" {
		t.Error("a planted secret became a session")
	}
}

func TestSessionsEndByTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.Sessions()
	secret, _ := b.begin(t, s, "ben", "")
	left := func() (d time.Duration) {
		all, err := b.ListSessions(t.Context(), b.admin, "ben")
		must(t, err)
		if len(all) == 1 {
			d = time.Until(all[0].Expires)
		}
		return d
	}
	if d := left(); d > user.SessionIdle || d < user.SessionIdle-time.Minute {
		t.Errorf("a new session ends in %v", d)
	}
	b.exec(t, "update session set expires_at = now() + interval '11 hours 58 minutes'")
	_, err := s.Who(t.Context(), dbtest.Tenant, secret)
	must(t, err)
	if d := left(); d > user.SessionIdle-time.Minute {
		t.Errorf("a use two minutes later was written down: %v", d)
	}
	b.exec(t, "update session set expires_at = now() + interval '1 hour'")
	_, err = s.Who(t.Context(), dbtest.Tenant, secret)
	must(t, err)
	if d := left(); d < user.SessionIdle-time.Minute {
		t.Errorf("a use hours later was not written down: %v", d)
	}
	// Six days and twenty hours old: four hours are left, used or not.
	b.exec(t, `update session set expires_at = now() + interval '1 hour',
		data = convert_to(jsonb_set(convert_from(data, 'utf8')::jsonb, '{deadline}', to_jsonb(now() + interval '4 hours'))::text, 'utf8')`)
	_, err = s.Who(t.Context(), dbtest.Tenant, secret)
	must(t, err)
	if d := left(); d < 3*time.Hour || d > 4*time.Hour {
		t.Errorf("the end of all use was moved: %v", d)
	}
	b.exec(t, "update session set expires_at = now() - interval '1 second'")
	_, err = s.Who(t.Context(), dbtest.Tenant, secret)
	wantKind(t, "after its end", err, fault.Unauthorized)
}

func TestDisabledPeopleAreOutAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.Sessions()
	must(t, b.SetPassword(t.Context(), b.admin, "ben", "correct horse"))
	secret, who := b.begin(t, s, "ben", "")
	_, token, err := b.CreateToken(t.Context(), b.admin, "ben", nil, 0)
	must(t, err)
	link, _, err := b.CreateLink(t.Context(), b.admin, "ben")
	must(t, err)
	byToken, err := b.WhoByToken(t.Context(), dbtest.Tenant, token)
	must(t, err)
	must(t, b.Disable(t.Context(), b.admin, "ben"))
	_, err = s.Who(t.Context(), dbtest.Tenant, secret)
	wantKind(t, "session", err, fault.Unauthorized)
	_, err = b.WhoByToken(t.Context(), dbtest.Tenant, token)
	wantKind(t, "token", err, fault.Unauthorized)
	_, err = b.WhoByLink(t.Context(), dbtest.Tenant, link)
	wantKind(t, "link", err, fault.Unauthorized)
	_, err = b.CheckPassword(t.Context(), dbtest.Tenant, "ben", "correct horse", address)
	wantKind(t, "password", err, fault.Unauthorized)
	_, err = b.Again(t.Context(), byToken)
	wantKind(t, "a socket with the token", err, fault.Unauthorized)
	for _, w := range []user.Who{who, byToken} {
		if !b.heard.has("session:" + w.Session) {
			t.Error("what lives on a session or token was not told")
		}
	}
	must(t, b.Enable(t.Context(), b.admin, "ben"))
	_, err = s.Who(t.Context(), dbtest.Tenant, secret)
	wantKind(t, "the old session of somebody enabled again", err, fault.Unauthorized)
}

func TestSessionsAreOnesOwnToEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.Sessions()
	_, ben := b.begin(t, s, "ben", "")
	_, vera := b.begin(t, s, "vera", "")
	wantKind(t, "another's", b.RevokeSession(t.Context(), vera, ben.Session), fault.NotFound)
	_, err := b.ListSessions(t.Context(), vera, "ben")
	wantKind(t, "another's list", err, fault.Forbidden)
	must(t, b.RevokeSession(t.Context(), ben, ben.Session))
	must(t, b.RevokeSession(t.Context(), b.who(t, "ada"), vera.Session))
	_, err = b.Again(t.Context(), vera)
	wantKind(t, "ended by an admin", err, fault.Unauthorized)
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.Sessions()
	_, here := b.begin(t, s, "ben", "")
	_, there := b.begin(t, s, "ben", "")
	must(t, b.SetPassword(t.Context(), here, "ben", "correct horse"))
	if _, err := b.Again(t.Context(), here); err != nil {
		t.Errorf("the one that changed it: %v", err)
	}
	_, err := b.Again(t.Context(), there)
	wantKind(t, "the other one", err, fault.Unauthorized)
}

func TestSweepKeepsTombstonesOfLivingSessions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.Sessions()
	secret, _ := b.begin(t, s, "ben", "")
	b.begin(t, s, "vera", "")
	must(t, s.End(t.Context(), dbtest.Tenant, secret))
	b.exec(t, "update session set expires_at = now() - interval '9 days' where user_name = 'vera'")
	must(t, b.Sweep(t.Context(), dbtest.Tenant))
	var left []string
	must(t, b.DB.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), "select user_name from session")
		if err != nil {
			return err
		}
		left, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}))
	if len(left) != 1 || left[0] != "ben" {
		t.Errorf("left: %v", left)
	}
}

func TestSweepRemovesWhatEnded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, key := range []string{"old", "new"} {
		_, _, err := b.CreateToken(t.Context(), b.admin, "ben", nil, time.Hour)
		must(t, err)
		_, _, err = b.CreateLink(t.Context(), b.admin, "ben")
		must(t, err)
		b.exec(t, "insert into idempotency (user_name, key, route, body_hash) values ('ben', $1, 'POST /', '')", key)
		if key == "old" {
			b.exec(t, "update idempotency set created = created - interval '25 hours'")
			b.exec(t, "update token set expires_at = expires_at - interval '40 days'")
			b.exec(t, "update sign_in_link set expires_at = expires_at - interval '25 hours'")
		}
	}
	must(t, b.Sweep(t.Context(), dbtest.Tenant))
	for _, table := range []string{"idempotency", "token", "sign_in_link"} {
		var left int
		must(t, b.DB.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), "select count(*) from "+table).Scan(&left)
		}))
		if left != 1 {
			t.Errorf("%d rows are left in %s, want 1", left, table)
		}
	}
}

func TestSweepRemovesWhatEndedOfOtherWaysIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.launch(t, "living", "ben", "")
	b.launch(t, "ended", "ben", "")
	b.exec(t, "update lti_launch set expires_at = now() - interval '1 second' where id = 'ended'")
	b.exec(t, "insert into sign_in_provider (id, name, issuer, client_id, created_by) values ('uni', 'Uni', 'https://uni.example', 'x', 'ada')")
	for id, left := range map[string]string{"living": "1 minute", "ended": "-1 second"} {
		b.exec(t, `insert into lti_login (state, platform_id, nonce, browser, target, expires_at) values ($1::text::bytea, 'moodle', $1, '', '/', now() + $2::text::interval)`, id, left)
		b.exec(t, "insert into lti_nonce (platform_id, nonce, expires_at) values ('moodle', $1::text::bytea, now() + $2::text::interval)", id, left)
		b.exec(t, "insert into lti_window (ticket, launch_id, target, expires_at) values ($1::text::bytea, 'living', '/', now() + $2::text::interval)", id, left)
		b.exec(t, "insert into oidc_login (state, provider_id, nonce, verifier, browser, next, expires_at) values ($1::text::bytea, 'uni', '', '', '', '/', now() + $2::text::interval)", id, left)
		b.exec(t, "insert into membership (user_name, source, context, until) values ('ben', 'lti:moodle', $1, now() - interval '7 days' + $2::text::interval)", id, left)
	}
	must(t, b.Sweep(t.Context(), dbtest.Tenant))
	must(t, b.Sweep(t.Context(), tenant.Operators))
	for _, table := range []string{"lti_login", "lti_nonce", "lti_window", "lti_launch", "oidc_login", "membership"} {
		var left []string
		must(t, b.DB.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
			rows, err := tx.Query(t.Context(), "select x::text from "+table+" x")
			if err == nil {
				left, err = pgx.CollectRows(rows, pgx.RowTo[string])
			}
			return err
		}))
		if len(left) != 1 {
			t.Errorf("%s: left %q", table, left)
		}
	}
}
