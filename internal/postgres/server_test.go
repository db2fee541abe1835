package postgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// folder returns a data folder that the server's user can reach: the test's own temporary folder is closed to others.
func folder(t *testing.T) string {
	t.Helper()
	if _, err := FindBinaries(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("/tmp", "cutroom-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "postgres")
}

func start(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func exec1(t *testing.T, dsn, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func TestServerKeepsDataOverStopAndStart(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	exec1(t, s.DSN(), `create table kept (n int); insert into kept values (1)`)
	if _, err := Start(t.Context(), Options{Dir: dir}); !errors.Is(err, ErrInUse) {
		t.Fatalf("a second server on the folder: %v, want ErrInUse", err)
	}
	s.Stop()
	s.Stop()
	exec1(t, start(t, dir).DSN(), `do $$ begin assert (select n from kept) = 1; end $$`)
}

func TestRoleIsNoSuperuser(t *testing.T) {
	t.Parallel()
	exec1(t, start(t, folder(t)).DSN(), `do $$ begin assert not (select rolsuper from pg_roles where rolname = current_user); end $$`)
}

func TestHalfMadeClusterIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	for _, left := range []string{"new/base", "base"} {
		if err := os.MkdirAll(filepath.Join(dir, left), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	exec1(t, start(t, dir).DSN(), `select 1`)
}

// TestOwner is no test of its own: it is the process that the next one kills.
func TestOwner(t *testing.T) {
	dir := os.Getenv("TEST_OWNER_DIR")
	if dir == "" {
		return
	}
	s, err := Start(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("DSN", s.DSN())
	select {}
}

func TestServerEndsWithAKilledOwnerAndIsRecovered(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	owner := exec.Command(os.Args[0], "-test.run=^TestOwner$")
	owner.Env = append(os.Environ(), "TEST_OWNER_DIR="+dir)
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	dsn := ""
	for dsn == "" && lines.Scan() {
		dsn, _ = strings.CutPrefix(lines.Text(), "DSN ")
	}
	exec1(t, dsn, `create table acknowledged (n int); insert into acknowledged values (7)`)
	owner.Process.Signal(syscall.SIGKILL)
	owner.Wait()
	for deadline := time.Now().Add(15 * time.Second); len(workingIn(dir)) > 0; {
		if time.Now().After(deadline) {
			t.Fatalf("still running after their owner was killed: %v", workingIn(dir))
		}
	}
	exec1(t, start(t, dir).DSN(), `do $$ begin assert (select n from acknowledged) = 7; end $$`)
}

func TestServersLeftByAKilledServerAreEnded(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	exec1(t, s.DSN(), `create table t (n int); insert into t values (3)`)
	s.cmd.Process.Signal(syscall.SIGKILL)
	<-s.Done()
	s.Stop()
	exec1(t, start(t, dir).DSN(), `do $$ begin assert (select n from t) = 3; end $$`)
}

// After a crash the number in the socket's lock file may be that of another process of the same user.
func TestSocketLockOfAnotherProcessIsNoServer(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	lock := filepath.Join(s.socket, fmt.Sprintf(".s.PGSQL.%d.lock", port))
	text, err := os.ReadFile(lock)
	if err != nil {
		t.Fatal(err)
	}
	other := exec.Command("sleep", "60")
	other.SysProcAttr = &syscall.SysProcAttr{Credential: s.cmd.SysProcAttr.Credential}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	s.Stop()
	_, rest, _ := strings.Cut(string(text), "\n")
	if err := os.Mkdir(s.socket, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(lock, fmt.Appendf(nil, "%d\n%s", other.Process.Pid, rest), 0o644); err != nil {
		t.Fatal(err)
	}
	exec1(t, start(t, dir).DSN(), `select 1`)
}

func TestUnreachableFolderIsPlacedElsewhere(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root runs the server as another user")
	}
	dir := folder(t)
	if err := os.Chmod(filepath.Dir(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	s := start(t, dir)
	target, err := os.Readlink(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(target) })
	exec1(t, s.DSN(), `create table t (n int)`)
	s.Stop()
	exec1(t, start(t, dir).DSN(), `select * from t`)
}
