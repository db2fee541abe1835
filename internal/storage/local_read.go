package storage

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"cutroom/internal/fault"
)

// localFile is an open file that knows its size.
type localFile struct {
	*os.File
	size int64
}

// Size in bytes.
func (f localFile) Size() int64 { return f.size }

// Open reads a file, see Store.
func (l *Local) Open(_ context.Context, tenant, p string) (File, error) {
	target, err := l.at(tenant, p)
	if err != nil {
		return nil, err
	}
	f, err := l.root.Open(target)
	if err != nil {
		return nil, missing(err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		f.Close()
		return nil, missing(err)
	}
	return localFile{f, info.Size()}, nil
}

func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return fault.Gone().WithCause(err)
	}
	return err
}

// Local gives the file's own path: it lies on this machine already.
func (l *Local) Local(ctx context.Context, tenant, p string) (string, func(), error) {
	f, err := l.Open(ctx, tenant, p)
	if err != nil {
		return "", nil, err
	}
	f.Close()
	return filepath.Join(l.dir, tenant, filepath.FromSlash(p)), func() {}, nil
}

// WriteAt writes into an unfinished file, see Store.
func (l *Local) WriteAt(ctx context.Context, tenant, p string, offset int64, r io.Reader) (int64, error) {
	target, err := l.at(tenant, p)
	if err != nil {
		return 0, err
	}
	f, err := l.openToWrite(target)
	if err != nil {
		return 0, diskError(err)
	}
	defer f.Close()
	n, err := copyTo(ctx, io.NewOffsetWriter(f, offset), r)
	if syncing := f.Sync(); syncing != nil {
		return 0, diskError(errors.Join(syncing, err))
	}
	return n, err
}

func (l *Local) openToWrite(target string) (*os.File, error) {
	f, err := l.root.OpenFile(target, os.O_WRONLY, 0)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	err = l.inFolder(path.Dir(target), func() error {
		f, err = l.root.OpenFile(target, os.O_CREATE|os.O_WRONLY, 0o644)
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, l.syncFolder(path.Dir(target))
}

// Remove removes a file, and the folders above it that are empty then.
func (l *Local) Remove(_ context.Context, tenant, p string) error {
	target, err := l.at(tenant, p)
	if err != nil {
		return err
	}
	if err := l.root.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return err
	}
	for dir := path.Dir(target); dir != tenant; dir = path.Dir(dir) {
		if l.root.Remove(dir) != nil {
			break // not empty
		}
	}
	return nil
}

// Walk calls fn for every file of a tenant. Files that come or go meanwhile may be left out.
func (l *Local) Walk(ctx context.Context, tenant string, fn func(string, int64, time.Time) error) error {
	if _, err := l.at(tenant, "x"); err != nil {
		return err
	}
	return fs.WalkDir(l.root.FS(), tenant, func(p string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return fn(strings.TrimPrefix(p, tenant+"/"), info.Size(), info.ModTime())
	})
}
