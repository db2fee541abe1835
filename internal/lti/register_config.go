package lti

import (
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"cutroom/internal/fault"
)

// Names of members and scopes (1EdTech).
const (
	platformConfiguration = "https://purl.imsglobal.org/spec/lti-platform-configuration"
	toolConfiguration     = "https://purl.imsglobal.org/spec/lti-tool-configuration"
	scopeMembers          = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
)

// platformConfig is what a platform's openid-configuration says that we need (LTI Dynamic Registration 1.0, 3.5; OpenID Connect
// Discovery 1.0, 3).
type platformConfig struct {
	Issuer      string   `json:"issuer"`
	AuthURL     string   `json:"authorization_endpoint"`
	TokenURL    string   `json:"token_endpoint"`
	JWKSURL     string   `json:"jwks_uri"`
	Endpoint    string   `json:"registration_endpoint"`
	Algorithms  []string `json:"id_token_signing_alg_values_supported"`
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	Types       []string `json:"response_types_supported"`
	Platform    struct {
		Product  string `json:"product_family_code"`
		Version  string `json:"version"`
		Messages []struct {
			Type string `json:"type"`
		} `json:"messages_supported"`
	} `json:"https://purl.imsglobal.org/spec/lti-platform-configuration"`
}

// parseConfig reads and checks an openid-configuration that came from an address. What is wrong is said in words that its platform's
// admin can act on.
func parseConfig(address string, body []byte) (platformConfig, error) {
	var c platformConfig
	if err := json.Unmarshal(body, &c); err != nil {
		return c, badConfig("it is not the JSON text that LTI Dynamic Registration wants").WithCause(err)
	}
	var wrong wrongs
	wrong.address("/issuer", c.Issuer)
	wrong.address("/authorization_endpoint", c.AuthURL)
	wrong.address("/jwks_uri", c.JWKSURL)
	wrong.address("/registration_endpoint", c.Endpoint)
	if c.TokenURL != "" {
		wrong.address("/token_endpoint", c.TokenURL)
	}
	if len(wrong) > 0 {
		return c, badConfig("its " + strings.TrimPrefix(wrong[0].Path, "/") + " is missing, or is not an https address")
	}
	switch {
	case !sameHouse(address, c.Issuer):
		return c, badConfig("its issuer " + shown(c.Issuer) + " is of another host than the configuration")
	case len(c.Algorithms) > 0 && !slices.ContainsFunc(c.Algorithms, func(a string) bool { return a == "RS256" || a == "ES256" }):
		return c, badConfig("it signs neither by RS256 nor by ES256")
	case len(c.AuthMethods) > 0 && !slices.Contains(c.AuthMethods, "private_key_jwt"):
		return c, badConfig("its token endpoint does not take private_key_jwt")
	case len(c.Types) > 0 && !slices.Contains(c.Types, "id_token"):
		return c, badConfig("it does not answer logins by id_token")
	case !c.sends(ResourceLink):
		return c, badConfig("it does not send " + ResourceLink)
	}
	return c, nil
}

// sends says whether the platform knows a message; one that tells nothing knows all.
func (c platformConfig) sends(message string) bool {
	for _, m := range c.Platform.Messages {
		if m.Type == message {
			return true
		}
	}
	return len(c.Platform.Messages) == 0
}

// sameHouse says whether a configuration may speak for an issuer: it comes from the issuer's host, or one of the two is above the other.
// They may differ in the path and in the port.
func sameHouse(address, issuer string) bool {
	a, errA := url.Parse(address)
	b, errB := url.Parse(issuer)
	if errA != nil || errB != nil {
		return false
	}
	one, two := strings.ToLower(a.Hostname()), strings.ToLower(b.Hostname())
	return one == two || strings.Count(two, ".") > 0 && strings.HasSuffix(one, "."+two) || strings.Count(one, ".") > 0 && strings.HasSuffix(two, "."+one)
}

func badConfig(what string) *fault.Error {
	return fault.Newf(fault.Invalid, "error.lti-config", "The platform's configuration cannot be used: %s. Tell this to who runs the platform, or register it by hand.", what).
		With(map[string]any{"What": what})
}

// parseAnswer reads what the platform's registration endpoint answered (RFC 7591, 3.2). deployment is "" where the platform names none.
func parseAnswer(status int, body []byte) (client, deployment string, err error) {
	var answer struct {
		Client string `json:"client_id"`
		Error  string `json:"error"`
		Says   string `json:"error_description"`
		Tool   struct {
			Deployment string `json:"deployment_id"`
		} `json:"https://purl.imsglobal.org/spec/lti-tool-configuration"`
	}
	unread := json.Unmarshal(body, &answer)
	if status != 200 && status != 201 {
		return "", "", refusedThere(status, strings.TrimSpace(answer.Error+" "+answer.Says))
	}
	if unread != nil {
		return "", "", badAnswer("its answer is not JSON").WithCause(unread)
	}
	var wrong wrongs
	wrong.text("/client_id", answer.Client, mostID)
	if answer.Tool.Deployment != "" {
		wrong.text("/deployment_id", answer.Tool.Deployment, mostID)
	}
	if len(wrong) > 0 {
		return "", "", badAnswer("its answer has no usable " + strings.TrimPrefix(wrong[0].Path, "/"))
	}
	return answer.Client, answer.Tool.Deployment, nil
}

func badAnswer(what string) *fault.Error {
	return fault.Newf(fault.Invalid, "error.lti-register-answer", "The platform did not register Cutroom as it should: %s. Remove the tool there, then register again or by hand.", what).
		With(map[string]any{"What": what})
}

func refusedThere(status int, says string) error {
	if says == "" {
		says = "-"
	}
	return fault.Newf(fault.Invalid, "error.lti-register-refused", "The platform refused to register Cutroom: %s (%d). Start the registration there again.", shown(says), status).
		With(map[string]any{"Says": shown(says), "Status": status})
}
