package lti

import "time"

// Message types of LTI 1.3.
const (
	ResourceLink = "LtiResourceLinkRequest"
	DeepLinking  = "LtiDeepLinkingRequest"
)

// Launch is what a platform says about one click of one person, checked: LTI 1.3 or 1.1.
type Launch struct {
	Platform   Platform
	Message    string   // ResourceLink, DeepLinking
	Subject    string   // who it is at the platform
	Name       string   // display name; "" when the platform keeps it to itself
	GivenLogin string   // 1.1: user name that a trusted consumer vouches for
	Context    string   // course id; "" outside of courses
	Title      string   // of the course
	Roles      []string // ours, from the course's roles: <prefix><context>_<Role>, and what is mapped
	Teaches    bool     // may make recordings
	Target     string   // a path here with query, already checked: /events/{id}/edit, /lti/deep-link, ...
	Event      string   // of the target; ""
	View       string   // edit, watch; ""
	ReturnURL  string   // back to the course; checked to be http(s)
	Locale     string   // BCP 47
	MembersURL string   // Names and Roles; ""
	DeepLink   *DeepLinkSettings
	Framed     bool   // the platform says that it shows us in a frame
	NewName    string // 1.1: user name of somebody new, lti:<guid or consumer key>:<user id>; "": made of platform and subject

	// Of LTI 1.1: SHA-256 of the nonce, which Enter uses up, and until when it could come again.
	nonce      []byte
	nonceUntil time.Time
	deployment string // of LTI 1.3: what the token names
}

// DeepLinkSettings are what a platform wants to get from its person's choice (Deep Linking 2.0).
type DeepLinkSettings struct {
	ReturnURL string   `json:"returnUrl"`
	Types     []string `json:"types"` // accepted content types: ltiResourceLink, link, ...
	Multiple  bool     `json:"multiple"`
	Data      string   `json:"data,omitempty"` // goes back as it came
	Targets   []string `json:"targets"`        // iframe, window
	Title     string   `json:"title,omitempty"`
	Text      string   `json:"text,omitempty"`
}
