package lti

import "time"

// Versions of LTI.
const (
	V13 = "1.3"
	V11 = "1.1"
)

// PlatformID names a registration in its tenant.
type PlatformID string

// Platform is the registration of a learning platform. Secrets are never in it.
type Platform struct {
	ID           PlatformID
	Version      string // V13, V11
	Status       string // active, waiting
	Name         string
	Issuer       string // 1.3
	ClientID     string // 1.3
	Deployment   string // 1.3; "" until the first launch after a dynamic registration that named none
	AuthURL      string // 1.3: where logins go
	TokenURL     string // 1.3: for Names and Roles; may be ""
	JWKSURL      string // 1.3: the platform's keys
	Key          string // 1.1: consumer key
	Trusted      bool   // 1.1: its user ids are our user names
	RolePrefix   string // of the roles that its courses give
	RoleMap      map[string][]string
	FrameOrigins []string // given by hand; Frames tells all
	Created      time.Time
	CreatedBy    string
}
