package lti

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"cutroom/internal/fault"
)

// Limits of what a platform sends at the begin of a login, in bytes.
const (
	mostHint   = 16 << 10
	mostTarget = 2048
	mostFrame  = 255 // name of the frame that keeps things for us
)

// LoginRequest is how a platform begins a login: a form or an address that its browser brings (OpenID Connect third-party
// initiated login, as LTI 1.3, 5.1.1.1 and the LTI storage specification add to it).
type LoginRequest struct {
	Issuer      string `json:"iss"`
	ClientID    string `json:"client_id,omitempty"`
	Deployment  string `json:"lti_deployment_id,omitempty"`
	LoginHint   string `json:"login_hint"`
	MessageHint string `json:"lti_message_hint,omitempty"`
	Target      string `json:"target_link_uri"`
	Storage     string `json:"lti_storage_target,omitempty"` // frame that takes platform storage messages; "": the platform has none
}

// LoginRequestOf reads the parameters of a login's begin. Login checks them.
func LoginRequestOf(form url.Values) LoginRequest {
	r := LoginRequest{
		Issuer: form.Get("iss"), ClientID: form.Get("client_id"), Deployment: form.Get("lti_deployment_id"),
		LoginHint: form.Get("login_hint"), MessageHint: form.Get("lti_message_hint"), Target: form.Get("target_link_uri"),
		Storage: form.Get("lti_storage_target"),
	}
	if len(r.Storage) > mostFrame {
		r.Storage = ""
	}
	return r
}

// Values are the parameters once more, for a login that begins anew in another window: there no frame is needed to keep things.
func (r LoginRequest) Values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"iss": r.Issuer, "client_id": r.ClientID, "lti_deployment_id": r.Deployment,
		"login_hint": r.LoginHint, "lti_message_hint": r.MessageHint, "target_link_uri": r.Target} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

func (r LoginRequest) check(origin string) error {
	var missing []string
	for _, p := range []struct{ name, value string }{{"iss", r.Issuer}, {"login_hint", r.LoginHint}, {"target_link_uri", r.Target}} {
		if p.value == "" {
			missing = append(missing, p.name)
		}
	}
	if len(missing) > 0 {
		return fault.Newf(fault.Malformed, "lti.login-incomplete", "The learning platform began a login without %s. Set %s/lti/login as the tool's login URL there, and %s/lti/launch as its redirect URL.",
			strings.Join(missing, ", "), origin, origin).With(map[string]any{"Missing": strings.Join(missing, ", "), "Origin": origin})
	}
	for _, p := range []struct {
		name, value string
		most        int
	}{{"iss", r.Issuer, mostURL}, {"client_id", r.ClientID, mostID}, {"lti_deployment_id", r.Deployment, mostID}, {"login_hint", r.LoginHint, mostHint},
		{"lti_message_hint", r.MessageHint, mostHint}, {"target_link_uri", r.Target, mostTarget}, {"lti_storage_target", r.Storage, mostFrame}} {
		if len(p.value) > p.most || !storable(p.value) {
			return tooLong(p.name, p.most)
		}
	}
	if _, ok := inside(origin, r.Target); !ok {
		return outside(origin, r.Target)
	}
	return nil
}

// storable says whether the database takes a text.
func storable(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }

func tooLong(name string, most int) error {
	return fault.Newf(fault.Malformed, "lti.too-long", "The learning platform sends a %s that is too long (%d at most), or no text.", name, most).
		With(map[string]any{"Name": name, "Most": most})
}

func outside(origin, target string) error {
	return fault.Newf(fault.Forbidden, "lti.target", "The link leads to %s, which is not here: target links of this tool begin with %s/. Correct the link, or the tool's settings, at the learning platform.",
		shown(target), origin).With(map[string]any{"Target": shown(target), "Origin": origin})
}
