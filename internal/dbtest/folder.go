package dbtest

import (
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const prefix = "cutroom-dbtest-"

// folder makes the server's folder, and removes those of test binaries that have ended: nothing tells a package that its
// binary is about to.
func folder() (string, error) {
	old, _ := filepath.Glob(filepath.Join("/tmp", prefix+"*"))
	for _, dir := range old {
		removeDead(dir)
	}
	dir, err := os.MkdirTemp("/tmp", prefix)
	if err != nil {
		return "", err
	}
	// The server's user has to reach its folder.
	return filepath.Join(dir, "postgres"), os.Chmod(dir, 0o755)
}

// removeDead removes a folder whose lock nobody holds. One without a lock, or with a new one, is just being made.
func removeDead(dir string) {
	lock, err := os.Open(filepath.Join(dir, "postgres.lock"))
	if err != nil {
		return
	}
	defer lock.Close()
	if info, err := lock.Stat(); err != nil || time.Since(info.ModTime()) < time.Minute {
		return
	}
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
		os.RemoveAll(dir)
	}
}
