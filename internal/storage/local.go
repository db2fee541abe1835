package storage

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"cutroom/internal/fault"
)

// tempFolder holds what is being made, on the same disk as what it becomes.
const tempFolder = ".tmp"

// Local keeps files in a folder, on this machine's disk or on NFS: <folder>/<tenant>/<path>. No path leads out of the
// folder, nor from one tenant's folder into another's, not even over a symbolic link.
type Local struct {
	dir  string // absolute
	root *os.Root
}

// NewLocal opens a folder, and makes it if it is not there.
func NewLocal(dir string) (*Local, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, tempFolder), 0o755); err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	return &Local{dir: dir, root: root}, nil
}

// Close lets the folder go.
func (l *Local) Close() error { return l.root.Close() }

var tenantForm = regexp.MustCompile(`^[a-z][a-z0-9]{0,30}$`)

// name is where a tenant's file lies below the folder.
func name(tenant, p string) (string, error) {
	if !tenantForm.MatchString(tenant) {
		return "", fmt.Errorf("storage: %q is no tenant", tenant)
	}
	if !fs.ValidPath(p) || p == "." || strings.ContainsRune(p, 0) {
		return "", fmt.Errorf("storage: %q is no path", p)
	}
	return tenant + "/" + p, nil
}

// at is name, and refuses what lies behind a symbolic link: os.Root keeps links inside the folder, where the other tenants'
// are too.
func (l *Local) at(tenant, p string) (string, error) {
	target, err := name(tenant, p)
	if err != nil {
		return "", err
	}
	for i := range len(target) + 1 {
		if i < len(target) && target[i] != '/' {
			continue
		}
		info, err := l.root.Lstat(target[:i])
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
			break
		}
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return "", fmt.Errorf("storage: %q is a symbolic link", target[:i])
		}
	}
	return target, nil
}

// Put stores what r gives, see Store.
func (l *Local) Put(ctx context.Context, tenant, p string, r io.Reader) (int64, string, error) {
	target, err := l.at(tenant, p)
	if err != nil {
		return 0, "", err
	}
	temp := tempFolder + "/put-" + rand.Text()
	f, err := l.root.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return 0, "", diskError(err)
	}
	sum := sha256.New()
	size, err := copyTo(ctx, io.MultiWriter(f, sum), r)
	if err == nil {
		err = diskError(f.Sync())
	}
	if closing := f.Close(); err == nil {
		err = diskError(closing)
	}
	if err == nil {
		err = l.place(temp, target)
	}
	if err != nil {
		_ = l.root.Remove(temp)
		return 0, "", err
	}
	return size, checksum(sum), nil
}

func checksum(sum hash.Hash) string { return "sha256:" + hex.EncodeToString(sum.Sum(nil)) }

// place renames a finished file to where it belongs and makes that last.
func (l *Local) place(from, to string) error {
	return diskError(l.inFolder(path.Dir(to), func() error {
		if err := l.root.Rename(from, to); err != nil {
			return err
		}
		return l.syncFolder(path.Dir(to))
	}))
}

// folderTries is how often a folder is made again that others remove because it is empty.
const folderTries = 100

// inFolder makes a folder and calls fn, again when the folder went away meanwhile.
func (l *Local) inFolder(dir string, fn func() error) (err error) {
	for range folderTries {
		if err = l.makeFolder(dir); err == nil {
			err = fn()
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return err
}

// makeFolder makes a folder and those above it, each entry lasting.
func (l *Local) makeFolder(dir string) error {
	if dir == "." {
		return nil
	}
	if info, err := l.root.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if err := l.makeFolder(path.Dir(dir)); err != nil {
		return err
	}
	if err := l.root.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return l.syncFolder(path.Dir(dir))
}

// syncFolder makes a folder's entries last. Some network file systems cannot be asked: there a rename lasts by itself.
func (l *Local) syncFolder(dir string) error {
	d, err := l.root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}

// Adopt moves a finished local file to the path, see Store.
func (l *Local) Adopt(ctx context.Context, tenant, p, local string) (int64, string, error) {
	target, err := l.at(tenant, p)
	if err != nil {
		return 0, "", err
	}
	f, err := os.Open(local)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	sum := sha256.New()
	size, err := copyTo(ctx, sum, f)
	if err != nil {
		return 0, "", err
	}
	if err := diskError(f.Sync()); err != nil {
		return 0, "", err
	}
	if err := f.Chmod(0o644); err != nil {
		return 0, "", err
	}
	from, err := filepath.Rel(l.dir, local)
	if err != nil || !filepath.IsLocal(from) {
		// From elsewhere: first to the folder, so that no name of it is reached but through root.
		from = tempFolder + "/adopt-" + rand.Text()
		err = os.Rename(local, filepath.Join(l.dir, from))
		if errors.Is(err, syscall.EXDEV) {
			return l.adoptByCopy(ctx, tenant, p, f, local)
		}
		if err != nil {
			return 0, "", diskError(err)
		}
	}
	if err := l.place(filepath.ToSlash(from), target); err != nil {
		return 0, "", err
	}
	return size, checksum(sum), nil
}

func (l *Local) adoptByCopy(ctx context.Context, tenant, p string, f *os.File, local string) (int64, string, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return 0, "", err
	}
	size, sum, err := l.Put(ctx, tenant, p, f)
	if err != nil {
		return 0, "", err
	}
	return size, sum, os.Remove(local)
}

// copyTo copies until r ends, something breaks or ctx is done. Errors of r come back as they are.
func copyTo(ctx context.Context, w io.Writer, r io.Reader) (int64, error) {
	n, err := io.CopyBuffer(writerOnly{w}, &lasting{ctx: ctx, r: r}, make([]byte, 256<<10))
	return n, diskError(err)
}

// writerOnly hides ReadFrom, which would go past the buffer's size.
type writerOnly struct{ io.Writer }

// lasting reads while its context lasts.
type lasting struct {
	ctx context.Context
	r   io.Reader
}

// Read reads from r.
func (l *lasting) Read(b []byte) (int, error) {
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	return l.r.Read(b)
}

// diskError says in words what users should hear of a disk's errors.
func diskError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.New(fault.Unavailable, "disk-full", "The disk is full. Nothing that was saved is lost; try again when there is room.").WithCause(err)
	}
	return err
}
