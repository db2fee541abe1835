package handlers

import (
	"errors"

	"github.com/go-jose/go-jose/v4"

	"cutroom/internal/fault"
	"cutroom/internal/institution"
	"cutroom/internal/lti"
)

func (c *raid) provider() institution.ProviderID { return institution.ProviderID(c.id) }

// providerCases: a sign-in that began next door is finished nowhere else, be its state and browser known.
var providerCases = map[string]storeCase{
	"institution.Store.List":   nothingOf(func(c *raid) (any, error) { return one(c.OIDC.List(c.ctx, c.who)) }),
	"institution.Store.Active": nothingOf(func(c *raid) (any, error) { return one(c.OIDC.Active(c.ctx, c.me.id)) }),
	"institution.Store.Find":   refused(func(c *raid) (any, error) { return one(c.OIDC.Find(c.ctx, c.who, c.provider())) }),
	"institution.Store.Add": nothingOf(func(c *raid) (any, error) {
		return one(c.OIDC.Add(c.ctx, c.who, institution.NewProvider{ID: "new-" + c.provider(), Name: "x", Issuer: "https://campus.example", ClientID: "another client"}))
	}),
	"institution.Store.Change": refused(func(c *raid) (any, error) {
		name := "x"
		return one(c.OIDC.Change(c.ctx, c.who, c.provider(), institution.Change{Name: &name}))
	}),
	"institution.Store.Remove": refused(func(c *raid) (any, error) { return done(c.OIDC.Remove(c.ctx, c.who, c.provider())) }),
	"institution.Store.Try": refused(func(c *raid) (any, error) {
		return one(c.OIDC.Try(c.ctx, c.who, institution.NewProvider{ID: c.provider(), Name: "x", Issuer: "https://campus.example", ClientID: "client"}, "http://"+c.me.host))
	}),
	"institution.Store.Start": refused(func(c *raid) (any, error) {
		return one(c.OIDC.Start(c.ctx, c.me.id, c.provider(), "http://"+c.me.host, "/events/"+c.id))
	}),
	"institution.Store.Finish": refused(func(c *raid) (any, error) {
		for _, state := range []string{"same state", "state " + c.them.mark} {
			for _, browser := range []string{"same browser", "browser " + c.them.mark} {
				for _, id := range []institution.ProviderID{"shared", c.provider()} {
					who, next, err := c.OIDC.Finish(c.ctx, c.me.id, id, "http://"+c.me.host, institution.Answer{State: state, Code: "code", Issuer: "https://campus.example", Browser: browser})
					if err == nil {
						return []any{who, next}, nil
					}
				}
			}
		}
		return nil, fault.Gone()
	}),
}

func (c *raid) platform() lti.PlatformID { return lti.PlatformID(c.id) }

// platformCases: platforms of both houses have the same ids, issuers and clients.
var platformCases = map[string]storeCase{
	"lti.Store.List": nothingOf(func(c *raid) (any, error) { return one(c.LTI.List(c.ctx, c.who)) }),
	"lti.Store.Find": refused(func(c *raid) (any, error) { return one(c.LTI.Find(c.ctx, c.who, c.platform())) }),
	"lti.Store.Add": nothingOf(func(c *raid) (any, error) {
		return page(c.LTI.Add(c.ctx, c.who, lti.NewPlatform{Name: "x", Issuer: "https://campus.example", ClientID: "new-" + c.id, Deployment: "1", AuthURL: "https://campus.example/auth", JWKSURL: "https://campus.example/keys", RolePrefix: "new-" + c.id}))
	}),
	"lti.Store.Change": refused(func(c *raid) (any, error) {
		name := "x"
		return one(c.LTI.Change(c.ctx, c.who, c.platform(), lti.Change{Name: &name}))
	}),
	"lti.Store.Approve": refused(func(c *raid) (any, error) { return one(c.LTI.Approve(c.ctx, c.who, c.platform(), "1")) }),
	"lti.Store.Remove":  refused(func(c *raid) (any, error) { return done(c.LTI.Remove(c.ctx, c.who, c.platform())) }),
	"lti.Store.Frames":  nothingOf(func(c *raid) (any, error) { return one(c.LTI.Frames(c.ctx, c.me.id)) }),
	"lti.Store.SigningKey": nothingOf(func(c *raid) (any, error) {
		mine, err := c.LTI.SigningKey(c.ctx, c.me.id)
		if err != nil {
			return nil, err
		}
		theirs, err := c.LTI.JWKS(c.ctx, c.them.id)
		if kid := mine.Key.(jose.JSONWebKey).KeyID; err == nil && len(theirs.Key(kid)) > 0 {
			err = errors.New("signs with the other house's key")
		}
		return nil, err
	}),
	"lti.Store.JWKS": nothingOf(func(c *raid) (any, error) { return one(c.LTI.JWKS(c.ctx, c.me.id)) }),
}
