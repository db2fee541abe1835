package tenant

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cutroom/internal/fault"
)

// Tenant is one institution.
type Tenant struct {
	ID      ID
	Name    string
	Hosts   []string
	Created time.Time
}

// List gives all tenants by id.
func (db *DB) List(ctx context.Context) ([]Tenant, error) {
	rows, err := db.Pool.Query(ctx, `
		select t.id, t.name, coalesce(array_agg(h.host order by h.host) filter (where h.host is not null), '{}') as hosts, t.created
		from cutroom.tenant t left join cutroom.tenant_host h on h.tenant_id = t.id
		group by t.id order by t.id`)
	if err != nil {
		return nil, unavailable(err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Tenant])
}

// Create makes a tenant with its schema and role, or fails without a trace. hosts are its own host names; it is always
// reachable at <id>.<public host> too.
func (db *DB) Create(ctx context.Context, id ID, name string, hosts []string) error {
	if !id.Valid() {
		return fault.New(fault.Invalid, "error.tenant-id", "A tenant's id is a lower-case letter followed by up to 30 lower-case letters and digits.").
			WithFields(fault.Field{Path: "/id", Rule: "TenantID", Message: "Use lower-case letters and digits, a letter first."})
	}
	if strings.TrimSpace(name) == "" {
		name = string(id)
	}
	return db.locked(ctx, func(conn *pgx.Conn) error {
		var there bool
		if err := conn.QueryRow(ctx, "select exists (select 1 from cutroom.tenant where id = $1)", id).Scan(&there); err != nil {
			return err
		}
		if there {
			return fault.Newf(fault.Conflict, "error.tenant-exists", "There is a tenant %s already.", id).With(map[string]any{"Tenant": id})
		}
		// The schema first: a tenant whose row is there is always whole.
		if err := migrateTenant(ctx, conn, id); err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "insert into cutroom.tenant (id, name) values ($1, $2)", id, name); err != nil {
				return err
			}
			for _, h := range hosts {
				if _, err := tx.Exec(ctx, "insert into cutroom.tenant_host (host, tenant_id) values ($1, $2)", strings.ToLower(h), id); err != nil {
					return hostError(h, err)
				}
			}
			return nil
		})
	})
}

func hostError(host string, err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "23505" || pg.Code == "23514") {
		return fault.Newf(fault.Invalid, "error.tenant-host", "The host name %q is taken or has signs that a host name cannot have.", host).With(map[string]any{"Host": host})
	}
	return err
}

// Delete removes a tenant's rows, schema and role. Its files are the caller's to remove.
func (db *DB) Delete(ctx context.Context, id ID) error {
	return db.locked(ctx, func(conn *pgx.Conn) error {
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, "delete from cutroom.tenant where id = $1", id)
			if err != nil {
				return err
			}
			if tag.RowsAffected() == 0 {
				return fault.Newf(fault.NotFound, "error.no-tenant", "There is no tenant %s.", id).With(map[string]any{"Tenant": id})
			}
			if _, err := tx.Exec(ctx, "delete from cutroom.migration where scope = $1", "tenant:"+string(id)); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, fmt.Sprintf("drop schema if exists %s cascade; drop owned by %s", id.schema(), id.role()))
			return err
		})
	})
}

// Find gives a tenant by id.
func (db *DB) Find(ctx context.Context, id ID) (Tenant, error) {
	all, err := db.List(ctx)
	if err != nil {
		return Tenant{}, err
	}
	for _, t := range all {
		if t.ID == id {
			return t, nil
		}
	}
	return Tenant{}, fault.Newf(fault.NotFound, "error.no-tenant", "There is no tenant %s.", id).With(map[string]any{"Tenant": id})
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

// ByName finds the tenant that a host name (without port) names: its own host, or the label before the public host.
func ByName(all []Tenant, host, publicHost string) (Tenant, bool) {
	host = strings.ToLower(host)
	for _, t := range all {
		if host == string(t.ID)+"."+publicHost {
			return t, true
		}
		for _, h := range t.Hosts {
			if h == host {
				return t, true
			}
		}
	}
	return Tenant{}, false
}
