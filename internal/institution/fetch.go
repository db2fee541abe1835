package institution

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limits of what is asked of a provider: per request, and per answer in bytes.
const (
	fetchLimit = 5 * time.Second
	maxAnswer  = 256 << 10
)

// askLimit is how long a whole step of a sign-in may wait for a provider.
const askLimit = 12 * time.Second

var errTooLong = fmt.Errorf("the answer is longer than %d bytes", maxAnswer)

// newClient asks with the limits of this package: 5 s, 256 kB, https except on this machine, no redirect to another origin.
func newClient() *http.Client {
	base, _ := http.DefaultTransport.(*http.Transport)
	transport := base.Clone()
	transport.ResponseHeaderTimeout = fetchLimit
	return &http.Client{Timeout: fetchLimit, Transport: guarded{transport}, CheckRedirect: sameOrigin}
}

// guarded refuses addresses that nobody protects, and cuts answers off.
type guarded struct{ next http.RoundTripper }

// RoundTrip makes one request (http.RoundTripper).
func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if !protected(r.URL) {
		return nil, fmt.Errorf("%s is not asked: use https", r.URL.Redacted())
	}
	answer, err := g.next.RoundTrip(r)
	if err == nil {
		answer.Body = &shortBody{ReadCloser: answer.Body, left: maxAnswer}
	}
	return answer, err
}

// shortBody fails where an answer is too long: half of a document is none.
type shortBody struct {
	io.ReadCloser
	left int
}

// Read reads up to the limit.
func (b *shortBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, errTooLong
	}
	return n, err
}

func sameOrigin(r *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case r.URL.Scheme != first.Scheme || r.URL.Host != first.Host:
		return errors.New("the provider leads to another origin")
	case len(via) > 3:
		return errors.New("the provider leads on and on")
	}
	return nil
}

// protected says whether nobody on the way can change what an address answers: https, or http that stays on this machine.
func protected(u *url.URL) bool {
	switch {
	case u.Host == "" || u.User != nil:
		return false
	case u.Scheme == "https":
		return true
	}
	host := strings.ToLower(u.Hostname())
	ip := net.ParseIP(host)
	return u.Scheme == "http" && (host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback())
}

// address reads an absolute address of a provider that is protected.
func address(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	if err != nil || !protected(u) || u.Fragment != "" {
		return nil, false
	}
	return u, true
}
