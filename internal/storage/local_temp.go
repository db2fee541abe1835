package storage

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Temp makes a folder for work, see Store.
func (l *Local) Temp(_ context.Context, tenant, label string) (string, func(), error) {
	if _, err := name(tenant, "x"); err != nil {
		return "", nil, err
	}
	label = strings.Map(func(r rune) rune {
		if r == '/' || r == '*' || r < ' ' {
			return '-'
		}
		return r
	}, label)
	dir, err := os.MkdirTemp(filepath.Join(l.dir, tempFolder), tenant+"-"+label[:min(len(label), 64)]+"-")
	if err != nil {
		return "", nil, diskError(err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}

// SweepTemp removes what dead nodes left under way: folders and files in which nothing has changed for so long.
func (l *Local) SweepTemp(ctx context.Context, unchanged time.Duration) error {
	entries, err := fs.ReadDir(l.root.FS(), tempFolder)
	if err != nil {
		return err
	}
	before := time.Now().Add(-unchanged)
	for _, entry := range entries {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p := tempFolder + "/" + entry.Name()
		if newest(l.root.FS(), p).Before(before) {
			if err := l.root.RemoveAll(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// newest is when something below p changed last.
func newest(fsys fs.FS, p string) time.Time {
	var last time.Time
	_ = fs.WalkDir(fsys, p, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := entry.Info(); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
		return nil
	})
	return last
}
