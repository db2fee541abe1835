package tenant

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
)

// Tenant is one institution.
type Tenant struct {
	ID          ID
	Name        string
	Description string
	Hosts       []string // of its own, sorted
	Created     time.Time
	Off         []string // products of built-in modules that were switched off

	level level
}

// Has says whether a built-in product serves the tenant: it does unless it was switched off.
func (t Tenant) Has(product string) bool { return !slices.Contains(t.Off, product) }

// tenants selects all tenants that answer, or one, with their hosts and how far their schema is.
const tenants = `
	select t.id, t.name, t.description, coalesce(h.hosts, '{}'), t.created, coalesce(o.off, '{}'), coalesce(m.version, 0), coalesce(m.needs, 0)
	from cutroom.tenant t
	left join (select tenant_id, array_agg(host order by host) as hosts from cutroom.tenant_host group by tenant_id) h on h.tenant_id = t.id
	left join (select tenant_id, array_agg(product order by product) as off from cutroom.tenant_module where not enabled group by tenant_id) o on o.tenant_id = t.id
	left join (select scope, max(version) as version, max(coalesce(needs, version)) as needs from cutroom.migration group by scope) m on m.scope = 'tenant:' || t.id
	where t.deleting_at is null and ($1 = '' or t.id = $1)
	order by t.id collate "C"`

// List gives all tenants by id, without those that are being deleted. It fails with a fault for which Unservable holds where this
// build cannot work on the database.
func (db *DB) List(ctx context.Context) ([]Tenant, error) { return db.list(ctx, "") }

func (db *DB) list(ctx context.Context, id ID) (all []Tenant, err error) {
	batch := &pgx.Batch{}
	batch.Queue(systemLevels).Query(db.systemServes)
	batch.Queue(tenants, string(id)).Query(func(rows pgx.Rows) error {
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t Tenant, err error) {
			t.level.known = db.migrations().known("tenant")
			return t, row.Scan(&t.ID, &t.Name, &t.Description, &t.Hosts, &t.Created, &t.Off, &t.level.version, &t.level.needs)
		})
		return err
	})
	if err := db.Pool.SendBatch(ctx, batch).Close(); err != nil {
		return nil, served(err)
	}
	return all, nil
}

// Find gives a tenant by id; a fault NotFound where there is none, or it is being deleted.
func (db *DB) Find(ctx context.Context, id ID) (Tenant, error) {
	if !id.Valid() {
		return Tenant{}, noTenant(id)
	}
	all, err := db.list(ctx, id)
	if err != nil {
		return Tenant{}, err
	}
	if len(all) == 0 {
		return Tenant{}, noTenant(id)
	}
	return all[0], nil
}

func noTenant(id ID) *fault.Error {
	return fault.Newf(fault.NotFound, "error.no-tenant", "There is no tenant %s.", id).With(map[string]any{"Tenant": id})
}

// ByHost finds the tenant that answers at a host name (without port): the one that the host names, or the only tenant
// there is.
func ByHost(all []Tenant, host, publicHost string) (Tenant, bool) {
	if t, ok := ByName(all, host, publicHost); ok {
		return t, true
	}
	if len(all) == 1 {
		return all[0], true
	}
	return Tenant{}, false
}

// ByName finds the tenant that a host name (without port) names: its own host, or the label before the public host. all is
// sorted by id, as List gives it.
func ByName(all []Tenant, host, publicHost string) (Tenant, bool) {
	host = strings.ToLower(host)
	if label, below := strings.CutSuffix(host, "."+publicHost); below {
		if t, ok := ByID(all, ID(label)); ok {
			return t, true
		}
	}
	for i := range all {
		for _, h := range all[i].Hosts {
			if h == host {
				return all[i], true
			}
		}
	}
	return Tenant{}, false
}

// ByID finds a tenant in a list that is sorted by id.
func ByID(all []Tenant, id ID) (Tenant, bool) {
	low, high := 0, len(all)
	for low < high {
		mid := (low + high) / 2
		if all[mid].ID < id {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low < len(all) && all[low].ID == id {
		return all[low], true
	}
	return Tenant{}, false
}
