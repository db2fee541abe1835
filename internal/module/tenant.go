package module

// tenantInterface is what a module offers to hear of tenants: Okapi's system interface of that name.
const tenantInterface = "_tenant"

// TenantInterface finds what a module must be told when it is enabled or disabled for a tenant: the version of its
// _tenant interface (1.0, 1.1, 1.2, 2.0, or one that nobody knows) and its routes. Without one, or with one that is not of
// interfaceType system, the module hears of nothing, as with Okapi.
func (d Descriptor) TenantInterface() (version string, handlers []Handler, ok bool) {
	for _, p := range d.Provides {
		if p.ID == tenantInterface && p.Type == typeSystem {
			return p.Version, p.Handlers, true
		}
	}
	return "", nil, false
}
