package handlers

import (
	"errors"
	"net/url"
	"strconv"
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
