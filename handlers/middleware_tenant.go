package handlers

import (
	"context"
	"sync"
	"time"

	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
)

// tenantCache keeps the list of tenants for a moment, so that finding one by host costs no query. With it comes whether this
// build can answer for the database, and for each tenant.
type tenantCache struct {
	list    func(context.Context) ([]tenant.Tenant, error)
	ttl     time.Duration
	changed <-chan live.Notice // a tenant came, changed or went; nil: nobody tells

	mu     sync.Mutex
	all    []tenant.Tenant
	loaded time.Time
}

// missTTL is how old the list may be for a host that no tenant names, be it unknown or the only tenant's because any host
// is: a tenant made just now is found at once, nobody else answers in its place, and made-up hosts do not cost a query each.
const missTTL = 200 * time.Millisecond

// byHost finds the tenant of a host, with or without port. One that names none leads above them.
func (c *tenantCache) byHost(ctx context.Context, hostport, public string) (tenant.Tenant, error) {
	host := hostOf(hostport)
	for _, age := range []time.Duration{c.ttl, missTTL} {
		all, err := c.younger(ctx, age)
		if err != nil {
			return tenant.Tenant{}, err
		}
		if t, named := tenant.ByName(all, host, public); named {
			return t, t.Serves()
		}
		if t, ok := tenant.ByHost(all, host, public); ok && age == missTTL {
			return t, t.Serves()
		}
	}
	return above, nil
}

// byID finds a tenant by its id; there being none is a fault NotFound.
func (c *tenantCache) byID(ctx context.Context, id tenant.ID) (tenant.Tenant, error) {
	for _, age := range []time.Duration{c.ttl, missTTL} {
		all, err := c.younger(ctx, age)
		if err != nil {
			return tenant.Tenant{}, err
		}
		if t, there := tenant.ByID(all, id); there {
			return t, t.Serves()
		}
	}
	return tenant.Tenant{}, fault.Newf(fault.NotFound, "error.no-tenant", "There is no tenant %s.", id).With(map[string]any{"Tenant": id})
}

// alone says whether there is just one tenant.
func (c *tenantCache) alone(ctx context.Context) (bool, error) {
	all, err := c.younger(ctx, c.ttl)
	return len(all) == 1, err
}

// younger gives the list, read again if it is older than age. While the database is away the old list does; where it is newer than
// this node can serve, nobody is answered.
func (c *tenantCache) younger(ctx context.Context, age time.Duration) ([]tenant.Tenant, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.changed:
		c.loaded = time.Time{}
	default:
	}
	if c.all != nil && time.Since(c.loaded) < age {
		return c.all, nil
	}
	all, err := c.list(ctx)
	switch {
	case err == nil:
		c.all, c.loaded = all, time.Now()
	case c.all == nil, tenant.Unservable(err):
		return nil, err
	}
	return c.all, nil
}
