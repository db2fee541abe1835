package handlers

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cutroom/internal/fault"
	"cutroom/internal/lti"
)

// pickCases: a launch is its person's alone, and both houses have launches of the same ids and people of the same names.
var pickCases = map[string]storeCase{
	"lti.Store.CourseOf": refused(func(c *raid) (any, error) { return one(c.LTI.CourseOf(c.ctx, c.who, "launch-"+c.id)) }),
	"lti.Store.Pick":     refused(func(c *raid) (any, error) { return one(c.LTI.Pick(c.ctx, c.who, "launch-"+c.id)) }),
	"lti.Store.Answer": refused(func(c *raid) (any, error) {
		to, _, err := c.LTI.Answer(c.ctx, c.who, "launch-"+c.id, []lti.Item{{Event: c.id, View: "watch", URL: "http://" + c.me.host + "/events/" + c.id + "/watch", Title: "x"}})
		return to, err
	}),
}

// launchCases: a login that began next door becomes a launch nowhere else, be its state known; the platform is the same to both.
var launchCases = map[string]storeCase{
	"lti.Store.LaunchOf": refused(func(c *raid) (any, error) { return one(c.LTI.LaunchOf(c.ctx, c.who, "launch-"+c.id)) }),
	"lti.Store.Login": nothingOf(func(c *raid) (any, error) {
		return one(c.LTI.Login(c.ctx, c.me.id, "http://"+c.me.host, lti.LoginRequest{Issuer: "https://campus.example", ClientID: "client", LoginHint: "x", Target: "http://" + c.me.host + "/events/" + c.id}))
	}),
	"lti.Store.FindPending": refused(func(c *raid) (any, error) {
		return one(c.LTI.FindPending(c.ctx, c.me.id, loginState(c.them.mark)))
	}),
	"lti.Store.Check": refused(func(c *raid) (any, error) {
		return page(c.LTI.Check(c.ctx, c.me.id, "http://"+c.me.host, "x.y.z", loginState(c.them.mark)))
	}),
	"lti.Store.Check11": refused(func(c *raid) (any, error) {
		return one(c.LTI.Check11(c.ctx, c.me.id, "http://"+c.me.host+"/lti", url.Values{"oauth_consumer_key": {"key " + c.them.mark}, "oauth_signature_method": {"HMAC-SHA1"}, "oauth_signature": {"x"}, "oauth_nonce": {"x"},
			"oauth_timestamp": {strconv.FormatInt(time.Now().Unix(), 10)}, "oauth_version": {"1.0"}, "lti_message_type": {"basic-lti-launch-request"}, "lti_version": {"LTI-1p0"}, "user_id": {"ben"}, "resource_link_id": {"x"}}))
	}),
	"lti.Store.Enter": nothingOf(func(c *raid) (any, error) { // it looks at the state itself, whatever Check said
		if c.id != "shared" {
			_, err := c.LTI.FindPending(c.ctx, c.me.id, loginState(c.them.mark))
			return nil, err
		}
		p, err := c.LTI.FindPending(c.ctx, c.me.id, loginState("same"))
		if err != nil || !p.Bound("same browser") {
			return nil, errors.Join(err, fault.Gone())
		}
		return page(c.LTI.Enter(c.ctx, c.me.id, lti.Launch{Platform: lti.Platform{ID: "shared"}, Message: lti.ResourceLink, Subject: "same subject", Context: "same course", Title: "x", Roles: []string{"same_Instructor"}}, &p))
	}),
	"lti.Store.Refused": nothingOf(func(c *raid) (any, error) {
		c.LTI.Refused(c.ctx, c.me.id, c.id, "login", fault.Gone(), nil)
		return nil, nil
	}),
}

// windowCases: a ticket of one house opens a window there alone.
var windowCases = map[string]storeCase{
	"lti.Store.NewWindow": refused(func(c *raid) (any, error) {
		_, err := c.LTI.NewWindow(c.ctx, c.who, "launch-"+c.id, "/events/"+c.id)
		return nil, err
	}),
	"lti.Store.OpenWindow": refused(func(c *raid) (any, error) {
		return one(c.LTI.OpenWindow(c.ctx, c.me.id, loginState("ticket "+c.them.mark)))
	}),
	"lti.Store.StartRegistration": refused(func(c *raid) (any, error) {
		return one(c.LTI.StartRegistration(c.ctx, c.me.id, lti.Tool{Name: "x", Origin: "http://" + c.me.host}, "https://campus.example/.well-known/openid-configuration", ""))
	}),
	"lti.Store.TicketFrames": nothingOf(func(c *raid) (any, error) {
		return c.LTI.TicketFrames(c.me.id, "http://"+c.me.host, c.id), nil
	}),
	"lti.Store.Register": refused(func(c *raid) (any, error) {
		return one(c.LTI.Register(c.ctx, c.me.id, "http://"+c.me.host, "x"))
	}),
	"lti.Store.SyncMembers": nothingOf(func(c *raid) (any, error) { // no platform answers in these tests
		err := c.LTI.SyncMembers(c.ctx, c.me.id, c.platform(), "course "+c.them.mark)
		return nil, errors.Join(err, c.noInternal(c.LTI.SyncMembers(c.ctx, c.me.id, c.platform(), "same course")))
	}),
}

// noInternal leaves the failure of the network out, which is none of the product's.
func (c *raid) noInternal(err error) error {
	if err != nil && strings.Contains(err.Error(), "is not there") {
		return nil
	}
	return err
}
