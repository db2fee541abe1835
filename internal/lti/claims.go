package lti

import (
	"strings"
	"time"

	json "github.com/go-json-experiment/json"

	"cutroom/internal/fault"
)

// Beginnings of the claims' names (LTI 1.3, 5.3 and 5.4; Deep Linking 2.0, 4.4; Names and Roles 2.0, 3.6.1).
const (
	claimLTI   = "https://purl.imsglobal.org/spec/lti/claim/"
	claimLinks = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
	claimNames = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
)

// claims are what an id_token says, as far as we want to know it. Nothing in it is checked.
type claims struct {
	Issuer   string
	Audience []string
	Party    string // azp
	Subject  string
	Nonce    string

	Expires, Issued, NotBefore          time.Time
	HasExpires, HasIssued, HasNotBefore bool

	Message      string
	Version      string
	Deployment   string
	Target       string
	Roles        []string
	HasRoles     bool
	ResourceLink string // its id
	Context      string
	Title        string
	Custom       map[string]string
	Name         string
	Locale       string
	ReturnURL    string
	Shown        string // document_target: frame, iframe, window
	MembersURL   string
	Links        *DeepLinkSettings
}

// parseClaims reads the payload of an id_token. It takes what platforms really send: claims that we do not know, null for what is not
// told, empty objects that are lists, numbers where texts are meant. A name that comes twice is refused, since two readers
// could take it for two things.
func parseClaims(payload []byte) (claims, error) {
	all := members{}
	if err := json.Unmarshal(payload, &all); err != nil {
		return claims{}, fault.New(fault.Malformed, "lti.claims", "The learning platform's token is not a JSON object with claims. Tell whoever runs the learning platform.").WithCause(err)
	}
	c := claims{
		Issuer: all.text("iss"), Party: all.text("azp"), Subject: all.text("sub"), Nonce: all.text("nonce"),
		Message: all.text(claimLTI + "message_type"), Version: all.text(claimLTI + "version"), Deployment: all.text(claimLTI + "deployment_id"),
		Target: all.text(claimLTI + "target_link_uri"), ResourceLink: all.object(claimLTI + "resource_link").text("id"),
		Custom: map[string]string{}, MembersURL: all.object(claimNames).text("context_memberships_url"),
	}
	c.Audience, _ = all.texts("aud")
	c.Roles, c.HasRoles = all.texts(claimLTI + "roles")
	c.Expires, c.HasExpires = all.when("exp")
	c.Issued, c.HasIssued = all.when("iat")
	c.NotBefore, c.HasNotBefore = all.when("nbf")
	c.readPerson(all)
	c.readCourse(all)
	for name, value := range all.object(claimLTI + "custom") {
		c.Custom[name] = textOf(value)
	}
	c.readLinks(all)
	return c, nil
}

func (c *claims) readPerson(all members) {
	name := all.text("name")
	if strings.TrimSpace(name) == "" {
		name = all.text("given_name") + " " + all.text("family_name")
	}
	c.Name = line(name, 1024)
	shown := all.object(claimLTI + "launch_presentation")
	c.ReturnURL, c.Shown = shown.text("return_url"), shown.text("document_target")
	if c.Locale = shown.text("locale"); c.Locale == "" {
		c.Locale = all.text("locale")
	}
}

func (c *claims) readCourse(all members) {
	course := all.object(claimLTI + "context")
	c.Context = course.text("id")
	for _, name := range []string{"title", "label"} {
		if c.Title == "" {
			c.Title = line(course.text(name), 1024)
		}
	}
}

func (c *claims) readLinks(all members) {
	links := all.object(claimLinks)
	if len(links) == 0 {
		return
	}
	c.Links = &DeepLinkSettings{ReturnURL: links.text("deep_link_return_url"), Multiple: links.flag("accept_multiple"), Data: links.text("data"),
		Title: line(links.text("title"), 1024), Text: line(links.text("text"), 4096)}
	c.Links.Types, _ = links.texts("accept_types")
	c.Links.Targets, _ = links.texts("accept_presentation_document_targets")
}
