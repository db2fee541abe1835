package lti

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

// window11 is how far the timestamp of a launch by LTI 1.1 may be from our clock, both ways.
const window11 = 5 * time.Minute

// Check11 checks a launch by LTI 1.1 (a form that OAuth 1.0 signs, RFC 5849) and changes nothing: that its nonce is new is found
// out when somebody enters. launchURL is the public address that was posted to, query included. An unknown consumer key and a
// wrong signature are one fault. With a fault comes what is known of the launch so far: Platform is then whose key was named, which
// proves nothing.
func (s *Store) Check11(ctx context.Context, t tenant.ID, launchURL string, form url.Values) (Launch, error) {
	address, err := url.Parse(launchURL)
	if err != nil {
		return Launch{}, unreadable(err)
	}
	signed, err := readOAuth(form)
	if err != nil {
		return Launch{}, err
	}
	p, secret, err := s.consumer(ctx, t, signed.key)
	if err != nil {
		return Launch{}, err
	}
	l := Launch{Platform: p, Message: ResourceLink, Locale: locale(form.Get("launch_presentation_locale"))}
	want, err := signature("POST", address, form, secret, "")
	if err != nil {
		return l, err
	}
	if !hmac.Equal([]byte(want), []byte(signed.signature)) || p.ID == "" {
		return l, wrongSignature()
	}
	s.frames.learn(t, p)
	if err := signed.timely(time.Now()); err != nil {
		return l, err
	}
	l.nonce, l.nonceUntil = signed.nonceHash(), signed.at.Add(window11+time.Minute)
	return l, l.read11(address.Query(), form)
}

// oauth are the protocol's parameters of a request (RFC 5849, 3.1).
type oauth struct {
	key, nonce, signature string
	at                    time.Time
}

// readOAuth reads the protocol's parameters: each just once. oauth_version may be missing, oauth_callback says nothing here.
func readOAuth(form url.Values) (oauth, error) {
	var o oauth
	for name, values := range form {
		if strings.HasPrefix(name, "oauth_") && len(values) > 1 {
			return o, fault.Newf(fault.Malformed, "lti.oauth-twice", "The launch has %s more than once. A learning platform sends it just once.", shown(name)).With(map[string]any{"Name": shown(name)})
		}
	}
	for _, name := range []string{"oauth_consumer_key", "oauth_signature_method", "oauth_timestamp", "oauth_nonce", "oauth_signature"} {
		if form.Get(name) == "" {
			return o, fault.Newf(fault.Malformed, "lti.oauth-missing", "The launch has no %s: it has to be signed as LTI 1.1 says. Enter consumer key and secret at the learning platform.", name).With(map[string]any{"Name": name})
		}
	}
	if v := form.Get("oauth_version"); v != "" && v != "1.0" {
		return o, fault.Newf(fault.Malformed, "lti.oauth-version", "The launch is signed by OAuth %s; LTI 1.1 signs by OAuth 1.0.", shown(v)).With(map[string]any{"Version": shown(v)})
	}
	if method := form.Get("oauth_signature_method"); hmacOf[method] == nil {
		return o, wrongMethod(method)
	}
	seconds, err := strconv.ParseInt(form.Get("oauth_timestamp"), 10, 64)
	if err != nil || seconds < 0 || seconds > 1<<40 {
		return o, fault.New(fault.Malformed, "lti.oauth-timestamp", "The launch's oauth_timestamp has to be whole seconds since 1970.")
	}
	return oauth{form.Get("oauth_consumer_key"), form.Get("oauth_nonce"), form.Get("oauth_signature"), time.Unix(seconds, 0)}, nil
}

func (o oauth) timely(now time.Time) error {
	if off := now.Sub(o.at); off > window11 || off < -window11 {
		return fault.New(fault.Forbidden, "lti.oauth-late", "The launch was signed more than 5 minutes ago, or its clock runs ahead. Click the link in the course again; if that does not help, set the learning platform's clock (NTP).")
	}
	return nil
}

func (o oauth) nonceHash() []byte {
	sum := sha256.Sum256([]byte(o.nonce))
	return sum[:]
}

func unreadable(err error) error {
	return fault.New(fault.Malformed, "lti.form", "This launch cannot be read: it is no form as learning platforms send it.").WithCause(err)
}

func wrongMethod(method string) error {
	return fault.Newf(fault.Malformed, "lti.oauth-method", "The launch is signed by %s. Cutroom takes HMAC-SHA1 and HMAC-SHA256.", shown(method)).With(map[string]any{"Method": shown(method)})
}

func wrongSignature() error {
	return fault.New(fault.Forbidden, "lti.oauth-signature", "The launch is not signed with a consumer key and secret that are registered here. Copy both again, and the launch address exactly as Cutroom shows it, with https:// and without anything after it.")
}
