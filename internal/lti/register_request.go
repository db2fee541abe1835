package lti

import (
	"net/url"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Tool is how a tenant presents itself to a platform.
type Tool struct {
	Origin string // of its pages, https://demo.cutroom.example
	Name   string // "Cutroom (Nordfjord University)"
	Logo   string // address of a picture
}

// Addresses are what a platform wants to know of a tool, by the names that platforms give them.
type Addresses struct {
	Login    string // initiate login URL
	Launch   string // redirect URL
	Keys     string // public keyset URL
	DeepLink string // of Deep Linking
	Target   string // target link URL of the tool itself
	Register string // tool's registration URL
	V11      string // launch URL of LTI 1.1
}

// AddressesAt are those at an origin.
func AddressesAt(origin string) Addresses {
	return Addresses{Login: origin + "/lti/login", Launch: origin + "/lti/launch", Keys: origin + "/lti/jwks.json", DeepLink: origin + targetDeepLink, Target: origin + "/",
		Register: origin + "/lti/register", V11: origin + "/lti"}
}

// registrationRequest is what we send to a platform's registration endpoint (LTI Dynamic Registration 1.0, 3.6; OpenID Connect Dynamic
// Client Registration 1.0, 2).
type registrationRequest struct {
	ApplicationType string      `json:"application_type"`
	ResponseTypes   []string    `json:"response_types"`
	GrantTypes      []string    `json:"grant_types"`
	Login           string      `json:"initiate_login_uri"`
	Redirects       []string    `json:"redirect_uris"`
	Name            string      `json:"client_name"`
	JWKS            string      `json:"jwks_uri"`
	Home            string      `json:"client_uri"`
	Logo            string      `json:"logo_uri"`
	AuthMethod      string      `json:"token_endpoint_auth_method"`
	Scope           string      `json:"scope"`
	Tool            toolRequest `json:"https://purl.imsglobal.org/spec/lti-tool-configuration"`
}

type toolRequest struct {
	Domain      string            `json:"domain"`
	Description string            `json:"description"`
	German      string            `json:"description#de"`
	Target      string            `json:"target_link_uri"`
	Custom      map[string]string `json:"custom_parameters"`
	Claims      []string          `json:"claims"`
	Messages    []messageRequest  `json:"messages"`
}

type messageRequest struct {
	Type   string            `json:"type"`
	Target string            `json:"target_link_uri"`
	Label  string            `json:"label"`
	German string            `json:"label#de"`
	Custom map[string]string `json:"custom_parameters"`
}

// request makes the JSON text of a registration. Only the messages that the platform knows are asked for, and only the claims that are used.
func (t Tool) request(c platformConfig) ([]byte, error) {
	at := AddressesAt(t.Origin)
	domain := t.Origin
	if u, err := url.Parse(t.Origin); err == nil {
		domain = u.Host
	}
	r := registrationRequest{
		ApplicationType: "web", ResponseTypes: []string{"id_token"}, GrantTypes: []string{"implicit", "client_credentials"},
		Login: at.Login, Redirects: []string{at.Launch}, Name: t.Name, JWKS: at.Keys, Home: at.Target, Logo: t.Logo, AuthMethod: "private_key_jwt", Scope: scopeMembers,
		Tool: toolRequest{Domain: domain, Target: at.Target, Custom: map[string]string{}, Claims: []string{"iss", "sub", "name", "given_name", "family_name"},
			Description: "Watch and cut lecture recordings.", German: "Vorlesungsaufzeichnungen ansehen und schneiden."},
	}
	for _, m := range []messageRequest{
		{ResourceLink, at.Target, "Recording", "Aufzeichnung", map[string]string{}},
		{DeepLinking, at.DeepLink, "Choose recordings", "Aufzeichnungen auswählen", map[string]string{}},
	} {
		if c.sends(m.Type) {
			r.Tool.Messages = append(r.Tool.Messages, m)
		}
	}
	return json.Marshal(r, jsontext.WithIndent("  "), json.Deterministic(true))
}
