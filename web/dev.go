package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"cutroom/internal/node"
	"cutroom/internal/postgres"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
	"cutroom/static"
)

type devCommand struct{}

// Run runs the demo until it is told to end.
func (devCommand) Run(c *call) error {
	d, err := startDev(c)
	if err != nil {
		return err
	}
	defer d.stop()
	a, err := newApp(c.ctx, d.config)
	if err != nil {
		return err
	}
	defer a.Stop()
	if err := d.prepare(c.ctx, a); err != nil {
		return err
	}
	if err := a.Start(c.ctx, node.Pages, node.Jobs); err != nil {
		return err
	}
	if err := d.announce(c, a, "Ctrl-C ends it."); err != nil {
		return err
	}
	lecture := d.background(c.ctx, a)
	defer lecture()
	return d.wait(c.ctx, a)
}

// dev is what the demo has besides a node: its data folder and, unless a database was given, a private PostgreSQL.
type dev struct {
	config   config
	database *postgres.Server // nil when a database was given
}

func startDev(c *call) (*dev, error) {
	d := &dev{config: c.config}
	if err := os.MkdirAll(d.config.Data, 0o755); err != nil {
		return nil, err
	}
	for _, file := range static.Missing() {
		slog.Warn("a front-end package is missing: build with make", "file", file)
	}
	var err error
	if d.config.Secret == "" {
		if d.config.Secret, err = devSecret(d.config.Data); err != nil {
			return nil, err
		}
	}
	if d.config.DatabaseURL != "" {
		return d, nil
	}
	d.database, err = postgres.Start(c.ctx, postgres.Options{Dir: filepath.Join(d.config.Data, "postgres")})
	if errors.Is(err, postgres.ErrInUse) {
		return nil, fmt.Errorf("a demo runs on %s already: end it, or set CUTROOM_DATA to another folder", d.config.Data)
	}
	if err != nil {
		return nil, err
	}
	d.config.DatabaseURL = d.database.DSN()
	return d, nil
}

// prepare brings the database to this version, makes the demo's tenant and people, and lets other commands find it all.
func (d *dev) prepare(ctx context.Context, a *app) error {
	if err := a.db.Migrate(ctx); err != nil {
		return err
	}
	if err := makeDemo(ctx, a); err != nil {
		return err
	}
	return writeDevFile(d.config)
}

// announce tells where the demo is and how to get in. With several tenants the bare host is the operators'.
func (d *dev) announce(c *call, a *app, last string) error {
	tenants, err := a.db.List(c.ctx)
	if err != nil {
		return err
	}
	home := *d.config.PublicURL
	if len(tenants) > 1 {
		home.Host = string(demoTenant) + "." + home.Host
	}
	fmt.Fprintf(c.out, "\nCutroom runs at %s\n\nSign in as\n", &home)
	for _, p := range demoPeople {
		if err := printLink(c, a, demoSystem, p, &home); err != nil {
			return err
		}
	}
	if err := printLink(c, a, user.System(tenant.Operators), demoOperator, d.config.PublicURL); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "\nThe sample lecture is made in the background. %s\n\n", last)
	return nil
}

// printLink prints how somebody gets in at an address.
func printLink(c *call, a *app, by user.Who, p user.NewPerson, at *url.URL) error {
	token, _, err := a.users.CreateLink(c.ctx, by, p.Name)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "  %-6s %-8s %s/sign-in/link?token=%s\n", p.Name, p.Role, at, token)
	return err
}

// background makes the sample lecture while the demo runs; the returned function waits until it has let go.
func (d *dev) background(ctx context.Context, a *app) func() {
	ctx, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	working.Go(func() {
		if err := makeLecture(ctx, a); err != nil && ctx.Err() == nil {
			slog.Error("the sample lecture is not made", "error", err)
		}
	})
	return func() {
		cancel()
		working.Wait()
	}
}

// wait returns when ctx ends, or with the reason when the node or PostgreSQL ended by itself.
func (d *dev) wait(ctx context.Context, nodes ...interface{ wait(context.Context) error }) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, len(nodes))
	for _, n := range nodes {
		go func() { ended <- n.wait(ctx) }()
	}
	select {
	case err := <-ended:
		return err
	case <-d.databaseEnded():
		return fmt.Errorf("PostgreSQL ended by itself, see %s", filepath.Join(d.config.Data, "postgres.log"))
	}
}

// databaseEnded is closed when the private server ends; nil, which never is, where there is none.
func (d *dev) databaseEnded() <-chan struct{} {
	if d.database == nil {
		return nil
	}
	return d.database.Done()
}

// stop ends PostgreSQL last of all: until here the nodes needed it.
func (d *dev) stop() {
	if err := os.Remove(devFilePath(d.config.Data)); err != nil && !errors.Is(err, os.ErrNotExist) {
		slog.Warn("remove dev.json", "error", err)
	}
	if d.database != nil {
		d.database.Stop()
	}
}
