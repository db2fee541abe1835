package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"strings"
)

// MakeTenant makes a tenant's folder, see Store.
func (l *Local) MakeTenant(_ context.Context, tenant string) error {
	if _, err := name(tenant, "x"); err != nil {
		return err
	}
	return diskError(l.makeFolder(tenant))
}

// retiredPrefix begins the names, below tempFolder, of what a tenant had. No label of Temp begins with a dot.
func retiredPrefix(tenant string) string { return ".retired-" + tenant + "-" }

// RetireTenant moves a tenant's folder, and its folders for work, out of the way, see Store.
func (l *Local) RetireTenant(_ context.Context, tenant string) error {
	if _, err := name(tenant, "x"); err != nil {
		return err
	}
	if err := l.retire(tenant, tenant); err != nil {
		return err
	}
	return l.eachTemp(tenant+"-", func(p string) error { return l.retire(tenant, p) })
}

func (l *Local) retire(tenant, p string) error {
	err := l.root.Rename(p, tempFolder+"/"+retiredPrefix(tenant)+rand.Text())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// RemoveRetired removes what was moved out of the way, see Store.
func (l *Local) RemoveRetired(ctx context.Context, tenant string) error {
	if _, err := name(tenant, "x"); err != nil {
		return err
	}
	return l.eachTemp(retiredPrefix(tenant), func(p string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return l.root.RemoveAll(p)
	})
}

// RemoveTenant removes all that a tenant has.
func (l *Local) RemoveTenant(ctx context.Context, tenant string) error {
	if err := l.RetireTenant(ctx, tenant); err != nil {
		return err
	}
	return l.RemoveRetired(ctx, tenant)
}

// eachTemp calls fn for what lies in the folder for work under names that begin so.
func (l *Local) eachTemp(prefix string, fn func(p string) error) error {
	entries, err := fs.ReadDir(l.root.FS(), tempFolder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), prefix) {
			if err := fn(tempFolder + "/" + entry.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}
