package lti

import (
	"net/http"
	"net/url"
	"sync/atomic"
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
	Jobs  Inserter     // lets workers ask who is in a course; nil: nobody does

	PublicURL *url.URL // of the installation: where it is on loopback, platforms that register themselves may be there too

	platformKeys keyCache // of the platforms, by address
	logins       rates    // logins that began on this node, by registration

	frames      frameCache       // who may show the tenants' pages
	registering atomic.Int32     // registrations that this node looks at now
	clock       func() time.Time // tests: another time for our keys
}
