package stubplatform

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/url"
	"time"
)

// Message types of LTI 1.3.
const (
	ResourceLink = "LtiResourceLinkRequest"
	DeepLinking  = "LtiDeepLinkingRequest"
)

// Roles as platforms write them.
const (
	Instructor        = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
	Learner           = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
	TeachingAssistant = "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"
)

// claim is how the names of LTI's claims begin.
const claim = "https://purl.imsglobal.org/spec/lti/claim/"

// Claim is the whole name of one of LTI's claims: roles, context, custom, ...
func Claim(name string) string { return claim + name }

// ClaimLinks and ClaimNames are claims of Deep Linking 2.0 and of Names and Roles 2.0.
const (
	ClaimLinks = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
	ClaimNames = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
)

// Click is somebody who clicks on a link to the tool in a course. What is empty gets a usual value, or is left out.
type Click struct {
	Message string // ResourceLink
	Target  string // target_link_uri
	Subject string // person-1
	Name    string // left out
	Roles   []string
	Context string // course id; left out
	Title   string // of the course
	Custom  map[string]any
	Locale  string
	Return  string // return_url
	Members bool   // tells the address of the names and roles service
	One     bool   // deep linking takes one link alone
	Data    string // deep linking
	Window  bool   // the course page opens the tool in a window of its own instead of a frame
	Storage string // lti_storage_target; "": the platform has no storage

	Claims  map[string]any                    // more claims, or others; nil leaves one out
	Forge   func(nonce string) (token string) // makes the token instead
	Refuses string                            // the platform answers the login with this error
}

// Offer puts a link into the course, and gives the name by which login and course page know it.
func (p *Platform) Offer(c Click) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	id := rand.Text()
	p.clicks[id] = c
	return id
}

func (p *Platform) click(id string) (Click, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.clicks[id]
	return c, ok
}

// LoginForm is what the platform's page sends to the tool's login address when somebody clicks.
func (p *Platform) LoginForm(id string) url.Values {
	c, _ := p.click(id)
	form := url.Values{"iss": {p.URL}, "client_id": {p.ClientID}, "lti_deployment_id": {p.Deployment}, "login_hint": {c.subject()},
		"lti_message_hint": {id}, "target_link_uri": {c.Target}}
	if c.Storage != "" {
		form.Set("lti_storage_target", c.Storage)
	}
	return form
}

// LaunchForm offers a click and gives what its page sends to the tool's login address.
func (p *Platform) LaunchForm(c Click) url.Values { return p.LoginForm(p.Offer(c)) }

// Answer is what the platform makes of the address that a tool sends a browser to: the form for the tool's launch address.
func (p *Platform) Answer(authURL string) (address string, form url.Values, err error) {
	u, err := url.Parse(authURL)
	if err != nil {
		return "", nil, err
	}
	return p.answerLogin(u.Query())
}

// answerLogin checks a login as platforms do (OpenID Connect 3.1.2.1).
func (p *Platform) answerLogin(q url.Values) (address string, form url.Values, err error) {
	for name, want := range map[string]string{"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none",
		"client_id": p.ClientID, "redirect_uri": p.Tool.Launch} {
		if q.Get(name) != want {
			return "", nil, fmt.Errorf("%s is %q instead of %q", name, q.Get(name), want)
		}
	}
	c, ok := p.click(q.Get("lti_message_hint"))
	if !ok || q.Get("login_hint") != c.subject() || q.Get("state") == "" || q.Get("nonce") == "" {
		return "", nil, fmt.Errorf("hints, state and nonce: %v", q)
	}
	form = url.Values{"state": {q.Get("state")}}
	if c.Refuses != "" {
		form.Set("error", c.Refuses)
		form.Set("error_description", "The platform says no.")
		return p.Tool.Launch, form, nil
	}
	if c.Forge != nil {
		form.Set("id_token", c.Forge(q.Get("nonce")))
	} else {
		form.Set("id_token", p.Key().Sign(p.Claims(c, q.Get("nonce")), nil))
	}
	return p.Tool.Launch, form, nil
}

// Claims are what the platform says of a click.
func (p *Platform) Claims(c Click, nonce string) map[string]any {
	now := time.Now()
	all := map[string]any{
		"iss": p.URL, "aud": p.ClientID, "sub": c.subject(), "nonce": nonce, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		claim + "message_type": c.message(), claim + "version": "1.3.0", claim + "deployment_id": p.Deployment, claim + "target_link_uri": c.Target,
		claim + "roles": append([]string{}, c.Roles...), claim + "tool_platform": map[string]any{"guid": "stub", "product_family_code": "stub"},
	}
	presentation := map[string]any{"document_target": "iframe"}
	for name, value := range map[string]string{"locale": c.Locale, "return_url": c.Return} {
		if value != "" {
			presentation[name] = value
		}
	}
	if c.Window {
		presentation["document_target"] = "window"
	}
	all[claim+"launch_presentation"] = presentation
	if c.Name != "" {
		all["name"] = c.Name
	}
	if c.Context != "" {
		all[claim+"context"] = map[string]any{"id": c.Context, "title": c.Title, "type": []string{"http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"}}
	}
	if c.Custom != nil {
		all[claim+"custom"] = c.Custom
	}
	if c.Members {
		all[ClaimNames] = map[string]any{"context_memberships_url": p.MembersURL(c.Context), "service_versions": []string{"2.0"}}
	}
	if c.message() == DeepLinking {
		all[ClaimLinks] = map[string]any{"deep_link_return_url": p.ReturnURL(), "accept_types": []string{"link", "ltiResourceLink"},
			"accept_presentation_document_targets": []string{"iframe", "window"}, "accept_multiple": !c.One, "data": c.Data}
	} else {
		all[claim+"resource_link"] = map[string]any{"id": "link-1", "title": "A link"}
	}
	maps.Copy(all, c.Claims)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return all
}

func (c Click) message() string {
	if c.Message == "" {
		return ResourceLink
	}
	return c.Message
}

func (c Click) subject() string {
	if c.Subject == "" {
		return "person-1"
	}
	return c.Subject
}
