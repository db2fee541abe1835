package lti

import (
	"context"
	"slices"
	"time"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

// How far the clocks of a platform and ours may be apart, and how old a token may be.
const (
	skew     = 60 * time.Second
	tokenAge = time.Hour
)

// version13 is the only version that launches by LTI 1.3 name.
const version13 = "1.3.0"

// Check verifies a launch by LTI 1.3 whole (LTI 1.3, 5.1.3; the security framework, 5.1.3) and changes nothing. origin is the tenant's own. A fault
// says what is wrong, in words for whoever runs the platform; with it comes what is known for sure of the login and of the launch.
// Who asks has still to be bound to the browser (Pending.Bound), and to enter.
func (s *Store) Check(ctx context.Context, t tenant.ID, origin, idToken, state string) (Launch, Pending, error) {
	if idToken == "" || state == "" {
		return Launch{}, Pending{}, fault.Newf(fault.Malformed, "lti.launch-incomplete", "The learning platform sent no id_token, or no state. Set %s/lti/login as the tool's login URL there, and %s/lti/launch as its redirect URL.", origin, origin).
			With(map[string]any{"Origin": origin})
	}
	tok, err := parseToken(idToken)
	if err != nil {
		return Launch{}, Pending{}, err
	}
	p, platforms, err := s.pending(ctx, t, state)
	if err != nil {
		return Launch{}, p, err
	}
	c, err := s.verified(ctx, tok, platforms)
	if err != nil {
		return Launch{}, p, err
	}
	l := Launch{Message: c.Message, Subject: line(c.Subject, mostSubject), Context: line(c.Context, mostID)}
	if err := c.checkTimes(s.now()); err != nil {
		return l, p, err
	}
	if c.Nonce == "" || c.Nonce != p.nonce {
		return l, p, fault.New(fault.Forbidden, "lti.nonce", "The launch does not answer the sign-in that began here (its nonce is another). Go back to the course and open the link again.")
	}
	if l.Platform, err = deployed(platforms, c.Deployment); err != nil {
		return l, p, err
	}
	p.Platform, l.deployment = l.Platform.ID, c.Deployment
	s.frames.learn(t, l.Platform)
	return l, p, c.fill(&l, origin, p.Request.Target)
}

// verified gives a token's claims, when the platform of the login signed it for us. What a token says of itself is looked at first only
// to tell a wrong registration from a wrong signature, and for the keys of its deployment.
func (s *Store) verified(ctx context.Context, tok token, platforms []Platform) (claims, error) {
	c, err := tok.unsigned()
	if err != nil {
		return c, err
	}
	p := platforms[0]
	if err := c.checkParties(p); err != nil {
		return c, err
	}
	if own, err := deployed(platforms, c.Deployment); err == nil {
		p = own
	}
	key, err := s.platformKey(ctx, p.JWKSURL, tok.kid)
	if err != nil {
		return c, err
	}
	return tok.verify(key)
}

// checkParties compares who wrote to whom with the registration.
func (c claims) checkParties(p Platform) error {
	switch {
	case c.Issuer != p.Issuer:
		return fault.Newf(fault.Forbidden, "lti.issuer", "The launch comes from the issuer %q, but the sign-in began for %s. Compare the issuer with the one that is registered here.", shown(c.Issuer), p.Issuer).
			With(map[string]any{"Got": shown(c.Issuer), "Want": p.Issuer})
	case !slices.Contains(c.Audience, p.ClientID):
		return fault.Newf(fault.Forbidden, "lti.audience", "The launch is for another tool: its audience (aud) is not our client id %s. Compare the client id with the one that is registered here.", p.ClientID).
			With(map[string]any{"Want": p.ClientID})
	case len(c.Audience) > 1 && c.Party == "", c.Party != "" && c.Party != p.ClientID:
		return fault.Newf(fault.Forbidden, "lti.party", "The launch was made out to another party: its azp has to be our client id %s where there are several audiences. Tell whoever runs the learning platform.", p.ClientID).
			With(map[string]any{"Want": p.ClientID})
	}
	return nil
}

// checkTimes compares a token's times with our clock.
func (c claims) checkTimes(now time.Time) error {
	switch {
	case !c.HasExpires || !c.HasIssued:
		return fault.New(fault.Malformed, "lti.times", "The learning platform's token does not say when it was made and when it ends (iat, exp). Tell whoever runs the learning platform.")
	case now.Sub(c.Expires) >= skew:
		return fault.New(fault.Forbidden, "lti.expired", "The launch has ended: its token is too old. Open the link in the course again. If that does not help, the learning platform's clock or ours is wrong.")
	case now.Sub(c.Issued) > tokenAge+skew:
		return fault.New(fault.Forbidden, "lti.issued-long-ago", "The launch was made more than an hour ago. Open the link in the course again. If that does not help, the learning platform's clock or ours is wrong.")
	case c.Issued.Sub(now) > skew, c.HasNotBefore && c.NotBefore.Sub(now) > skew:
		return fault.New(fault.Forbidden, "lti.issued-ahead", "The launch was made in the future: the learning platform's clock or ours is wrong by more than a minute.")
	}
	return nil
}

// deployed finds the registration of a deployment: its own, else one that has no deployment yet and gets this one.
func deployed(platforms []Platform, deployment string) (Platform, error) {
	if !identifier(deployment, mostID) {
		return platforms[0], fault.New(fault.Malformed, "lti.deployment-missing", "The learning platform does not say which of its deployments of this tool this is (deployment_id). Tell whoever runs the learning platform.")
	}
	for _, want := range []string{deployment, ""} {
		for _, p := range platforms {
			if p.Deployment != want {
				continue
			}
			if p.Status != Active {
				return p, waiting(p)
			}
			return p, nil
		}
	}
	return platforms[0], fault.Newf(fault.Forbidden, "lti.deployment", "The learning platform's deployment %s is not registered here. An administrator can add it, with the same issuer and client.", shown(deployment)).
		With(map[string]any{"Deployment": shown(deployment)})
}
