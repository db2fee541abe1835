package postgres

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// elsewhere is where the data lies when the server's user cannot reach the folder that was asked for; a link points there.
const elsewhere = "/var/lib/cutroom"

// lockWait is how long a lock is waited for: a killed owner lets go of it only when the kernel has taken it apart.
const lockWait = 3 * time.Second

// lockFolder takes the lock that tells a living owner of the data folder from a dead one. The kernel lets go of it when
// this process ends, however it ends.
func lockFolder(ctx context.Context, path string) (*os.File, error) {
	lock, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for begun := time.Now(); syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil; {
		if time.Since(begun) > lockWait || ctx.Err() != nil {
			lock.Close()
			return nil, fmt.Errorf("%w: %s", ErrInUse, strings.TrimSuffix(path, ".lock"))
		}
		time.Sleep(50 * time.Millisecond)
	}
	return lock, nil
}

// ErrInUse says that another living process runs a server in the data folder.
var ErrInUse = errors.New("another process is running PostgreSQL in this folder")

// placeFor returns the folder that really holds the data: dir, or one that the owner can reach and dir links to.
func placeFor(dir string, who *owner) (string, error) {
	if target, err := os.Readlink(dir); err == nil {
		if _, err := os.Stat(target); err == nil {
			return target, nil
		}
		if err := os.Remove(dir); err != nil {
			return "", err
		}
	}
	if who.reaches(dir) {
		return dir, nil
	}
	if err := os.MkdirAll(elsewhere, 0o711); err != nil {
		return "", err
	}
	target, err := os.MkdirTemp(elsewhere, "postgres-")
	if err != nil {
		return "", err
	}
	if err := who.give(target); err != nil {
		return "", err
	}
	return target, os.Symlink(target, dir)
}

// create fills place with a new cluster unless it holds one. It is made beside place and moved in whole, so what a killed
// initdb left is never taken for a cluster.
func create(bin, place string, who *owner, unsafe bool) error {
	if _, err := os.Stat(filepath.Join(place, "PG_VERSION")); err == nil {
		return sameVersion(bin, place)
	}
	fresh := filepath.Join(place, "new")
	if err := errors.Join(os.MkdirAll(place, 0o700), os.RemoveAll(fresh), os.Mkdir(fresh, 0o700), who.give(place), who.give(fresh)); err != nil {
		return err
	}
	if err := initdb(bin, fresh, who, unsafe); err != nil {
		return err
	}
	return moveUp(fresh, place)
}

// moveUp moves what lies in fresh one folder up, PG_VERSION last: it is what tells a whole cluster.
func moveUp(fresh, place string) error {
	entries, err := os.ReadDir(fresh)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() == "PG_VERSION" {
			continue
		}
		target := filepath.Join(place, entry.Name())
		if err := errors.Join(os.RemoveAll(target), os.Rename(filepath.Join(fresh, entry.Name()), target)); err != nil {
			return err
		}
	}
	if err := os.Rename(filepath.Join(fresh, "PG_VERSION"), filepath.Join(place, "PG_VERSION")); err != nil {
		return err
	}
	return os.Remove(fresh)
}

// initdb makes a UTF-8 cluster whose upper and lower case know all of Unicode where the machine has C.UTF-8.
func initdb(bin, dir string, who *owner, unsafe bool) error {
	var out []byte
	for _, locale := range []string{"C.UTF-8", "C"} {
		args := []string{"-D", dir, "-U", superuser, "--auth=trust", "--encoding=UTF8", "--locale=" + locale}
		if unsafe {
			args = append(args, "--no-sync")
		}
		cmd := exec.Command(filepath.Join(bin, "initdb"), args...)
		cmd.Dir, cmd.Env = "/", environment()
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who.credential(), Setsid: true}
		var err error
		if out, err = cmd.CombinedOutput(); err == nil {
			return nil
		}
		if !strings.Contains(string(out), "locale") {
			break
		}
	}
	return fmt.Errorf("initdb failed: %s", lastLine(string(out)))
}

// sameVersion refuses a folder of another major version in words, before the server would in many lines.
func sameVersion(bin, place string) error {
	has, err := os.ReadFile(filepath.Join(place, "PG_VERSION"))
	if err != nil {
		return err
	}
	out, err := exec.Command(filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		return fmt.Errorf("%s/postgres --version: %w", bin, err)
	}
	want := strings.TrimSpace(string(has))
	for _, word := range strings.Fields(string(out)) {
		if major, _, _ := strings.Cut(word, "."); major == want {
			return nil
		}
	}
	return fmt.Errorf("%s was made by PostgreSQL %s, but %s is installed: install that version, or delete the folder to begin anew", place, want, strings.TrimSpace(string(out)))
}

// longestSocket is how long the path of the socket's folder may be: a socket's path has 107 bytes at most.
const longestSocket = 107 - len("/.s.PGSQL.5432.lock")

// socketFolder makes the folder of the unix socket: beside the data, or under /tmp where that path is too long. It is the
// same at each start, and ours alone: one that somebody else made is not used.
func socketFolder(place string, who *owner) (string, error) {
	dir := place + ".socket"
	if len(dir) > longestSocket {
		hash := fnv.New64a()
		hash.Write([]byte(place))
		dir = fmt.Sprintf("/tmp/cutroom-pg-%x", hash.Sum64())
	}
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		return dir, who.give(dir)
	}
	if !errors.Is(err, os.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	ours := ok && (int(stat.Uid) == who.userID() || int(stat.Uid) == os.Geteuid())
	if !info.IsDir() || info.Mode().Perm() != 0o700 || !ours {
		return "", fmt.Errorf("%s is in the way: it has to be a folder of PostgreSQL's alone", dir)
	}
	return dir, who.give(dir)
}

// environment is all that the server and initdb get of ours: no PG* variable may lead them elsewhere.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}

// lastLine returns the last line that says something.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
