// Package otherplatform gives tests learning platforms that somebody else wrote, so that we do not only agree with ourselves:
// Start, a platform of LTI 1.3 (PyPI lti1p3platform, run by Python); Sign11, launches of LTI 1.1 (npm oauth-1.0a, run by node).
package otherplatform

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// What the platform is registered with.
const (
	ClientID   = "the-client"
	Deployment = "deployment-7"
)

// Platform is a running platform with one tool. It ends with the test.
type Platform struct{ URL string }

// Click is somebody's click on a link of the tool in a course.
type Click struct {
	User   string         `json:"user"`
	Name   string         `json:"name"`
	Roles  []string       `json:"roles"`
	Course string         `json:"course"`
	Title  string         `json:"title"`
	Target string         `json:"target,omitempty"`
	Custom map[string]any `json:"custom,omitempty"`
	Deep   bool           `json:"deep,omitempty"` // wants to choose content
}

// Start runs the platform for a tool at an origin. Without Python or the packages the test is skipped with the reason, or fails
// when CI=true.
func Start(t testing.TB, tool string) *Platform {
	t.Helper()
	root := root()
	python, err := exec.LookPath("python3")
	if err != nil {
		missing(t, "python3 is missing: make setup-test installs it where apt is there")
	}
	packages := filepath.Join(root, ".python")
	if _, err := os.Stat(filepath.Join(packages, "lti1p3platform")); err != nil {
		missing(t, "PyPI's lti1p3platform is missing: make setup-test installs it")
	}
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, python, filepath.Join(root, "internal/lti/otherplatform/testdata/platform.py"), tool) //nolint:gosec // our own script
	command.Env = append(os.Environ(), "PYTHONPATH="+packages, "PYTHONDONTWRITEBYTECODE=1")
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stdin.Close(); cancel(); _ = command.Wait() })
	p := &Platform{}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &struct{ URL *string }{&p.URL})
	}
	if err != nil {
		t.Fatalf("the platform did not start: %v", err)
	}
	return p
}

func root() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "../../..")
}

func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip("the test was not run: " + why)
}

// Login clicks: the address of the tool's login that the browser is sent to.
func (p *Platform) Login(t testing.TB, c Click) string {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return ask(t, client, http.MethodGet, p.URL+"/start?"+url.Values{"click": {string(text)}}.Encode(), nil, nil).Get("Location")
}

// Answer asks the platform at the address that the tool's login led to: the form that it lets the browser post.
func (p *Platform) Answer(t testing.TB, address string) url.Values {
	t.Helper()
	var form map[string]string
	ask(t, http.DefaultClient, http.MethodGet, address, nil, &form)
	if form["id_token"] == "" {
		t.Fatalf("the platform refused the login: %v", form)
	}
	return values(form)
}

// Choose posts the tool's answer to a wish for content: what the platform takes from it, once it has checked it.
func (p *Platform) Choose(t testing.TB, jwt string) []map[string]any {
	t.Helper()
	var items []map[string]any
	ask(t, http.DefaultClient, http.MethodPost, p.URL+"/choice", url.Values{"JWT": {jwt}}, &items)
	return items
}

// Sign11 gives the form of a launch of LTI 1.1.
func Sign11(t testing.TB, address, key, secret string, params map[string]string) url.Values {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		missing(t, "node is missing: install Node.js 20 or newer")
	}
	if _, err := os.Stat(filepath.Join(root(), "node_modules/oauth-1.0a")); err != nil {
		missing(t, "npm's oauth-1.0a is missing: make setup-test installs it")
	}
	wish, err := json.Marshal(map[string]any{"url": address, "key": key, "secret": secret, "params": params})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := exec.CommandContext(context.Background(), node, filepath.Join(root(), "internal/lti/otherplatform/testdata/sign11.mjs"), string(wish)).Output() //nolint:gosec // our own script
	if err != nil {
		t.Fatal(err)
	}
	var form map[string]any
	if err := json.Unmarshal(signed, &form); err != nil {
		t.Fatal(err)
	}
	all := url.Values{}
	for name, value := range form {
		if text, ok := value.(string); ok {
			all.Set(name, text)
		} else {
			number, _ := json.Marshal(value)
			all.Set(name, string(number))
		}
	}
	return all
}
