package fleet

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/module"
	"cutroom/internal/tenant"
)

// Counts are over all tenants.
type Counts struct{ All, Upgradable, Installing, Deleting int }

// Count counts all tenants, in one query.
func (s *Store) Count(ctx context.Context) (c Counts, err error) {
	products, newest, err := s.newest(ctx)
	if err != nil {
		return c, err
	}
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
			with newest as (select * from unnest($1::text[], $2::text[]) as n (product, id))
			select count(*), count(*) filter (where deleting_at is not null),
			  (select count(distinct tenant_id) from install where state in ('queued', 'dispatched', 'running')),
			  (select count(distinct m.tenant_id) from tenant_module m join newest n using (product) join tenant t on t.id = m.tenant_id
			   where m.enabled and m.module_id <> n.id and t.deleting_at is null)
			from tenant`, products, newest).Scan(&c.All, &c.Deleting, &c.Installing, &c.Upgradable)
	})
	return c, err
}

// Change is one module that has a newer version than some tenants.
type Change struct {
	From, To string // module ids
	Tenants  int
}

// Changes says what an upgrade of tenants would change, and how many of them have anything to upgrade. With ids nil it is about
// all that f shows. What a tenant's upgrade brings along for its dependencies is not told here.
func (s *Store) Changes(ctx context.Context, f Filter, ids []tenant.ID) (changes []Change, tenants []tenant.ID, err error) {
	products, newest, err := s.newest(ctx)
	if err != nil {
		return nil, nil, err
	}
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		const chosen = `
			with newest as (select * from unnest($1::text[], $2::text[]) as n (product, id)),
			chosen as (
			  select t.id from tenant t where t.deleting_at is null
			    and ($3::text[] is null or t.id = any($3))
			    and ($4 = '' or t.name ilike $4 or t.id like $4 or exists (select 1 from tenant_host h where h.tenant_id = t.id and h.host like lower($4)))
			    and not exists (select 1 from install i where i.tenant_id = t.id and i.state in ('queued', 'dispatched', 'running')))`
		args := []any{products, newest, ids, like(f.Text)}
		rows, err := tx.Query(ctx, chosen+`
			select m.module_id, n.id, count(*) from chosen c join tenant_module m on m.tenant_id = c.id join newest n using (product)
			where m.enabled and m.module_id <> n.id group by m.module_id, n.id order by n.id, m.module_id`, args...)
		if err != nil {
			return err
		}
		if changes, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Change]); err != nil {
			return err
		}
		rows, err = tx.Query(ctx, chosen+`
			select c.id from chosen c where exists (select 1 from tenant_module m join newest n using (product)
			  where m.tenant_id = c.id and m.enabled and m.module_id <> n.id) order by c.id`, args...)
		if err == nil {
			tenants, err = pgx.CollectRows(rows, pgx.RowTo[tenant.ID])
		}
		return err
	})
	return changes, tenants, err
}

// newest gives each product with the id of its newest module.
func (s *Store) newest(ctx context.Context) (products, ids []string, err error) {
	all, err := s.Installs.ModulesMap(ctx)
	if err != nil {
		return nil, nil, err
	}
	products, ids = []string{}, []string{}
	for product, id := range Newest(all) {
		products, ids = append(products, product), append(ids, id)
	}
	return products, ids, nil
}

// Newest gives the newest module of each product.
func Newest(all map[string]module.Descriptor) map[string]string {
	newest, best := map[string]string{}, map[string]module.ID{}
	for id := range all {
		parsed, err := module.ParseID(id)
		if err != nil {
			continue
		}
		if was, there := best[parsed.Product]; !there || was.Version.Compare(parsed.Version) < 0 {
			best[parsed.Product], newest[parsed.Product] = parsed, id
		}
	}
	return newest
}
