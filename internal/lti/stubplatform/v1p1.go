package stubplatform

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // LTI 1.1 signs by HMAC-SHA1
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Launch11 is a form of LTI 1.1 for an address, signed by OAuth 1.0 (HMAC-SHA1). more sets parameters; "" leaves one out.
func (p *Platform) Launch11(address string, more map[string]string) url.Values {
	form := url.Values{}
	for name, value := range map[string]string{
		"lti_message_type": "basic-lti-launch-request", "lti_version": "LTI-1p0", "resource_link_id": "link-1", "user_id": "person-1", "roles": "Learner",
		"context_id": "course-1", "context_title": "Course 1", "tool_consumer_instance_guid": "stub.example",
		"oauth_consumer_key": p.ConsumerKey, "oauth_signature_method": "HMAC-SHA1", "oauth_timestamp": fmt.Sprint(time.Now().Unix()),
		"oauth_nonce": rand.Text(), "oauth_version": "1.0", "oauth_callback": "about:blank",
	} {
		form.Set(name, value)
	}
	for name, value := range more {
		if form.Set(name, value); value == "" {
			form.Del(name)
		}
	}
	form.Set("oauth_signature", p.Sign11(address, form))
	return form
}

// Sign11 is the signature of a form that is posted to an address (RFC 5849, 3.4).
func (p *Platform) Sign11(address string, form url.Values) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err) // a test's address that is none
	}
	var pairs []string
	for _, from := range []url.Values{u.Query(), form} {
		for name, values := range from {
			for _, value := range values {
				if name != "oauth_signature" {
					pairs = append(pairs, escape(name)+"="+escape(value))
				}
			}
		}
	}
	slices.Sort(pairs)
	base := "POST&" + escape(u.Scheme+"://"+strings.ToLower(u.Host)+u.EscapedPath()) + "&" + escape(strings.Join(pairs, "&"))
	mac := hmac.New(sha1.New, []byte(escape(p.Secret)+"&"))
	mac.Write([]byte(base))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// escape is RFC 3986's percent-encoding.
func escape(text string) string {
	return strings.NewReplacer("+", "%20", "%7E", "~", "*", "%2A").Replace(url.QueryEscape(text))
}
