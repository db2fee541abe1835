package lti

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/seal"
	"cutroom/internal/tenant"
)

// LoginLife is how long a login waits for its launch.
const LoginLife = 10 * time.Minute

// Login is a login that began: the browser keeps Browser in the cookie that CookieName names, or in the platform's storage, and goes to
// AuthURL. The database has hashes alone.
type Login struct {
	State         string
	Browser       string // secret that binds the launch to this browser
	AuthURL       string // the platform's, complete
	Storage       string // frame that takes platform storage messages; "": the platform has none
	StorageOrigin string // origin that such messages go to
}

// cookieSigns are the signs of a state in its cookie's name.
const cookieSigns = 8

// CookieName is where the browser's secret of a login is kept; "" for what is no state of ours.
func CookieName(state string) string {
	if raw, err := base64.RawURLEncoding.DecodeString(state); err != nil || len(raw) != sha256.Size {
		return ""
	}
	return "__Host-lti-" + state[:cookieSigns]
}

// Login begins a login by LTI 1.3: it checks that the platform is registered and active and that the target link is inside of origin, the
// tenant's own, and writes down what the launch will be compared with.
func (s *Store) Login(ctx context.Context, t tenant.ID, origin string, r LoginRequest) (Login, error) {
	if err := r.check(origin); err != nil {
		return Login{}, err
	}
	l := Login{State: random(), Browser: random(), Storage: r.Storage}
	nonce := random()
	err := s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		p, err := loginPlatformTx(ctx, tx, r)
		if err != nil {
			return err
		}
		if !s.logins.take(string(t)+"/"+string(p.ID), s.now()) {
			return fault.New(fault.Limited, "lti.busy", "Too many people come from this learning platform at once. Wait a moment, then open the link again.")
		}
		s.frames.learn(t, p)
		l.AuthURL, l.StorageOrigin = authURL(p, r, origin, l.State, nonce), Origin(p.AuthURL)
		_, err = tx.Exec(ctx, `insert into lti_login (state, platform_id, nonce, browser, target, hints, expires_at) values ($1, $2, $3, $4, $5, $6, now() + $7::interval)`,
			hashOf(l.State), string(p.ID), nonce, hashOf(l.Browser), r.Target, r, LoginLife)
		return err
	})
	if err != nil {
		return Login{}, removed(err)
	}
	return l, nil
}

// loginPlatformTx finds the registration that a login begins for. The deployment is known for sure from the launch alone.
func loginPlatformTx(ctx context.Context, tx pgx.Tx, r LoginRequest) (Platform, error) {
	rows, err := tx.Query(ctx, "select "+platformColumns+` from lti_platform where version = '1.3' and issuer = $1 and ($2 = '' or client_id = $2)
		order by status = 'active' desc, coalesce(deployment, '') = $3 desc, created, id limit 100`, r.Issuer, r.ClientID, r.Deployment)
	if err != nil {
		return Platform{}, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Platform])
	if err != nil {
		return Platform{}, err
	}
	switch {
	case len(found) == 0:
		return Platform{}, unknown(r)
	case found[0].Status != Active:
		return Platform{}, waiting(found[0])
	}
	for _, other := range found[1:] {
		if other.Status == Active && other.ClientID != found[0].ClientID && (r.Deployment == "" || found[0].Deployment != r.Deployment) {
			return Platform{}, fault.Newf(fault.Malformed, "lti.which-client", "Several clients of %s are registered here, and the learning platform does not say which one this is. It has to send client_id with its login.",
				shown(r.Issuer)).With(map[string]any{"Issuer": shown(r.Issuer)})
		}
	}
	return found[0], nil
}

func unknown(r LoginRequest) error {
	return fault.Newf(fault.Forbidden, "lti.unknown-platform", "No learning platform with the issuer %s and the client %q is registered here. An administrator can register it; if it is, compare both with what the platform tells, sign by sign.",
		shown(r.Issuer), shown(r.ClientID)).With(map[string]any{"Issuer": shown(r.Issuer), "Client": shown(r.ClientID)})
}

func waiting(p Platform) error {
	return fault.Newf(fault.Forbidden, "lti.waiting", "The learning platform %s waits to be approved. An administrator can do that in the settings, under learning platforms.", p.Name).
		With(map[string]any{"Name": p.Name})
}

// authURL is where the browser goes to tell the platform who asks (OpenID Connect 3.1.2.1; LTI 1.3, 5.1.1.2).
func authURL(p Platform, r LoginRequest, origin, state, nonce string) string {
	u, err := url.Parse(p.AuthURL)
	if err != nil {
		u = &url.URL{Path: p.AuthURL} // registrations are checked
	}
	q := u.Query()
	for name, value := range map[string]string{
		"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none", "client_id": p.ClientID,
		"redirect_uri": origin + "/lti/launch", "login_hint": r.LoginHint, "state": state, "nonce": nonce,
	} {
		q.Set(name, value)
	}
	if r.MessageHint != "" {
		q.Set("lti_message_hint", r.MessageHint)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// random is a secret of 256 random bits as addresses and cookies take it.
func random() string { return base64.RawURLEncoding.EncodeToString(seal.Random()) }

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
