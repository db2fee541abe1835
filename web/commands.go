package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/node"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// commands is what `cutroom` can do: kong reads names, flags and help from here.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Answer pages and the API; work no jobs."`
	Work    workCommand    `cmd:"" help:"Work jobs; answer no pages."`
	Dev     devCommand     `cmd:"" help:"The demo: a private PostgreSQL, pages and jobs in one process."`
	Cluster clusterCommand `cmd:"" hidden:"" help:"The demo on five nodes behind a balancer, for make cluster."`
	Migrate migrateCommand `cmd:"" help:"Bring the database to this version. Any number of nodes may do so at once."`
	Tenant  struct {
		Create tenantCreateCommand `cmd:"" help:"Make a tenant."`
		Change tenantChangeCommand `cmd:"" help:"Change a tenant's name, description or hosts."`
		List   tenantListCommand   `cmd:"" help:"List the tenants."`
		Delete tenantDeleteCommand `cmd:"" help:"Delete a tenant with all that it has, for good."`
	} `cmd:"" help:"Tenants: one for each institution."`
	User struct {
		Create userCreateCommand `cmd:"" help:"Make a person who can sign in."`
	} `cmd:"" help:"People."`
	Token struct {
		Create tokenCreateCommand `cmd:"" help:"Make a token for the API; prints the token alone."`
	} `cmd:"" help:"Tokens for the API."`
	LTI struct {
		Add     ltiAddCommand     `cmd:"" help:"Let a learning platform launch."`
		List    ltiListCommand    `cmd:"" help:"List the learning platforms, a JSON line for each."`
		Approve ltiApproveCommand `cmd:"" help:"Let a platform launch that registered itself."`
		Remove  ltiRemoveCommand  `cmd:"" help:"Take a platform away; the sessions of its launches end."`
	} `cmd:"" name:"lti" help:"Learning platforms that launch Cutroom from their courses."`
	Import importCommand `cmd:"" help:"Bring video files in as new recordings; prints a JSON line for each."`
	Verify verifyCommand `cmd:"" help:"Check every promise of the data model; prints what is broken, and fails then."`
	Node   struct {
		List  nodeListCommand  `cmd:"" help:"List the running nodes."`
		Drain nodeDrainCommand `cmd:"" help:"Let a node finish what it has and take nothing new."`
	} `cmd:"" help:"Running processes."`
}

// call is one call of a command: what it gets and where it writes.
type call struct {
	terminal
	ctx    context.Context
	config config
}

// connect completes the configuration from a running dev where it needs that, and returns the stores. close them.
func (c *call) connect() (*app, error) {
	config, err := c.config.withDev()
	if err != nil {
		return nil, err
	}
	if config.DatabaseURL == "" {
		return nil, errNoDatabase
	}
	return newApp(c.ctx, config)
}

var errNoDatabase = errors.New("no database: set CUTROOM_DATABASE_URL, or start `make run` with the same CUTROOM_DATA first")

// inTenant is connect, and a look whether the tenant is there.
func (c *call) inTenant(id string) (*app, tenant.ID, error) {
	a, err := c.connect()
	if err != nil {
		return nil, "", err
	}
	if _, err := a.db.Find(c.ctx, tenant.ID(id)); err != nil {
		a.close()
		return nil, "", err
	}
	return a, tenant.ID(id), nil
}

type serveCommand struct{}

// Run answers pages until it is told to end.
func (serveCommand) Run(c *call) error { return c.runNode(node.Pages) }

type workCommand struct{}

// Run works jobs until it is told to end.
func (workCommand) Run(c *call) error { return c.runNode(node.Jobs) }

func (c *call) runNode(roles ...string) error {
	config, err := c.config.withDev()
	switch {
	case err != nil:
		return err
	case config.DatabaseURL == "":
		return errNoDatabase
	case config.Secret == "":
		return errors.New("no secret: set CUTROOM_SECRET to the same 32 or more random bytes on every node")
	}
	a, err := newApp(c.ctx, config)
	if err != nil {
		return err
	}
	defer a.Stop()
	if err := a.db.Pool.Ping(c.ctx); err != nil {
		return fault.New(fault.Unavailable, "error.database", "The database cannot be reached").WithCause(err)
	}
	if err := a.waitMigrated(c.ctx); err != nil {
		return err
	}
	if err := a.Start(c.ctx, roles...); err != nil {
		return err
	}
	return a.wait(c.ctx)
}

// wait returns when ctx ends, or with the reason when a part of the node ended by itself.
func (a *app) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-a.failures:
		return err
	}
}

type nodeListCommand struct{}

// Run prints a line for each node.
func (nodeListCommand) Run(c *call) error {
	a, err := c.connect()
	if err != nil {
		return err
	}
	defer a.close()
	nodes, err := a.nodes.List(c.ctx)
	if err != nil {
		return err
	}
	return table(c.out, []string{"NAME", "ROLES", "STATE", "ADDRESS", "VERSION", "STARTED", "HEARTBEAT"}, nodes, func(n node.Node) []any {
		return []any{n.Name, joined(n.Roles), stateOf(n), orDash(n.Address), n.Version, clock(n.Started), clock(n.Heartbeat)}
	})
}

func stateOf(n node.Node) string {
	switch {
	case !n.Alive:
		return "lost"
	case n.Draining:
		return "draining"
	}
	return "alive"
}

type nodeDrainCommand struct {
	Name string `arg:"" help:"The node's name, as node list prints it."`
}

// Run asks the node.
func (d nodeDrainCommand) Run(c *call) error {
	a, err := c.connect()
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.nodes.Drain(c.ctx, d.Name, func(ctx context.Context, tx pgx.Tx) error {
		return user.AuditTx(ctx, tx, user.System(tenant.Operators), "node.drain", d.Name, nil)
	}); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s drains within %v; it stays until it is stopped.\n", d.Name, node.Beat)
	return nil
}
