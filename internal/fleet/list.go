package fleet

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/install"
	"cutroom/internal/tenant"
)

// Filter is what the list shows.
type Filter struct {
	Text   string // in the name, the id or a host
	Only   string // "", upgradable, installing, deleting
	Cursor string // of the page before
	Limit  int    // 0: 50
}

// Line is one tenant in the list.
type Line struct {
	ID          tenant.ID
	Name        string
	Hosts       []string
	Deleting    bool
	Modules     int         // enabled
	Newer       int         // of them have a newer version
	Install     *install.ID // under way, or the first that waits
	Upgrade     bool        // Install is one
	Done, Total int         // modules of Install
	Recordings  int         // about; -1: unknown. See List
	order       string      // the name as Postgres sorts it
}

// lineQuery reads one page. The tenants of the page are found first, so that what is counted is counted for them alone. What a filter
// does not ask for does not stand in it: Postgres would plan for that too.
func lineQuery(f Filter, outdated []string, name, id string, ids []string, limit int) (sql string, args []any) {
	args = []any{outdated, limit}
	where := []string{"true"}
	add := func(condition string, values ...any) {
		places := make([]any, len(values))
		for i, v := range values {
			args = append(args, v)
			places[i] = len(args)
		}
		where = append(where, fmt.Sprintf(condition, places...))
	}
	if text := like(f.Text); text != "" {
		add(matches, text)
	}
	switch f.Only {
	case "deleting":
		add("t.deleting_at is not null")
	case "installing":
		add("t.id in (select tenant_id from install where state in ('queued', 'dispatched', 'running'))")
	case "upgradable":
		add("t.deleting_at is null and " + upgradable)
	}
	if ids != nil {
		add("t.id = any($%d)", ids)
	}
	if f.Cursor != "" {
		add("(lower(t.name), t.id) > ($%d, $%d)", name, id)
	}
	return fmt.Sprintf(`
	with page as (select t.id, t.name, t.deleting_at from tenant t where %s order by lower(t.name), t.id limit $2)
	select p.id, p.name, coalesce((select array_agg(host order by host) from tenant_host where tenant_id = p.id), '{}'), p.deleting_at is not null,
	  coalesce(m.enabled, 0), coalesce(m.newer, 0), i.id, coalesce(i.kind = 'upgrade', false), coalesce(s.done, 0), coalesce(s.total, 0), lower(p.name)
	from page p
	left join lateral (
	  select count(*) as enabled, count(*) filter (where module_id = any($1)) as newer from tenant_module where tenant_id = p.id and enabled) m on true
	left join lateral (
	  select id, kind from install where tenant_id = p.id and state in ('queued', 'dispatched', 'running') order by seq limit 1) i on true
	left join lateral (
	  select count(*) filter (where stage = 'done') as done, count(*) as total from install_module where install_id = i.id) s on true
	order by lower(p.name), p.id`, strings.Join(where, " and ")), args
}

// matches finds a pattern in what people know of a tenant t, and upgradable says that it has a module of $1, which have newer ones.
const (
	matches    = "(t.name ilike $%[1]d or t.id like lower($%[1]d) or t.id in (select h.tenant_id from tenant_host h where h.host like lower($%[1]d)))"
	upgradable = "exists (select 1 from tenant_module m where m.tenant_id = t.id and m.enabled and m.module_id = any($1::text[]))"
)

// List gives a page of tenants by name, and the cursor of the next page, "" where there is none. Recordings are about as many as
// Postgres' own statistics say: to count them would ask each tenant's schema.
func (s *Store) List(ctx context.Context, f Filter) (lines []Line, next string, err error) {
	return s.list(ctx, f, nil)
}

func (s *Store) list(ctx context.Context, f Filter, ids []string) (lines []Line, next string, err error) {
	name, id, err := readCursor(f.Cursor)
	if err != nil {
		return nil, "", err
	}
	outdated, _, err := s.outdated(ctx)
	if err != nil {
		return nil, "", err
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	sql, args := lineQuery(f, outdated, name, id, ids, limit+1)
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		lines, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (l Line, err error) {
			return l, row.Scan(&l.ID, &l.Name, &l.Hosts, &l.Deleting, &l.Modules, &l.Newer, &l.Install, &l.Upgrade, &l.Done, &l.Total, &l.order)
		})
		if err != nil {
			return err
		}
		if len(lines) > limit {
			lines = lines[:limit]
			last := lines[limit-1]
			next = writeCursor(last.order, last.ID)
		}
		return estimateTx(ctx, tx, lines)
	})
	return lines, next, err
}

// Line gives one tenant as the list does, also one that is being deleted.
func (s *Store) Line(ctx context.Context, id tenant.ID) (Line, error) {
	lines, _, err := s.list(ctx, Filter{}, []string{string(id)})
	if err != nil {
		return Line{}, err
	}
	if len(lines) == 0 {
		return Line{}, fault.Gone()
	}
	return lines[0], nil
}

// estimateTx fills in Recordings.
func estimateTx(ctx context.Context, tx pgx.Tx, lines []Line) error {
	schemas, at := make([]string, len(lines)), map[string]int{}
	for i, l := range lines {
		schemas[i] = "t_" + string(l.ID)
		at[schemas[i]] = i
		lines[i].Recordings = -1
	}
	rows, err := tx.Query(ctx, `
		select n.nspname, greatest(c.reltuples::bigint, nullif(pg_stat_get_live_tuples(c.oid), 0), -1)
		from pg_namespace n join pg_class c on c.relnamespace = n.oid and c.relname = 'event' and c.relkind = 'r' where n.nspname = any($1)`, schemas)
	if err != nil {
		return err
	}
	schema, n := "", 0
	_, err = pgx.ForEachRow(rows, []any{&schema, &n}, func() error {
		lines[at[schema]].Recordings = n
		return nil
	})
	return err
}

// like is a pattern that finds text anywhere; "" for no text.
func like(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text) + "%"
}

func writeCursor(order string, id tenant.ID) string {
	return base64.RawURLEncoding.EncodeToString([]byte(order + "\x00" + string(id)))
}

func readCursor(cursor string) (name, id string, err error) {
	if cursor == "" {
		return "", "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	name, id, there := strings.Cut(string(b), "\x00")
	if err != nil || !there {
		return "", "", fault.New(fault.Invalid, "error.cursor", "This cursor is none of ours.").WithCause(err)
	}
	return name, id, nil
}
