package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asProgram makes the test binary the product itself: tests start real processes, which they kill as they like.
const asProgram = "RUN_AS_CUTROOM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// installation is a product that runs: a dev process with everything, and nodes added by hand.
type installation struct {
	t    *testing.T
	data string // CUTROOM_DATA
	base string // http://localhost:port
	dev  *process
	more []string // of its environment
}

// process is one of its processes.
type process struct {
	t    *testing.T
	name string
	base string // of a node that serves
	cmd  *exec.Cmd
	out  *output
	done chan struct{}
}

// output collects what a process prints.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// newInstallation starts a product of its own and waits until it is ready. More settings may be given for all of its processes.
func newInstallation(t *testing.T, more ...string) *installation {
	t.Helper()
	dir, err := os.MkdirTemp("", "cutroom-web")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL runs as another user when we are root
		t.Fatal(err)
	}
	port := freePort(t)
	i := &installation{t: t, data: filepath.Join(dir, "data"), base: fmt.Sprintf("http://localhost:%d", port), more: more}
	i.dev = i.start("dev", "node-1", port)
	i.dev.ready(2 * time.Minute)
	return i
}

func (i *installation) environ(more ...string) []string {
	env := []string{asProgram + "=1", "CUTROOM_DATA=" + i.data, "CUTROOM_PUBLIC_URL=" + i.base}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "CUTROOM_") {
			env = append(env, v)
		}
	}
	return append(append(env, i.more...), more...)
}

func (i *installation) start(kind, name string, port int) *process {
	i.t.Helper()
	p := &process{t: i.t, name: name, base: fmt.Sprintf("http://localhost:%d", port), out: &output{}, done: make(chan struct{})}
	p.cmd = exec.Command(os.Args[0], kind)
	p.cmd.Env = i.environ(fmt.Sprintf("CUTROOM_LISTEN=127.0.0.1:%d", port), "CUTROOM_NODE="+name)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		i.t.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	i.t.Cleanup(p.end)
	return p
}

// node adds a node of a kind, serve or work; one that serves is ready then.
func (i *installation) node(kind, name string) *process {
	i.t.Helper()
	p := i.start(kind, name, freePort(i.t))
	if kind == "serve" {
		p.ready(30 * time.Second)
	}
	return p
}

// end stops a process kindly, then not.
func (p *process) end() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		p.t.Errorf("%s did not end on SIGTERM within 20 s", p.name)
		_ = p.cmd.Process.Kill()
		<-p.done
	}
	if p.t.Failed() {
		p.t.Logf("%s printed:\n%s", p.name, tail(p.out.String(), 6000))
	}
}

func tail(text string, n int) string { return text[max(0, len(text)-n):] }

// ready waits for /readyz.
func (p *process) ready(within time.Duration) {
	p.t.Helper()
	waitFor(p.t, p.name+" to be ready", within, func() bool {
		select {
		case <-p.done:
			p.t.Fatalf("%s ended:\n%s", p.name, tail(p.out.String(), 4000))
		default:
		}
		r, err := http.Get(p.base + "/readyz")
		if err != nil {
			return false
		}
		_ = r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
}

// waitFor looks again and again until something is so.
func waitFor(t *testing.T, what string, within time.Duration, so func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	for !so() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s for %s", within, what)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// link is the address by which a person of the demo signs in.
func (i *installation) link(who string) string {
	i.t.Helper()
	found := ""
	waitFor(i.t, "the sign-in link of "+who, 20*time.Second, func() bool {
		for _, line := range strings.Split(i.dev.out.String(), "\n") {
			at := strings.Index(line, "/sign-in/link?token=")
			if at >= 0 && strings.Contains(line, who) {
				found = strings.TrimSpace(line[strings.LastIndex(line[:at], "http"):])
				return true
			}
		}
		return false
	})
	return found
}

// cutroom runs a command to its end: what it printed, and its exit code.
func (i *installation) cutroom(args ...string) (stdout, stderr string, code int) {
	i.t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = i.environ()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		i.t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// api calls the API as somebody, at a node.
type api struct {
	t           *testing.T
	base, token string
}

func (i *installation) api(who, base string) *api {
	i.t.Helper()
	out, errs, code := i.cutroom("token", "create", "--tenant", "demo", "--user", who)
	if code != 0 {
		i.t.Fatalf("token create: %d %s", code, errs)
	}
	return &api{i.t, base, strings.TrimSpace(out)}
}

// call sends JSON and decodes the answer into out; it fails unless the status is want.
func (a *api) call(method, path string, body, out any, want int) {
	a.t.Helper()
	var send io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			a.t.Fatal(err)
		}
		send = bytes.NewReader(b)
	}
	r, err := http.NewRequest(method, a.base+path, send)
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+a.token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		a.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	if answer.StatusCode != want {
		a.t.Fatalf("%s %s: %d instead of %d: %s", method, path, answer.StatusCode, want, text)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			a.t.Fatalf("%s %s: %v: %s", method, path, err, text)
		}
	}
}
