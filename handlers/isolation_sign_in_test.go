package handlers

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"testing"

	"cutroom/internal/institution"
	"cutroom/internal/lti"
	"cutroom/internal/seal"
)

// signInFurniture is of the ways in beside a password. What everybody at the house's address may see of it holds no mark: the
// platform and the provider that both houses have ("shared") are the same in both, those of its own wait or are off.
const signInFurniture = `
	update session set how = 'how MARK', source = 'lti:MARK', agent = 'agent MARK', address = 'at MARK';
	insert into lti_platform (id, version, status, name, issuer, client_id, deployment, auth_url, token_url, jwks_url, role_prefix, role_map, frame_origins, created_by, approved_at, approved_by) values
	  ('shared', '1.3', 'active', 'Campus', 'https://campus.example', 'client', '1', 'https://campus.example/auth', 'https://campus.example/token', 'https://campus.example/keys', '', '{"Boss": ["ROLEMARK"]}', '{}', 'ada MARK', now(), 'ada MARK'),
	  ('OWN', '1.3', 'waiting', 'Campus MARK', 'https://MARK.example', 'client MARK', 'MARK', 'https://MARK.example/auth', 'https://MARK.example/token', 'https://MARK.example/keys', 'MARK', '{"MARK": ["MARK"]}', '{https://frame-MARK.example}', 'ada MARK', null, null);
	insert into lti_platform (id, version, status, name, consumer_key, sealed_secret, role_prefix, created_by, approved_at, approved_by) values
	  ('old-shared', '1.1', 'active', 'Old campus', 'key', '\x00', 'OLD', 'ada MARK', now(), 'ada MARK'), ('old-OWN', '1.1', 'active', 'Old campus MARK', 'key MARK', '\x00', 'OLDMARK', 'ada MARK', now(), 'ada MARK');
	insert into lti_key (kid, sealed, public, created, signs, until) values ('kid-MARK', '\x00', '{"kty": "RSA", "kid": "kid-MARK"}', now() - interval '1 year', now() - interval '1 year', now() - interval '1 month');
	insert into lti_login (state, platform_id, nonce, browser, target, hints, expires_at) values
	  (sha256('SAMESTATE'), 'shared', 'same nonce', sha256('same browser'), '/events/shared/edit?x=MARK', '{"login_hint": "MARK"}', now() + interval '1 day'),
	  (sha256('ITSSTATE'), 'OWN', 'nonce MARK', sha256('browser MARK'), '/events/OWN/edit?x=MARK', '{"login_hint": "MARK"}', now() + interval '1 day');
	insert into lti_nonce (platform_id, nonce, expires_at) values ('old-shared', sha256('same nonce'), now() + interval '1 day'), ('old-OWN', sha256('nonce MARK'), now() + interval '1 day');
	insert into lti_registration (ticket, expires_at) values (sha256('same ticket'), now() + interval '1 day'), (sha256('ticket MARK'), now() + interval '1 day');
	insert into lti_course (platform_id, context, title, roles, members_url, synced_at) select id, context, 'Course MARK', '{MARK_Instructor}', 'https://MARK.example/members', now()
	  from unnest(array['shared', 'OWN']) id, unnest(array['same course', 'course MARK']) context;
	insert into lti_launch (id, platform_id, user_name, context, title, roles, return_url, locale, deep_link, expires_at)
	  select 'launch-' || id, id, 'ada', 'course MARK', 'Course MARK', '{MARK_Instructor}', 'https://MARK.example/back', 'de-MARK',
	    '{"returnUrl": "https://MARK.example/links", "types": ["ltiResourceLink"], "multiple": true, "data": "MARK", "targets": ["iframe"], "title": "MARK"}', now() + interval '1 day' from unnest(array['shared', 'OWN']) id;
	insert into lti_window (ticket, launch_id, target, expires_at) values (sha256('same ticket'), 'launch-shared', '/events/shared/edit?x=MARK', now() + interval '1 day'), (sha256('ITSTICKET'), 'launch-OWN', '/events/OWN/edit?x=MARK', now() + interval '1 day');
	insert into identity (source, subject, user_name) values ('lti:shared', 'same subject', 'ben'), ('lti:MARK', 'MARK', 'OWN'), ('oidc:shared', 'same subject', 'ben');
	insert into membership (user_name, source, context, title, roles, rank, until) values
	  ('ben', 'lti:shared', 'same course', 'Course MARK', '{ROLEMARK,same_Instructor}', 'editor', now() + interval '1 day'), ('OWN', 'lti:MARK', 'course MARK', 'Course MARK', '{MARK_Learner}', null, now() + interval '1 day');
	insert into sign_in_provider (id, name, issuer, client_id, sealed_secret, scopes, name_claim, group_claim, group_roles, active, created_by) values
	  ('shared', 'Campus account', 'https://campus.example', 'client', '\x00', '{email}', 'preferred_username', 'groups', '{"staff": ["ROLEMARK"]}', true, 'ada MARK'),
	  ('OWN', 'Account MARK', 'https://MARK.example', 'client MARK', '\x00', '{MARK}', 'name MARK', 'groups MARK', '{"MARK": ["MARK"]}', false, 'ada MARK');
	insert into oidc_login (state, provider_id, nonce, verifier, browser, next, expires_at) values
	  (sha256('same state'), 'shared', 'same nonce', 'verifier MARK', sha256('same browser'), '/events/shared?x=MARK', now() + interval '1 day'),
	  (sha256('state MARK'), 'OWN', 'nonce MARK', 'verifier MARK', sha256('browser MARK'), '/events/OWN?x=MARK', now() + interval '1 day');`

// nowhere answers no request: platforms and providers of these tests are not there.
type nowhere struct{}

func (nowhere) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, errors.New(r.URL.Host + " is not there")
}

// fillSignIn gives a server the stores of platforms and providers.
func fillSignIn(t *testing.T, s *Server) {
	t.Helper()
	key, err := seal.New(s.Config.Secret)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: nowhere{}}
	s.LTI = &lti.Store{DB: s.DB, Bus: s.Bus, Users: s.Users, Seal: key, HTTP: client}
	s.OIDC = &institution.Store{DB: s.DB, Bus: s.Bus, Users: s.Users, Seal: key, HTTP: client}
}

// sealSecrets puts secrets of the house in place of what stands in the furniture.
func (w *world) sealSecrets(t *testing.T, h *house) {
	t.Helper()
	for _, of := range []struct{ table, column, id string }{
		{"lti_platform", "sealed_secret", "old-shared"}, {"lti_platform", "sealed_secret", "old-" + h.own()}, {"sign_in_provider", "sealed_secret", "shared"}, {"sign_in_provider", "sealed_secret", h.own()},
	} {
		sealed := w.LTI.Seal.Seal(string(h.id)+"/"+of.table+"/"+of.id, []byte("secret "+h.mark))
		if _, err := w.DB.Pool.Exec(t.Context(), "update t_"+string(h.id)+"."+of.table+" set "+of.column+" = $1 where id = $2", sealed, of.id); err != nil {
			t.Fatal(err)
		}
	}
}

// loginState is a state of LTI logins of this name.
func loginState(of string) string {
	sum := sha256.Sum256([]byte(of))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// makeKeys makes the keys that a house signs with, which are made when somebody asks for them. Those that are over go then.
func (w *world) makeKeys(t *testing.T, h *house) {
	t.Helper()
	if _, err := w.LTI.JWKS(t.Context(), h.id); err != nil {
		t.Fatal(err)
	}
}

var courseCases = map[string]storeCase{
	"lti.Store.FindCourses": nothingOf(func(c *raid) (any, error) { return one(c.LTI.FindCourses(c.ctx, c.who, "course", 100)) }),
	"lti.Store.CourseRoles": nothingOf(func(c *raid) (any, error) { return one(c.LTI.CourseRoles(c.ctx, c.who, c.courseRoles())) }),
}

// courseRoles are roles that courses of both houses, or of the other, would give.
func (c *raid) courseRoles() []string {
	return []string{"same%20course_Instructor", "course%20" + c.them.mark + "_Instructor", c.them.mark + "course%20" + c.them.mark + "_Learner"}
}
