package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The sites of these tests. No two of them are one site to a browser: their registrable domains differ.
const (
	toolSite   = "cutroom.example"    // CUTROOM_PUBLIC_URL; its tenants are below
	toolHost   = "demo." + toolSite   // of the demo's tenant
	campusHost = "lms.campus.test"    // a learning platform that is registered
	strictHost = "lms.strict.test"    // one in whose pages the browser refuses all cookies of frames
	alienHost  = "lms.elsewhere.test" // one that nobody registered
)

// sites are host names under TLS at one port of this machine, with a certificate that is made for the test and forgotten.
type sites struct {
	t       *testing.T
	address string
	spki    string // SHA-256 of the certificate's key, as Chromium wants it
	roots   *x509.CertPool
	mu      sync.Mutex
	hosts   map[string]http.Handler
}

func newSites(t *testing.T) *sites {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "tests"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		DNSNames: []string{toolSite, "*." + toolSite, campusHost, strictHost, alienHost}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
	s := &sites{t: t, spki: base64.StdEncoding.EncodeToString(sum[:]), roots: x509.NewCertPool(), hosts: map[string]http.Handler{}}
	s.roots.AddCert(certificate)
	server := httptest.NewUnstartedServer(http.HandlerFunc(s.answer))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // browsers break off connections
	server.StartTLS()
	t.Cleanup(server.Close)
	s.address = server.Listener.Addr().String()
	return s
}

// serve gives a host to a handler.
func (s *sites) serve(host string, h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hosts[host] = h
}

func (s *sites) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	h := s.hosts[r.Host]
	if h == nil && strings.HasSuffix(r.Host, "."+toolSite) {
		h = s.hosts[toolSite]
	}
	s.mu.Unlock()
	if h == nil {
		http.NotFound(w, r)
		return
	}
	h.ServeHTTP(w, r)
}

// client asks the sites as programs do: it keeps no cookies and follows no redirect.
func (s *sites) client() *http.Client {
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: s.roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, s.address)
		},
	}
	s.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// turns is a proxy in front of several nodes, as operators have one. A path may be for one node alone; else they take turns.
type turns struct {
	mu    sync.Mutex
	bases []*url.URL
	only  map[string]*url.URL
	next  atomic.Uint64
}

func newTurns(t *testing.T, bases ...string) *turns {
	t.Helper()
	p := &turns{}
	p.set(t, bases...)
	return p
}

// set names the nodes, and forgets which paths were for one alone.
func (p *turns) set(t *testing.T, bases ...string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bases, p.only = nil, map[string]*url.URL{}
	for _, base := range bases {
		u, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		p.bases = append(p.bases, u)
	}
}

// pin sends a path to one of the nodes, by its number from 0.
func (p *turns) pin(path string, node int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.only[path] = p.bases[node]
}

func (p *turns) to(path string) *url.URL {
	p.mu.Lock()
	defer p.mu.Unlock()
	if u := p.only[path]; u != nil {
		return u
	}
	return p.bases[p.next.Add(1)%uint64(len(p.bases))]
}

func (p *turns) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(out *httputil.ProxyRequest) {
			out.SetURL(p.to(r.URL.Path))
			out.Out.Host = out.In.Host // it names the tenant
			out.SetXForwarded()
		},
		FlushInterval: -1,
		ErrorLog:      log.New(io.Discard, "", 0),
	}
	proxy.ServeHTTP(w, r)
}

// cluster starts a product behind the sites: a tenant with an admin, ada, and nodes for pages behind one proxy at the tool's names.
func (s *sites) cluster(pages int) (*crashCluster, []*process, *turns) {
	s.t.Helper()
	c := newCrashCluster(s.t)
	c.more = append(c.more, "CUTROOM_PUBLIC_URL=https://"+toolSite, "CUTROOM_TRUSTED_PROXIES=127.0.0.1")
	for _, args := range [][]string{{"tenant", "create", "demo", "--name", "Demo University"}, {"user", "create", "ada", "--tenant", "demo", "--role", "admin"}} {
		if _, errs, code := c.cutroom(args...); code != 0 {
			s.t.Fatalf("%v: %s", args, errs)
		}
	}
	var nodes []*process
	var bases []string
	for n := range pages {
		nodes = append(nodes, c.node("serve", fmt.Sprintf("node-%d", n+1)))
		bases = append(bases, nodes[n].base)
	}
	p := newTurns(s.t, bases...)
	s.serve(toolSite, p)
	return c, nodes, p
}
