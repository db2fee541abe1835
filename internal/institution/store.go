// Package institution lets institutions sign their people in by OpenID Connect: discovery, authorization code with PKCE, groups to
// roles.
package institution

import (
	"net/http"

	"cutroom/internal/live"
	"cutroom/internal/seal"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Store knows the sign-in providers of all tenants.
type Store struct {
	DB    *tenant.DB
	Bus   live.Publisher
	Users *user.Store
	Seal  *seal.Key
	HTTP  *http.Client // asks providers; nil: one with the limits of this package
}
