// Package stubprovider gives tests institutions that sign people in by OpenID Connect: Start, a whole provider that somebody
// else wrote (npm oidc-provider, run by node); Forge, one of ours that says whatever a test wants.
package stubprovider

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Client is who may ask the provider; without a secret it is a public one.
type Client struct {
	ID        string   `json:"id"`
	Secret    string   `json:"secret,omitempty"`
	Method    string   `json:"method,omitempty"` // client_secret_basic (""), client_secret_post
	Redirects []string `json:"redirects"`
}

// Provider is a running provider. It ends with the test.
type Provider struct {
	Issuer string
	kill   func()
}

// Start runs a provider on a free port of the loopback. Without node or its packages the test is skipped with the reason, or
// fails when CI=true.
func Start(t testing.TB, clients ...Client) *Provider {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	folder := filepath.Dir(here)
	node, err := exec.LookPath("node")
	if err != nil {
		missing(t, "node is missing: install Node.js 20 or newer")
	}
	if _, err := os.Stat(filepath.Join(folder, "../../../node_modules/oidc-provider")); err != nil {
		missing(t, "npm's oidc-provider is missing: make setup-test installs it")
	}
	config, err := json.Marshal(map[string]any{"clients": clients})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, node, filepath.Join(folder, "testdata", "provider.mjs"), string(config)) //nolint:gosec // our own script
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
	p := &Provider{kill: func() { _ = stdin.Close(); cancel(); _ = command.Wait() }}
	t.Cleanup(p.Stop)
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &struct{ Issuer *string }{&p.Issuer})
	}
	if err != nil {
		t.Fatalf("the provider did not start: %v", err)
	}
	return p
}

func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip("the test was not run: " + why)
}

// Stop ends the provider: from then on nobody answers at its address.
func (p *Provider) Stop() {
	if p.kill != nil {
		p.kill()
	}
	p.kill = nil
}

// Set changes how the provider goes on: account (an object with sub and claims), rotate (new keys only), inToken (claims stand
// in the ID token, not only in user info), deny (whoever comes is refused).
func (p *Provider) Set(t testing.TB, values map[string]any) {
	t.Helper()
	body, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, p.Issuer+"/_set", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("the provider took %s with %s", body, answer.Status)
	}
}

// Browse follows a browser through the provider's pages, until they send it back: to the address that is returned.
func (p *Provider) Browse(t testing.TB, start string) *url.URL { return Browse(t, p.Issuer, start) }

// Browse follows a browser through the pages of an issuer, until they send it elsewhere.
func Browse(t testing.TB, issuer, start string) *url.URL {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var back *url.URL
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), issuer+"/") {
			back = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, start, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if back == nil {
		t.Fatalf("the provider sent nobody back from %s: %s at %s", start, answer.Status, answer.Request.URL)
	}
	return back
}
