package lti

import (
	"net/http"
	"time"

	"cutroom/internal/live"
	"cutroom/internal/seal"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Store knows the learning platforms of all tenants.
type Store struct {
	DB    *tenant.DB
	Bus   live.Publisher
	Users *user.Store
	Seal  *seal.Key
	HTTP  *http.Client // asks platforms; nil: one with the limits of this package

	frames frameCache       // who may show the tenants' pages
	clock  func() time.Time // tests: another time for our keys
}
