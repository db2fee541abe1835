package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	superuser = "postgres"
	// name is the database and the role that owns it. The role is no superuser, as in production: what works here works there.
	name = "cutroom"
	// port only names the socket's file.
	port = 5432
	// startLimit covers a crash recovery after kill -9 on a slow disk.
	startLimit = 2 * time.Minute
)

// Options of a private server.
type Options struct {
	Dir            string // data folder, made when missing; beside it lie Dir.log, Dir.lock and Dir.socket
	MaxConnections int    // 200 when 0
	Unsafe         bool   // no fsync, and no orderly end with its parent: for data that nobody will miss (tests)
}

// Server is a running private server.
type Server struct {
	socket string
	lock   *os.File
	cmd    *exec.Cmd
	done   chan struct{} // closed when the server process has ended
	stop   sync.Once
}

// Start starts a server on the data folder, making or recovering it, and returns when it answers. ErrMissing: nothing is
// installed; ErrInUse: another living process runs one there. ctx bounds the start only.
func Start(ctx context.Context, o Options) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	bin, err := FindBinaries()
	if err != nil {
		return nil, err
	}
	who, err := findOwner()
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, err
	}
	lock, err := lockFolder(ctx, dir+".lock")
	if err != nil {
		return nil, err
	}
	s := &Server{lock: lock, done: make(chan struct{})}
	if err := s.start(ctx, bin, dir, who, o); err != nil {
		lock.Close()
		return nil, err
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, bin, dir string, who *owner, o Options) error {
	place, err := placeFor(dir, who)
	if err != nil {
		return err
	}
	if err := create(bin, place, who, o.Unsafe); err != nil {
		return err
	}
	if err := endOrphans(ctx, place); err != nil {
		return err
	}
	if s.socket, err = socketFolder(place, who); err != nil {
		return err
	}
	if err := clearSockets(s.socket); err != nil {
		return err
	}
	log, err := os.OpenFile(dir+".log", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd = command(bin, place, s.socket, who, o)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.launch(); err != nil {
		return err
	}
	if err := s.await(ctx); err != nil {
		s.Stop()
		return fmt.Errorf("PostgreSQL did not start: %w: %s", err, logEnd(dir+".log"))
	}
	return nil
}

// command is the server's command line: settings are given here, not in files, so each start has those of its version.
func command(bin, place, socket string, who *owner, o Options) *exec.Cmd {
	settings := map[string]string{
		"listen_addresses": "", "unix_socket_directories": socket, "unix_socket_permissions": "0700",
		"max_connections": strconv.Itoa(orDefault(o.MaxConnections, 200)), "shared_buffers": "128MB",
		"logging_collector": "off", "log_destination": "stderr", "timezone": "UTC",
	}
	end := syscall.SIGINT
	if o.Unsafe {
		end = syscall.SIGQUIT
		settings["fsync"], settings["synchronous_commit"], settings["full_page_writes"] = "off", "off", "off"
	}
	args := []string{"-D", place, "-p", strconv.Itoa(port)}
	for key, value := range settings {
		args = append(args, "-c", key+"="+value)
	}
	cmd := exec.Command(filepath.Join(bin, "postgres"), args...)
	cmd.Dir, cmd.Env = "/", environment()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who.credential(), Setsid: true, Pdeathsig: end}
	return cmd
}

// launch starts the process on a thread that lives as long as it: the parent-death signal comes when the starting *thread*
// dies, and Go ends idle threads at will.
func (s *Server) launch() error {
	started := make(chan error)
	go s.keep(started)
	return <-started
}

func (s *Server) keep(started chan<- error) {
	runtime.LockOSThread()
	defer close(s.done)
	err := s.cmd.Start()
	started <- err
	if err == nil {
		s.cmd.Wait()
	}
}

// await returns when the server answers and its database and role are there.
func (s *Server) await(ctx context.Context) error {
	for {
		err := s.prepare(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.done:
			return errors.New("the server process ended")
		case <-ctx.Done():
			return err
		case <-time.After(25 * time.Millisecond):
		}
	}
}

// prepare makes the role and the database where they are missing.
func (s *Server) prepare(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.dsn(superuser, superuser))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var role, database bool
	err = conn.QueryRow(ctx, `select exists(select from pg_roles where rolname = $1), exists(select from pg_database where datname = $1)`, name).Scan(&role, &database)
	if err != nil {
		return err
	}
	if !role {
		if _, err := conn.Exec(ctx, `create role `+name+` login createrole createdb`); err != nil {
			return err
		}
	}
	if !database {
		if _, err := conn.Exec(ctx, `create database `+name+` owner `+name); err != nil {
			return err
		}
	}
	return nil
}

// DSN is the address of the database "cutroom" for the role that owns it, which may create databases and roles.
func (s *Server) DSN() string { return s.dsn(name, name) }

// DSNOf is the address of another database of this server, for the same role.
func (s *Server) DSNOf(database string) string { return s.dsn(name, database) }

func (s *Server) dsn(user, database string) string {
	return fmt.Sprintf("postgres:///%s?host=%s&port=%d&user=%s&sslmode=disable", database, s.socket, port, user)
}

// Done is closed when the server process has ended, by Stop or by itself.
func (s *Server) Done() <-chan struct{} { return s.done }

// Stop shuts the server down: clients are cut off, what was committed is written, within seconds. It insists when that
// takes too long, and may be called twice.
func (s *Server) Stop() {
	s.stop.Do(func() {
		for _, step := range []struct {
			signal syscall.Signal
			wait   time.Duration
		}{{syscall.SIGINT, 6 * time.Second}, {syscall.SIGQUIT, 3 * time.Second}, {syscall.SIGKILL, time.Minute}} {
			s.cmd.Process.Signal(step.signal)
			select {
			case <-s.done:
				os.RemoveAll(s.socket)
				s.lock.Close()
				return
			case <-time.After(step.wait):
			}
		}
	})
}

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// logEnd returns the line of the server's log that tells why it ended, else its last one.
func logEnd(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "no log"
	}
	lines := strings.Split(string(text), "\n")
	for _, line := range slices.Backward(lines) {
		if strings.Contains(line, "FATAL:") || strings.Contains(line, "PANIC:") {
			return line
		}
	}
	return lastLine(string(text))
}
