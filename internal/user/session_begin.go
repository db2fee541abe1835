package user

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// Begin says how a session comes about, for the list of a person's devices.
type Begin struct {
	Old     string // secret of the session that the browser had before; it ends
	How     string // password, link, lti, oidc
	Source  string // lti:<platform>, oidc:<provider>; ""
	Agent   string // the browser's User-Agent
	Address string // of the browser
	Launch  string // id of the launch, which Who.Launch tells from then on; ""
}

// Begin signs a person in: a new secret, whatever the browser had before, which ends. It returns the secret for the cookie.
// A launch of the same person by the same platform goes on with the session instead, so that other tabs stay open.
// The session comes with its line in the log, or not at all; one whose cookie never arrives is nobody's, and ends by itself.
// An operator's session is kept above the tenants and good in each; the log says where it began.
func (s *Sessions) Begin(ctx context.Context, who Who, b Begin) (secret string, signedIn Who, err error) {
	begun := &begunSession{who: who, how: b}
	if begun.locale, err = s.store.launchLocale(ctx, who, b.Launch); err != nil {
		return "", Who{}, err
	}
	secret = b.Old
	renewed, err := s.renew(ctx, begun)
	if err == nil && !renewed {
		secret, err = s.replace(ctx, begun)
	}
	if err != nil {
		return "", Who{}, err
	}
	who.Session, who.Scopes, who.Launch, who.Locale = hex.EncodeToString(hashOf(secret)), nil, b.Launch, begun.locale
	return secret, who, nil
}

// replace makes a new session and ends the old one, in this order: a browser that gets no answer still has one that works.
func (s *Sessions) replace(ctx context.Context, begun *begunSession) (secret string, err error) {
	inside, scope := withSessionScope(ctx, begun.who.Home())
	scope.begun = begun
	if inside, err = s.manager.Load(inside, ""); err != nil {
		return "", err
	}
	for key, value := range begun.values() {
		s.manager.Put(inside, key, value)
	}
	if secret, _, err = s.manager.Commit(inside); err != nil {
		return "", err
	}
	return secret, s.End(ctx, begun.who.Tenant, begun.how.Old)
}

// renew goes on with the session that the browser has, if a launch of the same person by the same platform began it.
func (s *Sessions) renew(ctx context.Context, begun *begunSession) (renewed bool, err error) {
	b := begun.how
	if b.How != HowLTI || b.Old == "" {
		return false, nil
	}
	now := time.Now()
	data, err := sessionCodec{}.Encode(now.Add(SessionLife).UTC(), begun.values())
	if err != nil {
		return false, err
	}
	err = s.store.DB.Tx(ctx, begun.who.Home(), func(tx pgx.Tx) error {
		renewed, err = changed(tx.Exec(ctx, `update session set data = $2, expires_at = $3, agent = $4, address = $5, used_at = now()
			where hash = $1 and user_name = $6 and how = $7 and source = $8 and revoked_at is null and expires_at > now()`,
			hashOf(b.Old), data, now.Add(SessionIdle), plain(b.Agent, maxAgent), plain(b.Address, maxAddress), begun.who.Login(), b.How, b.Source))
		if err != nil || !renewed {
			return err
		}
		return begun.auditTx(ctx, tx)
	})
	return renewed, err
}

// The ways in, as sessions keep them.
const (
	HowPassword = "password"
	HowLink     = "link"
	HowLTI      = "lti"
	HowOIDC     = "oidc"
)

// How many bytes a session's row keeps of what a browser says about itself.
const (
	maxAgent   = 512
	maxAddress = 64
)

// begunSession is a session in the making.
type begunSession struct {
	who    Who
	how    Begin
	locale string
}

func (b *begunSession) values() map[string]any {
	values := map[string]any{"user": b.who.Login(), "tenant": string(b.who.Home())}
	if b.how.Launch != "" {
		values["launch"], values["locale"] = b.how.Launch, b.locale
	}
	return values
}

// insertTx writes the new session with its line in the log.
func (b *begunSession) insertTx(ctx context.Context, tx pgx.Tx, secret string, data []byte, expires time.Time) error {
	_, err := tx.Exec(ctx, "insert into session (hash, user_name, data, expires_at, how, source, agent, address) values ($1, $2, $3, $4, $5, $6, $7, $8)",
		hashOf(secret), b.who.Login(), data, expires, b.how.How, b.how.Source, plain(b.how.Agent, maxAgent), plain(b.how.Address, maxAddress))
	if err != nil {
		return err
	}
	return b.auditTx(ctx, tx)
}

func (b *begunSession) auditTx(ctx context.Context, tx pgx.Tx) error {
	detail := map[string]any{"how": b.how.How}
	if b.how.Source != "" {
		detail["source"] = b.how.Source
	}
	if b.who.Tenant != b.who.Home() {
		detail["tenant"] = b.who.Tenant
	}
	return AuditTx(ctx, tx, b.who, "sign-in", b.who.Login(), detail)
}

// launchLocale is the language that a launch asked for; "" when it named none.
func (s *Store) launchLocale(ctx context.Context, who Who, launch string) (locale string, err error) {
	if launch == "" {
		return "", nil
	}
	err = s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select coalesce(locale, '') from lti_launch where id = $1 and user_name = $2", launch, who.User).Scan(&locale)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return plain(locale, 64), err
}
