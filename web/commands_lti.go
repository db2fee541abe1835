package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/lti"
	"cutroom/internal/user"
)

type ltiAddCommand struct {
	Tenant      string   `required:"" help:"The tenant."`
	Issuer      string   `help:"The platform's issuer (iss, platform id)."`
	ClientID    string   `name:"client-id" help:"The client id that the platform gave to Cutroom."`
	Deployment  string   `help:"The deployment id that the platform gave to Cutroom."`
	AuthURL     string   `name:"auth-url" help:"Where the platform takes logins (authentication request URL)."`
	JWKSURL     string   `name:"jwks-url" help:"Where the platform's keys are (public keyset URL)."`
	TokenURL    string   `name:"token-url" help:"Where the platform gives access tokens, for names and roles."`
	V1p1        bool     `name:"v1p1" help:"LTI 1.1, for platforms that have nothing else; prints the shared secret alone, once."`
	Key         string   `help:"The consumer key of LTI 1.1."`
	Trusted     bool     `help:"LTI 1.1: the platform's user ids are user names here."`
	Name        string   `help:"What people read; the platform's host when absent."`
	RolePrefix  string   `name:"role-prefix" help:"Comes before the roles of the platform's courses. From the second platform on each has its own."`
	FrameOrigin []string `name:"frame-origin" sep:"none" help:"An origin that shows Cutroom in a frame, instead of those of issuer and login. May be given several times."`
}

var (
	errIs13 = errors.New("--key and --trusted are for LTI 1.1: say --v1p1 too, or leave them out")
	errIs11 = errors.New("with --v1p1 a platform has --key alone: leave --issuer, --client-id, --deployment, --auth-url, --jwks-url and --token-url out")
)

// check refuses what is missing before anything is opened.
func (l ltiAddCommand) check() error {
	if l.V1p1 {
		switch {
		case l.Key == "":
			return usage(errors.New("missing flags: --key=STRING"))
		case l.Issuer+l.ClientID+l.Deployment+l.AuthURL+l.JWKSURL+l.TokenURL != "":
			return usage(errIs11)
		}
		return nil
	}
	if l.Key != "" || l.Trusted {
		return usage(errIs13)
	}
	var missing []string
	for _, flag := range []struct{ name, value string }{{"issuer", l.Issuer}, {"client-id", l.ClientID}, {"deployment", l.Deployment}, {"auth-url", l.AuthURL}, {"jwks-url", l.JWKSURL}} {
		if flag.value == "" {
			missing = append(missing, "--"+flag.name+"=STRING")
		}
	}
	if len(missing) > 0 {
		return usage(errors.New("missing flags: " + strings.Join(missing, ", ") + " (or --v1p1 --key=STRING)"))
	}
	return nil
}

// Run registers the platform; of LTI 1.1 it prints the secret alone.
func (l ltiAddCommand) Run(c *call) error {
	if err := l.check(); err != nil {
		return err
	}
	a, t, err := c.inTenant(l.Tenant)
	if err != nil {
		return err
	}
	defer a.close()
	n := lti.NewPlatform{Version: lti.V13, Name: l.Name, Issuer: l.Issuer, ClientID: l.ClientID, Deployment: l.Deployment, AuthURL: l.AuthURL, TokenURL: l.TokenURL,
		JWKSURL: l.JWKSURL, Key: l.Key, Trusted: l.Trusted, RolePrefix: l.RolePrefix, FrameOrigins: l.FrameOrigin}
	if l.V1p1 {
		n.Version = lti.V11
		if a.config.Secret == "" {
			return errors.New("no secret: set CUTROOM_SECRET to that of the nodes, it seals what the platform shares with them")
		}
	}
	_, secret, err := a.lti.Add(c.ctx, user.System(t), n)
	if err != nil {
		return byFlags(err)
	}
	if l.V1p1 {
		_, err = fmt.Fprintln(c.out, secret)
	}
	return err
}

// flagOf are the flags of a registration's fields.
var flagOf = map[string]string{"/issuer": "--issuer", "/clientId": "--client-id", "/deployment": "--deployment", "/authUrl": "--auth-url", "/jwksUrl": "--jwks-url",
	"/tokenUrl": "--token-url", "/key": "--key", "/name": "--name", "/rolePrefix": "--role-prefix", "/frameOrigins": "--frame-origin"}

// byFlags says what is wrong by the flags of the command instead of the fields of the registration.
func byFlags(err error) error {
	f := fault.As(err)
	if f == nil || len(f.Fields) == 0 {
		return err
	}
	said := make([]string, len(f.Fields))
	for i, field := range f.Fields {
		said[i] = field.Message
		if flag := flagOf[field.Path]; flag != "" {
			said[i] = flag + ": " + field.Message
		}
	}
	return errors.New(strings.Join(said, " "))
}

type ltiListCommand struct {
	Tenant string `required:"" help:"The tenant."`
}

// listedPlatform is the line that a registration prints. What its version of LTI does not have is null.
type listedPlatform struct {
	ID         lti.PlatformID `json:"id"`
	Version    string         `json:"version"`
	Issuer     *string        `json:"issuer"`
	ClientID   *string        `json:"clientId"`
	Deployment *string        `json:"deployment"`
	Key        *string        `json:"key,omitempty"` // 1.1
	Name       string         `json:"name"`
	Status     string         `json:"status"`
	RolePrefix string         `json:"rolePrefix"`
}

// Run prints a JSON line for each registration, those that wait first. Secrets are never printed again.
func (l ltiListCommand) Run(c *call) error {
	a, t, err := c.inTenant(l.Tenant)
	if err != nil {
		return err
	}
	defer a.close()
	all, err := a.lti.List(c.ctx, user.System(t))
	if err != nil {
		return err
	}
	lines := json.NewEncoder(c.out)
	lines.SetEscapeHTML(false)
	for _, p := range all {
		line := listedPlatform{ID: p.ID, Version: p.Version, Issuer: orNull(p.Issuer), ClientID: orNull(p.ClientID), Deployment: orNull(p.Deployment), Key: orNull(p.Key),
			Name: p.Name, Status: p.Status, RolePrefix: p.RolePrefix}
		if err := lines.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

type ltiApproveCommand struct {
	Tenant     string `required:"" help:"The tenant."`
	ID         string `arg:"" help:"The registration's id, as lti list prints it."`
	Deployment string `help:"The deployment id, for platforms that named none; the first launch tells it when absent."`
}

// Run lets the platform launch.
func (l ltiApproveCommand) Run(c *call) error {
	a, t, err := c.inTenant(l.Tenant)
	if err != nil {
		return err
	}
	defer a.close()
	_, err = a.lti.Approve(c.ctx, user.System(t), lti.PlatformID(l.ID), l.Deployment)
	return byFlags(err)
}

type ltiRemoveCommand struct {
	Tenant string `required:"" help:"The tenant."`
	ID     string `arg:"" help:"The registration's id, as lti list prints it."`
}

// Run takes the registration away, and ends the sessions that its launches began.
func (l ltiRemoveCommand) Run(c *call) error {
	a, t, err := c.inTenant(l.Tenant)
	if err != nil {
		return err
	}
	defer a.close()
	return a.lti.Remove(c.ctx, user.System(t), lti.PlatformID(l.ID))
}
