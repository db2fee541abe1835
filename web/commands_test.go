package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// shell calls commands on a database of its own.
type shell struct {
	t       *testing.T
	environ []string
}

func newShell(t *testing.T) shell {
	return shell{t, []string{"CUTROOM_DATABASE_URL=" + dbtest.DSN(t), "CUTROOM_DATA=" + t.TempDir()}}
}

// call returns what a command printed, what it complained of, and its exit code.
func (s shell) call(input string, args ...string) (out, complaint string, code int) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	code = execute(s.t.Context(), args, s.environ, terminal{strings.NewReader(input), &stdout, &stderr})
	return stdout.String(), stderr.String(), code
}

// must is call for what has to go well.
func (s shell) must(args ...string) string {
	s.t.Helper()
	out, complaint, code := s.call("", args...)
	if code != good {
		s.t.Fatalf("%v: exit %d, %s", args, code, complaint)
	}
	return out
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	for _, c := range []struct {
		args string
		code int
	}{
		{"--help", good}, {"import --help", good}, {"node list", good}, {"verify", good}, {"migrate", good}, {"tenant list", good},
		{"", wrongUsage}, {"no-such-command", wrongUsage}, {"token create", wrongUsage}, {"user create --tenant demo x --role boss", wrongUsage}, {"tenant delete demo", wrongUsage},
		{"token create --tenant demo --user nobody-here", failed}, {"token create --tenant no-such --user ada", failed}, {"tenant create Not-An-Id", failed},
		{"tenant create demo", failed}, {"tenant change demo", wrongUsage}, {"tenant change no-such --name X", failed}, {"node drain nobody", failed}, {"import --tenant demo /no/such/file", failed}, {"serve", failed},
	} {
		out, complaint, code := s.call("", strings.Fields(c.args)...)
		if code != c.code {
			t.Errorf("%q: exit %d instead of %d, %s", c.args, code, c.code, complaint)
		}
		if code == good && complaint != "" || code != good && (strings.Count(complaint, "\n") != 1 || !strings.HasPrefix(complaint, "cutroom: ")) {
			t.Errorf("%q: complains %q", c.args, complaint)
		}
		if strings.HasSuffix(c.args, "--help") && !strings.Contains(out, "Usage: cutroom") {
			t.Errorf("%q prints %q", c.args, out)
		}
	}
}

func TestEveryCommandHasHelp(t *testing.T) {
	t.Parallel()
	s := shell{t, nil}
	for _, name := range []string{"serve", "work", "dev", "migrate", "tenant create", "tenant change", "tenant list", "tenant delete", "user create", "token create", "import", "verify", "node list", "node drain"} {
		out, complaint, code := s.call("", append(strings.Fields(name), "--help")...)
		if code != good || complaint != "" || !strings.Contains(out, "Usage: cutroom "+name) {
			t.Errorf("%s --help: exit %d, %q %q", name, code, out, complaint)
		}
	}
}

func TestPeopleAndTokens(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	if _, complaint, code := s.call("correct horse battery\n", "user", "create", "--tenant", "demo", "dora", "--role", "editor", "--password-stdin"); code != good {
		t.Fatal(complaint)
	}
	token := s.must("token", "create", "--tenant", "demo", "--user", "dora", "--scope", "read", "--expires", "24h")
	if len(strings.Fields(token)) != 1 {
		t.Fatalf("prints %q", token)
	}
	users := user.New(dbtest.Open(t, strings.TrimPrefix(s.environ[0], "CUTROOM_DATABASE_URL=")), nil)
	who, err := users.WhoByToken(t.Context(), dbtest.Tenant, strings.TrimSpace(token))
	if err != nil || who.User != "dora" || who.Role != "editor" {
		t.Fatalf("the token is %+v's, %v", who, err)
	}
}

func TestOperatorsAreMadeAboveTheTenants(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	if _, complaint, code := s.call("correct horse battery\n", "user", "create", "--operator", "olga", "--password-stdin"); code != good {
		t.Fatal(complaint)
	}
	token := strings.TrimSpace(s.must("token", "create", "--operator", "--user", "olga", "--scope", "read", "--expires", "24h"))
	users := user.New(dbtest.Open(t, strings.TrimPrefix(s.environ[0], "CUTROOM_DATABASE_URL=")), nil)
	for _, at := range []tenant.ID{dbtest.Tenant, tenant.Operators} {
		who, err := users.WhoByToken(t.Context(), at, token)
		if err != nil || who.User != "operator:olga" || !who.Operator() || who.Tenant != at {
			t.Fatalf("the token is %+v's, %v", who, err)
		}
	}
	for args, want := range map[string]int{
		"user create x": wrongUsage, "user create --tenant demo --operator x": wrongUsage, "user create --operator x --role admin": wrongUsage,
		"user create --operator x --role viewer": wrongUsage, "user create --tenant demo x --role operator": wrongUsage,
		"token create --user olga": wrongUsage, "token create --tenant demo --operator --user olga": wrongUsage,
		"token create --tenant demo --user olga": failed, "token create --tenant demo --user operator:olga": failed, "token create --operator --user ada": failed,
		"user create --operator olga": failed, "user create --tenant demo operator:x": failed, "user create --operator x": good, "user create --tenant demo operators": good,
	} {
		if _, complaint, code := s.call("", strings.Fields(args)...); code != want || want != good && strings.Count(complaint, "\n") != 1 {
			t.Errorf("%q: exit %d instead of %d, %q", args, code, want, complaint)
		}
	}
}

func TestTenants(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.must("tenant", "create", "north", "--name", "North College", "--host", "north.example.edu")
	if out := s.must("tenant", "list"); !strings.Contains(out, "North College") || !strings.Contains(out, "north.example.edu") {
		t.Errorf("list prints %s", out)
	}
	s.must("tenant", "delete", "north", "--yes")
	if out := s.must("tenant", "list"); strings.Contains(out, "north") {
		t.Errorf("after delete: %s", out)
	}
}

func TestImportPrintsALineForEachFile(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	path := filepath.Join(t.TempDir(), "notes.mp4")
	if err := os.WriteFile(path, []byte("These are only words.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, complaint, code := s.call("", "import", "--tenant", "demo", path, filepath.Join(t.TempDir(), "gone.mp4"))
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != failed || len(lines) != 2 || strings.Count(complaint, "\n") != 1 {
		t.Fatalf("exit %d, %q, %q", code, out, complaint)
	}
	var first refused
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || first.Path != path || first.Error == "" {
		t.Errorf("first line %s, %v", lines[0], err)
	}
}

func TestDevFileIsBelievedWhileItsProcessLives(t *testing.T) {
	t.Parallel()
	c := config{Data: t.TempDir(), DatabaseURL: "postgres://dev", StorageRoot: "/dev-storage", Secret: "s"}
	if err := writeDevFile(c); err != nil {
		t.Fatal(err)
	}
	if got, err := (config{Data: c.Data}).withDev(); err != nil || got.DatabaseURL != c.DatabaseURL || got.StorageRoot != c.StorageRoot || got.Secret != c.Secret {
		t.Errorf("found %+v, %v", got, err)
	}
	if got, err := (config{Data: c.Data, DatabaseURL: "postgres://own"}).withDev(); err != nil || got.DatabaseURL != "postgres://own" {
		t.Errorf("the environment's database lost to %+v, %v", got, err)
	}
	text, err := os.ReadFile(devFilePath(c.Data))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(devFilePath(c.Data), bytes.Replace(text, []byte(born(os.Getpid())), []byte("1"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := (config{Data: c.Data}).withDev(); err != nil || got.DatabaseURL != "" {
		t.Errorf("a dead dev is believed: %+v, %v", got, err)
	}
}

func TestBalancerLeavesOutWhoIsNotReady(t *testing.T) {
	t.Parallel()
	node := func(name string, ready int) *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/readyz" {
				w.WriteHeader(ready)
				return
			}
			w.Write([]byte(name + " " + r.Host))
		}))
		t.Cleanup(s.Close)
		return s
	}
	up, draining, dead := node("up", 200), node("draining", 503), node("dead", 200)
	b := newBalancer([]string{up.Listener.Addr().String(), draining.Listener.Addr().String(), dead.Listener.Addr().String()})
	for _, n := range b.nodes {
		n.ready.Store(b.isReady(context.Background(), n))
	}
	dead.CloseClientConnections()
	dead.Close()
	front := httptest.NewServer(b.proxy())
	t.Cleanup(front.Close)
	for range 6 {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, front.URL, strings.NewReader("body"))
		request.Host = "demo.localhost"
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body := new(bytes.Buffer)
		body.ReadFrom(answer.Body)
		answer.Body.Close()
		if body.String() != "up demo.localhost" {
			t.Fatalf("answered %d %q", answer.StatusCode, body)
		}
	}
}
