package postgres

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// endOrphans ends the servers and their backends that a dead owner left in the folder, then removes the pid file that
// would keep a new server away. The caller holds the folder's lock, so nobody living needs them.
func endOrphans(ctx context.Context, place string) error {
	real, err := filepath.EvalSymlinks(place)
	if err != nil {
		return err
	}
	begun := time.Now()
	for {
		pids := workingIn(real)
		if len(pids) == 0 {
			break
		}
		for _, pid := range pids {
			syscall.Kill(pid, orphanSignal(time.Since(begun)))
		}
		if time.Since(begun) > 15*time.Second {
			return fmt.Errorf("PostgreSQL processes %v of an earlier start do not end in %s", pids, place)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	if err := os.Remove(filepath.Join(real, "postmaster.pid")); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

// clearSockets removes the socket and its lock file that a killed server left. The lock names a process; once its number is
// somebody else's, PostgreSQL takes that for a server that runs. Called when endOrphans has found that none does.
func clearSockets(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, ".s.PGSQL.*"))
	if err != nil {
		return err
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// orphanSignal lets a server that is already shutting down finish (a clean end starts faster), then insists. Signal 0 does
// nothing.
func orphanSignal(waited time.Duration) syscall.Signal {
	switch {
	case waited < 2*time.Second:
		return 0
	case waited < 5*time.Second:
		return syscall.SIGQUIT
	default:
		return syscall.SIGKILL
	}
}

// workingIn lists the living postgres processes whose working folder is dir: the server and all its backends stand there.
func workingIn(dir string) []int {
	entries, _ := os.ReadDir("/proc")
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		cwd, err := os.Readlink(filepath.Join("/proc", entry.Name(), "cwd"))
		if err != nil || cwd != dir {
			continue
		}
		comm, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "comm"))
		if strings.HasPrefix(string(comm), "postgres") {
			pids = append(pids, pid)
		}
	}
	return pids
}
