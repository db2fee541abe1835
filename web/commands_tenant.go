package main

import (
	"errors"
	"fmt"

	"cutroom/internal/tenant"
)

type tenantCreateCommand struct {
	ID   string   `arg:"" help:"Lower-case letters and digits, a letter first."`
	Name string   `help:"What people read; the id when absent."`
	Host []string `help:"A host name of the tenant's own. May be given several times."`
}

// Run makes the tenant.
func (t tenantCreateCommand) Run(c *call) error {
	a, err := c.connect()
	if err != nil {
		return err
	}
	defer a.close()
	return a.db.Create(c.ctx, tenant.ID(t.ID), t.Name, t.Host)
}

type tenantListCommand struct{}

// Run prints a line for each tenant.
func (tenantListCommand) Run(c *call) error {
	a, err := c.connect()
	if err != nil {
		return err
	}
	defer a.close()
	tenants, err := a.db.List(c.ctx)
	if err != nil {
		return err
	}
	return table(c.out, []string{"ID", "NAME", "HOSTS", "CREATED"}, tenants, func(t tenant.Tenant) []any {
		return []any{t.ID, t.Name, joined(t.Hosts), clock(t.Created)}
	})
}

type tenantDeleteCommand struct {
	ID  string `arg:"" help:"The tenant's id."`
	Yes bool   `help:"Really: its recordings, people and files are gone for good."`
}

// Run deletes rows first, then files: a file without a row harms nobody.
func (t tenantDeleteCommand) Run(c *call) error {
	if !t.Yes {
		return usage(fmt.Errorf("this deletes all recordings, people and files of %s for good: say --yes", t.ID))
	}
	a, id, err := c.inTenant(t.ID)
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.db.Delete(c.ctx, id); err != nil {
		return err
	}
	if err := a.files.RemoveTenant(c.ctx, string(id)); err != nil {
		return errors.Join(errors.New("the tenant is deleted, but some of its files are still there"), err)
	}
	return nil
}
