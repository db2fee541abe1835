package institution

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

const providerColumns = `id::text, name::text, issuer, client_id, sealed_secret is not null, scopes, name_claim, group_claim, group_roles, active, created, created_by::text, modified`

// place is where a provider's secret is sealed for.
func place(t tenant.ID, id ProviderID) string { return string(t) + "/sign_in_provider/" + string(id) }

func (s *Store) sealed(t tenant.ID, id ProviderID, secret string) []byte {
	if secret == "" {
		return nil
	}
	return s.Seal.Seal(place(t, id), []byte(secret))
}

func (s *Store) open(t tenant.ID, id ProviderID, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	secret, err := s.Seal.Open(place(t, id), sealed)
	return string(secret), err
}

// List gives a tenant's providers by name, to admins.
func (s *Store) List(ctx context.Context, who user.Who) ([]Provider, error) {
	if !who.Admin() {
		return nil, fault.Denied()
	}
	return s.list(ctx, who.Tenant, "")
}

// Active gives the providers that people may sign in with, by name, to everybody.
func (s *Store) Active(ctx context.Context, t tenant.ID) ([]Provider, error) {
	return s.list(ctx, t, "where active")
}

func (s *Store) list(ctx context.Context, t tenant.ID, where string) ([]Provider, error) {
	var all []Provider
	err := s.DB.Read(ctx, t, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select "+providerColumns+" from sign_in_provider "+where+" order by lower(name), id")
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Provider])
		return err
	})
	return all, err
}

// Find gives a provider, to admins.
func (s *Store) Find(ctx context.Context, who user.Who, id ProviderID) (Provider, error) {
	if !who.Admin() {
		return Provider{}, fault.Denied()
	}
	p, _, err := s.find(ctx, who.Tenant, id)
	return p, err
}

func (s *Store) find(ctx context.Context, t tenant.ID, id ProviderID) (p Provider, sealed []byte, err error) {
	err = s.DB.Read(ctx, t, func(tx pgx.Tx) (err error) { p, sealed, err = findTx(ctx, tx, id, ""); return err })
	return p, sealed, err
}

// findTx finds a provider with its sealed secret; lock is "" or "for update".
func findTx(ctx context.Context, tx pgx.Tx, id ProviderID, lock string) (Provider, []byte, error) {
	if !text(string(id), 128) {
		return Provider{}, nil, noProvider()
	}
	rows, err := tx.Query(ctx, "select "+providerColumns+", sealed_secret from sign_in_provider where id::text = $1 "+lock, string(id))
	if err != nil {
		return Provider{}, nil, err
	}
	type row struct {
		Provider Provider
		Sealed   []byte
	}
	found, err := pgx.CollectExactlyOneRow(rows, func(r pgx.CollectableRow) (row, error) {
		var one row
		p := &one.Provider
		err := r.Scan(&p.ID, &p.Name, &p.Issuer, &p.ClientID, &p.HasSecret, &p.Scopes, &p.NameClaim, &p.GroupClaim, &p.GroupRoles, &p.Active, &p.Created, &p.CreatedBy, &p.Modified, &one.Sealed)
		return one, err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Provider{}, nil, noProvider()
	}
	return found.Provider, found.Sealed, err
}

func noProvider() error {
	return fault.New(fault.NotFound, "error.no-provider", "There is no such sign-in service here.")
}

// Add registers a provider that answers under its issuer; admins may. Faults: Invalid; Conflict for an id, or an issuer and
// client, that is there already; Unavailable when the provider does not answer.
func (s *Store) Add(ctx context.Context, who user.Who, n NewProvider) (Provider, error) {
	if !who.Admin() {
		return Provider{}, fault.Denied()
	}
	n.fill()
	if err := n.check(); err != nil {
		return Provider{}, err
	}
	asking, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	if _, err := s.discover(asking, who.Tenant, n.Name, n.Issuer); err != nil {
		return Provider{}, err
	}
	var p Provider
	err := s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into sign_in_provider (id, name, issuer, client_id, sealed_secret, scopes, name_claim, group_claim, group_roles, created_by)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, string(n.ID), n.Name, n.Issuer, n.ClientID, s.sealed(who.Tenant, n.ID, n.Secret), n.Scopes, n.NameClaim, n.GroupClaim, n.GroupRoles, who.User)
		if err != nil {
			return taken(err, n.ID)
		}
		if p, _, err = findTx(ctx, tx, n.ID, ""); err != nil {
			return err
		}
		return user.AuditTx(ctx, tx, who, "provider.create", string(n.ID), map[string]any{"issuer": n.Issuer, "client": n.ClientID})
	})
	return p, err
}

func taken(err error, id ProviderID) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "23505" {
		return err
	}
	if pg.ConstraintName == "sign_in_provider_pkey" {
		return fault.Newf(fault.Conflict, "error.provider-exists", "There is a sign-in service %s already.", id).With(map[string]any{"ID": id}).
			WithFields(fault.Field{Path: "/id", Rule: "Unique", Message: "This id is taken."}).WithCause(err)
	}
	return fault.New(fault.Conflict, "error.provider-twice", "This client of this issuer is registered already.").
		WithFields(fault.Field{Path: "/clientId", Rule: "ProviderTwice", Message: "This client of this issuer is registered already."}).WithCause(err)
}

// Remove forgets a provider, with whom it vouched for: sessions that began there end, the people stay. Admins may.
func (s *Store) Remove(ctx context.Context, who user.Who, id ProviderID) error {
	if !who.Admin() {
		return fault.Denied()
	}
	var tell func(*user.Store)
	err := s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		p, _, err := findTx(ctx, tx, id, "for update")
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "delete from sign_in_provider where id = $1", string(id)); err != nil {
			return err
		}
		if tell, err = user.DropSourceTx(ctx, tx, who.Tenant, source(id)); err != nil {
			return err
		}
		return user.AuditTx(ctx, tx, who, "provider.delete", string(id), map[string]any{"issuer": p.Issuer, "client": p.ClientID})
	})
	if err == nil {
		tell(s.Users)
	}
	return err
}
