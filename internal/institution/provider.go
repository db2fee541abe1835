package institution

import "time"

// ProviderID names a provider in its tenant. It stands in the address that the provider sends people back to.
type ProviderID string

// Provider is an institution's sign-in service. Its client secret is never in it.
type Provider struct {
	ID         ProviderID
	Name       string // on the sign-in page: "Sign in with <Name>"
	Issuer     string // as the provider writes it; never changes
	ClientID   string
	HasSecret  bool                // false: a public client, PKCE alone
	Scopes     []string            // beside openid
	NameClaim  string              // gives a new person's user name
	GroupClaim string              // a claim, or a path into one: realm_access.roles
	GroupRoles map[string][]string // a group to our roles; the words admin and editor are ranks
	Active     bool
	Created    time.Time
	CreatedBy  string
	Modified   time.Time
}

// Redirect is the address that has to be registered at the provider, for pages at an origin of the tenant.
func (p Provider) Redirect(origin string) string { return RedirectOf(origin, p.ID) }

// RedirectOf is the address that a provider of this id sends people back to.
func RedirectOf(origin string, id ProviderID) string {
	return origin + "/sign-in/oidc/" + string(id) + "/callback"
}

// NewProvider is what Add needs.
type NewProvider struct {
	ID         ProviderID
	Name       string
	Issuer     string // or the address of the provider's description
	ClientID   string
	Secret     string   // "": a public client
	Scopes     []string // beside openid; nil: profile and email
	NameClaim  string   // "": preferred_username
	GroupClaim string   // "": groups
	GroupRoles map[string][]string
}

// Change changes a provider; nil leaves a value as it is.
type Change struct {
	Name, ClientID, NameClaim, GroupClaim *string
	Secret                                *string // "" takes it away
	Scopes                                *[]string
	GroupRoles                            *map[string][]string
	Active                                *bool
}
