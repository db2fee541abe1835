package institution

import (
	"net/http"
	"sync"

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

	mu     sync.Mutex
	known  map[discoveryKey]*discovery
	client *http.Client
}

// http is the client that asks providers.
func (s *Store) http() *http.Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.HTTP != nil {
		return s.HTTP
	}
	if s.client == nil {
		s.client = newClient()
	}
	return s.client
}

// source is whose identities, memberships and sessions come from a provider.
func source(id ProviderID) string { return "oidc:" + string(id) }
