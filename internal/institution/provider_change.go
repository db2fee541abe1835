package institution

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// Change changes a provider for sign-ins from now on; admins may. The issuer stays: another one would mean other people by
// the same subjects. Faults: Invalid, NotFound, Conflict.
func (s *Store) Change(ctx context.Context, who user.Who, id ProviderID, c Change) (Provider, error) {
	if !who.Admin() {
		return Provider{}, fault.Denied()
	}
	if err := c.check(); err != nil {
		return Provider{}, err
	}
	var p Provider
	err := s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		was, sealed, err := findTx(ctx, tx, id, "for update")
		if err != nil {
			return err
		}
		p = was
		changed := c.apply(&p)
		if c.Secret != nil {
			sealed, changed = s.sealed(who.Tenant, id, *c.Secret), append(changed, "secret")
		}
		if len(changed) == 0 {
			return nil
		}
		if _, err = tx.Exec(ctx, `update sign_in_provider set name = $2, client_id = $3, sealed_secret = $4, scopes = $5, name_claim = $6, group_claim = $7,
			group_roles = $8, active = $9, modified = now() where id = $1`, string(id), p.Name, p.ClientID, sealed, p.Scopes, p.NameClaim, p.GroupClaim, p.GroupRoles, p.Active); err != nil {
			return taken(err, id)
		}
		if p, _, err = findTx(ctx, tx, id, ""); err != nil {
			return err
		}
		return user.AuditTx(ctx, tx, who, "provider.change", string(id), map[string]any{"changed": changed, "active": p.Active})
	})
	return p, err
}

func (c *Change) check() error {
	part := func(value **string) string {
		if *value == nil {
			return "-"
		}
		trimmed := strings.TrimSpace(**value)
		*value = &trimmed
		return trimmed
	}
	wrong := checkParts(part(&c.Name), part(&c.ClientID), part(&c.NameClaim), part(&c.GroupClaim))
	if c.Secret != nil {
		wrong = append(wrong, checkSecret(*c.Secret)...)
	}
	if c.Scopes != nil {
		wrong = append(wrong, checkScopes(*c.Scopes)...)
	}
	if c.GroupRoles != nil {
		wrong = append(wrong, checkGroups(*c.GroupRoles)...)
	}
	return refuse(wrong)
}

// apply changes a provider, and names what is other than before, for the log.
func (c Change) apply(p *Provider) (changed []string) {
	for _, part := range []struct {
		name string
		now  *string
		to   *string
	}{{"name", &p.Name, c.Name}, {"client", &p.ClientID, c.ClientID}, {"nameClaim", &p.NameClaim, c.NameClaim}, {"groupClaim", &p.GroupClaim, c.GroupClaim}} {
		if part.to != nil && *part.to != *part.now {
			*part.now = *part.to
			changed = append(changed, part.name)
		}
	}
	if c.Scopes != nil && !slices.Equal(*c.Scopes, p.Scopes) {
		p.Scopes = append([]string{}, *c.Scopes...)
		changed = append(changed, "scopes")
	}
	if c.GroupRoles != nil && FormatGroups(*c.GroupRoles) != FormatGroups(p.GroupRoles) {
		p.GroupRoles = *c.GroupRoles
		changed = append(changed, "groups")
	}
	if c.Active != nil && *c.Active != p.Active {
		p.Active = *c.Active
		changed = append(changed, "active")
	}
	return changed
}
