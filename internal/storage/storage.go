// Package storage is where the files lie. A file is named by its tenant and a path relative to the tenant's root;
// files never change once they are there.
package storage

import (
	"context"
	"io"
	"time"
)

// Store keeps files. Implementations: a folder (also on NFS), later S3.
type Store interface {
	// Put stores what r gives under the path, whole or not at all: a temporary name, fsync, rename. It returns the size
	// in bytes and the checksum "sha256:<hex>". A full disk is a fault of kind Unavailable that says so.
	Put(ctx context.Context, tenant, path string, r io.Reader) (size int64, checksum string, err error)
	// Adopt moves a finished local file to the path (rename where it is on the same disk, else copy).
	Adopt(ctx context.Context, tenant, path, local string) (size int64, checksum string, err error)
	// WriteAt writes what r gives into an unfinished file from offset on, making the file if needed, and syncs it. It
	// returns how many bytes are safe, also with an error. Unfinished files live under uploads/ and end by Adopt or Remove.
	WriteAt(ctx context.Context, tenant, path string, offset int64, r io.Reader) (int64, error)
	// Open reads a file; it can seek. fault NotFound when it is not there.
	Open(ctx context.Context, tenant, path string) (File, error)
	// Local gives a path on this machine's disk for ffmpeg, and a function to call when done with it.
	Local(ctx context.Context, tenant, path string) (local string, release func(), err error)
	// Remove removes a file; no error when it is not there.
	Remove(ctx context.Context, tenant, path string) error
	// MakeTenant makes room for a tenant; no error when it is there.
	MakeTenant(ctx context.Context, tenant string) error
	// RetireTenant puts all that a tenant has, what is under way included, out of reach at once: its name is free again.
	RetireTenant(ctx context.Context, tenant string) error
	// RemoveRetired removes what RetireTenant put away, which takes its time. It may be called again after a failure.
	RemoveRetired(ctx context.Context, tenant string) error
	// RemoveTenant removes all that a tenant has: both of these.
	RemoveTenant(ctx context.Context, tenant string) error
	// Walk calls fn for every stored file (path, size), for verify and sweeps.
	Walk(ctx context.Context, tenant string, fn func(path string, size int64, modified time.Time) error) error
	// Temp makes a private folder for work on this machine, on the same disk if possible; remove deletes it.
	Temp(ctx context.Context, tenant, name string) (dir string, remove func(), err error)
}

// File is an open stored file.
type File interface {
	io.ReadSeekCloser
	Size() int64
}
