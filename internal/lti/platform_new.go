package lti

import (
	"net/url"
	"strings"
)

// NewPlatform is what Add needs: of LTI 1.3 all that the platform says about itself, of LTI 1.1 the consumer key.
type NewPlatform struct {
	Version      string // V13, V11; "" is V13
	Name         string // "": the host of the issuer, the consumer key
	Issuer       string
	ClientID     string
	Deployment   string
	AuthURL      string
	TokenURL     string // may be ""
	JWKSURL      string
	Key          string
	Trusted      bool
	RolePrefix   string
	RoleMap      map[string][]string
	FrameOrigins []string
}

// check says all that is wrong at once, and puts what is right into one form.
func (n *NewPlatform) check() error {
	var wrong wrongs
	if n.Version == "" {
		n.Version = V13
	}
	n.trim()
	switch n.Version {
	case V13:
		wrong.address("/issuer", n.Issuer)
		wrong.text("/clientId", n.ClientID, mostID)
		wrong.text("/deployment", n.Deployment, mostID)
		wrong.address("/authUrl", n.AuthURL)
		wrong.address("/jwksUrl", n.JWKSURL)
		if n.TokenURL != "" {
			wrong.address("/tokenUrl", n.TokenURL)
		}
		if n.Key != "" || n.Trusted {
			wrong.add("/key", "LTIKeyVersion", "A consumer key is for LTI 1.1.")
		}
	case V11:
		wrong.text("/key", n.Key, mostID)
		if n.Issuer+n.ClientID+n.Deployment+n.AuthURL+n.TokenURL+n.JWKSURL != "" {
			wrong.add("/issuer", "LTIIssuerVersion", "LTI 1.1 has a consumer key alone: leave issuer, client, deployment and addresses out.")
		}
	default:
		wrong.add("/version", "LTIVersion", "Use 1.3, or 1.1 for platforms that have nothing else.")
	}
	if n.Name == "" {
		n.Name = nameOf(n.Issuer, n.Key)
	}
	if n.Name != "" {
		wrong.text("/name", n.Name, mostName)
	}
	wrong.prefix(n.RolePrefix)
	n.FrameOrigins = wrong.frames(n.FrameOrigins)
	n.RoleMap = wrong.roleMap(n.RoleMap)
	return wrong.fault()
}

func (n *NewPlatform) trim() {
	for _, text := range []*string{&n.Name, &n.Issuer, &n.ClientID, &n.Deployment, &n.AuthURL, &n.TokenURL, &n.JWKSURL, &n.Key, &n.RolePrefix} {
		*text = strings.TrimSpace(*text)
	}
}

// nameOf calls a platform by its host where nobody gave it a name, by the consumer key where it has none.
func nameOf(issuer, key string) string {
	if u, err := url.Parse(issuer); err == nil && u.Host != "" {
		return u.Host
	}
	return key
}
