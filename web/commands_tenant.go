package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"cutroom/internal/fault"
	"cutroom/internal/node"
	"cutroom/internal/tenant"
)

type tenantCreateCommand struct {
	ID          string   `arg:"" help:"A lower-case letter, then up to 30 lower-case letters and digits."`
	Name        string   `help:"What people read; the id when absent."`
	Description string   `help:"What it is, for operators."`
	Host        []string `help:"A host name of the tenant's own. May be given several times."`
}

// Run makes the tenant.
func (t tenantCreateCommand) Run(c *call) error {
	a, err := c.connect()
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.db.Create(c.ctx, tenant.ID(t.ID), t.Name, t.Description, t.Host); err != nil {
		return err
	}
	return a.installs.EnableBuiltins(c.ctx, tenant.ID(t.ID))
}

type tenantChangeCommand struct {
	ID          string    `arg:"" help:"The tenant's id, which stays."`
	Name        *string   `help:"What people read."`
	Description *string   `help:"What it is, for operators."`
	Host        *[]string `help:"Its own host names, in place of those that it has. May be given several times; once and empty: none."`
}

// Run changes what is named.
func (t tenantChangeCommand) Run(c *call) error {
	if t.Name == nil && t.Description == nil && t.Host == nil {
		return usage(errors.New("there is nothing to change: say --name, --description or --host"))
	}
	a, err := c.connect()
	if err != nil {
		return err
	}
	defer a.close()
	if t.Host != nil {
		*t.Host = slices.DeleteFunc(*t.Host, func(host string) bool { return host == "" })
	}
	return a.db.Change(c.ctx, tenant.ID(t.ID), tenant.Change{Name: t.Name, Description: t.Description, Hosts: t.Host})
}

type tenantListCommand struct{}

// Run prints a line for each tenant, those that are being deleted last.
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
	deletions, err := a.db.Deleting(c.ctx)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, t := range tenants {
		rows = append(rows, []any{t.ID, t.Name, joined(t.Hosts), clock(t.Created), tenantState(t)})
	}
	for _, d := range deletions {
		rows = append(rows, []any{d.ID, d.Name, "-", "-", "is being deleted since " + clock(d.Since)})
	}
	return table(c.out, []string{"ID", "NAME", "HOSTS", "CREATED", "STATE"}, rows, func(row []any) []any { return row })
}

// tenantState says whether this build can answer for the tenant.
func tenantState(t tenant.Tenant) string {
	f := fault.As(t.Serves())
	switch {
	case f == nil:
		return "ready"
	case f.ID == "error.tenant-ahead":
		return "newer than this build"
	}
	return "to be migrated"
}

type tenantDeleteCommand struct {
	ID  string `arg:"" help:"The tenant's id."`
	Yes bool   `help:"Really: its recordings, people and files are gone for good."`
}

// Run deletes the tenant, or goes on with a deletion that was begun, and returns when nothing of it is left.
func (t tenantDeleteCommand) Run(c *call) error {
	if !t.Yes {
		return usage(fmt.Errorf("this deletes all recordings, people and files of %s for good: say --yes", t.ID))
	}
	a, err := c.connect()
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.db.Serves(c.ctx); err != nil {
		return err
	}
	id := tenant.ID(t.ID)
	begun := a.db.StartDelete(c.ctx, id, "command line")
	if begun != nil && fault.KindOf(begun) != fault.NotFound {
		return begun
	}
	if _, still, err := deletion(c.ctx, a, id); err != nil || !still {
		return errors.Join(err, begun)
	}
	return a.finishDelete(c.ctx, id, c.steps())
}

// deletePatience is how long a command waits for a node that works jobs to take a deletion.
const deletePatience = 3 * time.Second

// finishDelete waits until a tenant is gone. Where no node takes its job, it does it here.
func (a *app) finishDelete(ctx context.Context, id tenant.ID, say func(string)) error {
	alone := time.Now().Add(deletePatience)
	if !a.jobsNodes(ctx) {
		alone = time.Now()
	}
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for {
		d, still, err := deletion(ctx, a, id)
		if err != nil || !still {
			return err
		}
		if d.Node == "" && time.Now().After(alone) {
			err := a.db.Delete(ctx, id, 0, a.config.Node, say)
			if !errors.Is(err, tenant.ErrTaken) {
				return err
			}
		}
		if d.Node != "" {
			say(fmt.Sprintf("%s: %s", d.Node, d.Note))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}

// deletion looks for a tenant among those that go.
func deletion(ctx context.Context, a *app, id tenant.ID) (tenant.Deletion, bool, error) {
	all, err := a.db.Deleting(ctx)
	for _, d := range all {
		if d.ID == id {
			return d, true, nil
		}
	}
	return tenant.Deletion{}, false, err
}

// jobsNodes says whether any node works jobs at this moment.
func (a *app) jobsNodes(ctx context.Context) bool {
	nodes, err := a.nodes.List(ctx)
	if err != nil {
		return false
	}
	for _, n := range nodes {
		for _, role := range n.Roles {
			if n.Alive && !n.Draining && role == node.Jobs {
				return true
			}
		}
	}
	return false
}
