package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"cutroom/internal/tenant"
)

type migrateCommand struct{}

// Run migrates, and tells what it did. A tenant that fails is named in the error, and the others go on.
func (migrateCommand) Run(c *call) error {
	a, err := c.connect()
	if err != nil {
		return err
	}
	defer a.close()
	done, err := a.db.MigrateAll(c.ctx, func(done, all int) { c.progress(fmt.Sprintf("%d of %d tenants", done, all)) })
	c.progress("")
	if err == nil || done.Tenants > 0 {
		fmt.Fprintln(c.out, migrated(done))
	}
	if err != nil {
		return err
	}
	return a.installs.RegisterBuiltins(c.ctx)
}

// migrated says in a sentence what a migration did.
func migrated(m tenant.Migrated) string {
	if m.System == 0 && m.Changed == 0 && len(m.Failed) == 0 {
		return fmt.Sprintf("Nothing to do: the database and %s are at this version.", counted(m.Tenants))
	}
	text := fmt.Sprintf("Migrated the database (%d steps) and %d of %s.", m.System, m.Changed, counted(m.Tenants))
	if n := len(m.Failed); n > 0 {
		text += fmt.Sprintf(" %d failed.", n)
	}
	return text
}

func counted(tenants int) string {
	if tenants == 1 {
		return "1 tenant"
	}
	return fmt.Sprintf("%d tenants", tenants)
}

// waitMigrated returns when the database is one that this build can work on. One that is older is waited for, for somebody migrates it
// sooner or later; one that is newer is refused.
func (a *app) waitMigrated(ctx context.Context) error {
	look := time.NewTicker(500 * time.Millisecond)
	defer look.Stop()
	for said := false; ; {
		err := a.db.Serves(ctx)
		if !tenant.Behind(err) {
			return err
		}
		if !said {
			slog.Warn("waiting: the database is not at the version of this node yet: run cutroom migrate")
			said = true
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}
