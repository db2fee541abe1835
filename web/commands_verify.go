package main

import (
	"fmt"

	"cutroom/internal/event"
	"cutroom/internal/tenant"
)

type verifyCommand struct {
	Tenant string `help:"Only this tenant; all when absent."`
	Files  bool   `help:"Also read every stored file and compare its checksum."`
}

// Run prints a line for each broken promise and fails when there is one.
func (v verifyCommand) Run(c *call) error {
	a, err := c.connect()
	if err != nil {
		return err
	}
	defer a.close()
	tenants, err := v.tenants(c, a)
	if err != nil {
		return err
	}
	broken := 0
	for _, t := range tenants {
		err := event.Verify(c.ctx, a.db, a.files, t.ID, v.Files, func(found event.Violation) {
			broken++
			fmt.Fprintf(c.out, "%s: %s\n", t.ID, found)
		})
		if err != nil {
			return fmt.Errorf("tenant %s: %w", t.ID, err)
		}
	}
	if broken > 0 {
		return fmt.Errorf("%d promises are broken", broken)
	}
	return nil
}

func (v verifyCommand) tenants(c *call, a *app) ([]tenant.Tenant, error) {
	if v.Tenant == "" {
		return a.db.List(c.ctx)
	}
	one, err := a.db.Find(c.ctx, tenant.ID(v.Tenant))
	return []tenant.Tenant{one}, err
}
