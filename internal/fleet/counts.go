package fleet

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/module"
	"cutroom/internal/tenant"
)

// Counts are over all tenants.
type Counts struct{ All, Upgradable, Installing, Deleting int }

// Count counts all tenants, in one query.
func (s *Store) Count(ctx context.Context) (c Counts, err error) {
	outdated, _, err := s.outdated(ctx)
	if err != nil {
		return c, err
	}
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `select count(*), count(*) filter (where deleting_at is not null),
			  (select count(distinct tenant_id) from install where state in ('queued', 'dispatched', 'running')),
			  (select count(*) from (select tenant_id from tenant_module where enabled and module_id = any($1)
			   except select id from tenant where deleting_at is not null) a)
			from tenant`, outdated).Scan(&c.All, &c.Deleting, &c.Installing, &c.Upgradable)
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
	outdated, newest, err := s.outdated(ctx)
	if err != nil {
		return nil, nil, err
	}
	sql, args := chosen(f, outdated, ids)
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql+`
			select m.module_id, count(*) from chosen c join tenant_module m on m.tenant_id = c.id
			where m.enabled and m.module_id = any($1) group by m.module_id order by m.module_id`, args...)
		if err != nil {
			return err
		}
		changes, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c Change, err error) {
			err = row.Scan(&c.From, &c.Tenants)
			c.To = newest[c.From]
			return c, err
		})
		if err != nil {
			return err
		}
		rows, err = tx.Query(ctx, sql+" select c.id from chosen c order by c.id", args...)
		if err == nil {
			tenants, err = pgx.CollectRows(rows, pgx.RowTo[tenant.ID])
		}
		return err
	})
	return changes, tenants, err
}

// chosen selects the tenants that can be upgraded: those of ids, or with ids nil those that f's text finds.
func chosen(f Filter, outdated []string, ids []tenant.ID) (sql string, args []any) {
	args = []any{outdated}
	where := "t.deleting_at is null and " + upgradable + " and t.id not in (select tenant_id from install where state in ('queued', 'dispatched', 'running'))"
	if ids != nil {
		args = append(args, ids)
		where += fmt.Sprintf(" and t.id = any($%d)", len(args))
	}
	if text := like(f.Text); text != "" {
		args = append(args, text)
		where += " and " + fmt.Sprintf(matches, len(args))
	}
	return "with chosen as (select t.id from tenant t where " + where + ")", args
}

// outdated lists the modules that have a newer one of their product, and gives that for each.
func (s *Store) outdated(ctx context.Context) (ids []string, newest map[string]string, err error) {
	all, err := s.Installs.ModulesMap(ctx)
	if err != nil {
		return nil, nil, err
	}
	ids, newest = []string{}, map[string]string{}
	best := Newest(all)
	for id := range all {
		parsed, err := module.ParseID(id)
		if err == nil && best[parsed.Product] != id {
			ids, newest[id] = append(ids, id), best[parsed.Product]
		}
	}
	return ids, newest, nil
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
