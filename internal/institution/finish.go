package institution

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/jackc/pgx/v5"
	"golang.org/x/oauth2"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Answer is what a browser brings back from a provider.
type Answer struct {
	State, Code, Issuer string
	Error, Description  string // the provider's refusal, instead of a code (RFC 6749, 4.1.2.1)
	Browser             string // Login.Browser, from the cookie
}

// Finish finds who somebody is whom a provider sent back, made now if the provider vouches for them for the first time, with
// the roles of their groups. Every failure is a fault with words for the person; those of a sign-in that began here stand
// in the audit log too.
func (s *Store) Finish(ctx context.Context, t tenant.ID, id ProviderID, origin string, a Answer) (who user.Who, next string, err error) {
	p, sealed, err := s.find(ctx, t, id)
	if err != nil {
		return user.Who{}, "", err
	}
	login, err := s.use(ctx, t, p, a)
	if err != nil {
		return user.Who{}, "", err
	}
	secret, err := s.open(t, id, sealed)
	if err != nil {
		return user.Who{}, "", err
	}
	e, err := s.ask(ctx, t, p, secret, origin, a, login)
	if err == nil {
		who, err = s.enter(ctx, t, e)
	}
	if f := fault.As(err); f != nil {
		s.refused(ctx, t, p, f, e.Subject)
	}
	return who, login.next, err
}

func (s *Store) enter(ctx context.Context, t tenant.ID, e user.External) (who user.Who, err error) {
	var tell func(*user.Store)
	err = s.DB.Tx(ctx, t, func(tx pgx.Tx) (err error) { who, tell, err = user.EnterTx(ctx, tx, t, e); return err })
	if err == nil && tell != nil {
		tell(s.Users)
	}
	return who, err
}

// refused writes down a sign-in that began here and failed.
func (s *Store) refused(ctx context.Context, t tenant.ID, p Provider, f *fault.Error, subject string) {
	detail := map[string]any{"source": source(p.ID), "reason": f.Error()}
	if subject != "" {
		detail["sub"] = subject
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchLimit)
	defer cancel()
	err := s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		return user.AuditTx(ctx, tx, user.Anonymous(t), "sign-in.refused", string(p.ID), detail)
	})
	if err != nil {
		slog.WarnContext(ctx, "a refused sign-in was not written down", "tenant", t, "provider", p.ID, "err", err)
	}
}

// ask changes the code for what the provider says about the person, all of it checked.
func (s *Store) ask(ctx context.Context, t tenant.ID, p Provider, secret, origin string, a Answer, l pending) (user.External, error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, s.http()), askLimit)
	defer cancel()
	d, err := s.discover(ctx, t, p.Name, p.Issuer)
	if err != nil {
		return user.External{}, err
	}
	if err := answered(p, d, a); err != nil {
		return user.External{}, err
	}
	token, err := d.exchange(ctx, d.oauth(p, secret, p.Redirect(origin)), a.Code, l.verifier)
	if err != nil {
		return user.External{}, p.exchangeFault(err)
	}
	subject, says, err := d.read(ctx, p, token, l.nonce)
	if err != nil {
		return user.External{Subject: subject}, err
	}
	if !p.complete(says) && d.says.UserInfo != "" {
		more, err := d.userInfo(ctx, p, token, subject)
		if err != nil {
			return user.External{Subject: subject}, err
		}
		says.under(more)
	}
	return p.external(subject, says), nil
}

// answered reads the front door: the issuer that speaks (RFC 9207), and its refusal.
func answered(p Provider, d *discovery, a Answer) error {
	switch {
	case a.Issuer != "" && a.Issuer != p.Issuer, a.Issuer == "" && d.says.SaysIssuer:
		return mistrust(p, "iss", errors.New("the answer names the issuer "+a.Issuer))
	case a.Error == "access_denied":
		return fault.Newf(fault.Forbidden, "error.oidc-denied", "%s did not let you in, or you stopped there.", p.Name).With(map[string]any{"Name": p.Name}).WithCause(errors.New(short(a.Description)))
	case a.Error != "":
		return fault.Newf(fault.Forbidden, "error.oidc-refused", "%s did not sign you in. It says: %s", p.Name, short(a.Error+" "+a.Description)).
			With(map[string]any{"Name": p.Name, "Words": short(a.Error + " " + a.Description)})
	case a.Code == "":
		return mistrust(p, "code", errors.New("the answer has no code"))
	}
	return nil
}

// short is text of somebody else as far as it is shown.
func short(words string) string {
	runes := []rune(words)
	return string(runes[:min(len(runes), 300)])
}

// exchangeFault tells why a code brought no token.
func (p Provider) exchangeFault(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response != nil && refused.Response.StatusCode >= 500 {
		return unreachable(p.Name, err)
	}
	switch refused.ErrorCode {
	case "invalid_client", "unauthorized_client":
		return fault.Newf(fault.Unavailable, "error.oidc-client", "%s does not take the client secret that is kept here. Whoever manages this institution has to enter it again, in the settings of sign-in.", p.Name).
			With(map[string]any{"Name": p.Name}).WithCause(err)
	case "invalid_grant":
		return fault.Newf(fault.Malformed, "error.oidc-grant", "%s does not know this sign-in any more. Begin again.", p.Name).With(map[string]any{"Name": p.Name}).WithCause(err)
	}
	return unreachable(p.Name, err)
}

// external is the person as our accounts take them.
func (p Provider) external(subject string, says claims) user.External {
	roles, rank := p.given(says.texts(p.GroupClaim))
	return user.External{
		Source: source(p.ID), Subject: subject, Name: userName(says.text(p.NameClaim)), DisplayName: says.display(),
		Memberships: []user.Membership{{Title: p.Name, Roles: roles, Rank: rank, Until: time.Now().Add(user.SessionLife)}},
	}
}
