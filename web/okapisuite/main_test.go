package okapisuite

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The server under test.
var (
	baseURL = strings.TrimRight(os.Getenv("OKAPI_URL"), "/")
	token   = os.Getenv("OKAPI_TOKEN")
	strict  = os.Getenv("OKAPI_STRICT") != ""
	ours    *product // Cutroom, started here; nil: OKAPI_URL
)

func TestMain(m *testing.M) {
	manyAtOnce()
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// manyAtOnce lets more tests run than there are cores, unless -parallel says how many: all they do is wait for the server.
func manyAtOnce() {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", "8")
	}
}

func run(m *testing.M) (code int, err error) {
	if baseURL != "" {
		return m.Run(), nil
	}
	p := &product{}
	ours = p
	defer func() { err = errors.Join(err, p.end(code != 0 || err != nil)) }()
	if err := p.start(); err != nil {
		return 1, err
	}
	baseURL = p.base
	if token, err = p.token("--operator", "--user", "olga"); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// product is a Cutroom of our own.
type product struct {
	dir, bin, base string
	cmd            *exec.Cmd
	out            bytes.Buffer // read after the end only
	done           chan struct{}
}

func (p *product) start() error {
	var err error
	if p.dir, err = os.MkdirTemp("", "cutroom-okapi"); err != nil {
		return err
	}
	if err := os.Chmod(p.dir, 0o755); err != nil { //nolint:gosec // PostgreSQL runs as another user when we are root
		return err
	}
	p.bin = filepath.Join(p.dir, "cutroom")
	if out, err := exec.Command("go", "build", "-o", p.bin, "cutroom/web").CombinedOutput(); err != nil { //nolint:gosec // our own module
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return err
	}
	p.base = "http://localhost" + address[strings.LastIndex(address, ":"):]
	p.cmd = exec.Command(p.bin, "dev") //nolint:gosec // just built
	p.cmd.Env = append(p.environ(), "CUTROOM_LISTEN="+address)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.done = make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	return p.ready()
}

func (p *product) environ() []string {
	env := []string{"CUTROOM_DATA=" + filepath.Join(p.dir, "data"), "CUTROOM_PUBLIC_URL=" + p.base}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "CUTROOM_") && !strings.HasPrefix(v, "PG") {
			env = append(env, v)
		}
	}
	return env
}

func (p *product) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	for {
		r, err := http.Get(p.base + "/readyz")
		if err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.done:
			return errors.New("cutroom dev ended before it was ready")
		case <-ctx.Done():
			return errors.New("cutroom dev was not ready within 3 minutes")
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// token makes a token for somebody of the demo.
func (p *product) token(who ...string) (string, error) {
	cmd := exec.Command(p.bin, append([]string{"token", "create"}, who...)...) //nolint:gosec // just built
	cmd.Env = p.environ()
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return "", fmt.Errorf("token create %s: %w", strings.Join(who, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}

func (p *product) end(failed bool) error {
	var ended error
	if p.done != nil {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.done:
		case <-time.After(30 * time.Second):
			ended = errors.New("cutroom dev did not end on SIGTERM within 30 s")
			_ = p.cmd.Process.Kill()
			<-p.done
		}
	}
	if failed && p.cmd != nil {
		text := p.out.String()
		fmt.Fprintf(os.Stderr, "cutroom dev printed:\n%s\n", text[max(0, len(text)-6000):])
	}
	return errors.Join(ended, os.RemoveAll(p.dir))
}

// beyond marks a check of what Cutroom promises and Okapi does not.
func beyond(t *testing.T, why string) {
	t.Helper()
	if strict {
		t.Skip("left out by OKAPI_STRICT: " + why)
	}
}
