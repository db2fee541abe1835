// Package stubmodule is an outside service for tests: it speaks the tenant interface of Okapi's modules in every version, can
// be slow, refuse, lie, hang up, lose its jobs, die and come back, and remembers every call. One service may stand for many
// modules: what it does with each is a Plan, by module id or product.
package stubmodule

import (
	"errors"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Service is one service on a port of its own.
type Service struct {
	URL string // http://127.0.0.1:port, the same after a restart

	address string
	mu      sync.Mutex
	server  *http.Server
	plans   map[string]Plan
	calls   []Call
	jobs    map[string]*job
	count   int           // of jobs ever begun
	changed chan struct{} // closed at the next call
	release map[string]chan struct{}
}

// Call is one request that the service got.
type Call struct {
	Method, Path string
	Header       http.Header
	Body         map[string]any // nil when there was none
	At           time.Time
}

// Module is the module that a call is about: module_to, or else module_from; "" for jobs.
func (c Call) Module() string {
	if to, ok := c.Body["module_to"].(string); ok {
		return to
	}
	from, _ := c.Body["module_from"].(string)
	return from
}

type job struct {
	module string
	plan   Plan
	until  time.Time
	hold   chan struct{} // open: is held
}

// Start starts a service that ends with the test.
func Start(tb testing.TB) *Service {
	tb.Helper()
	s := New()
	if err := s.Begin("127.0.0.1:0"); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Die)
	return s
}

// New makes a service that listens nowhere yet.
func New() *Service {
	return &Service{plans: map[string]Plan{}, jobs: map[string]*job{}, changed: make(chan struct{}), release: map[string]chan struct{}{}}
}

// Begin listens on an address.
func (s *Service) Begin(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.address, s.server = listener.Addr().String(), server
	s.URL = "http://" + s.address
	go func() { _ = server.Serve(listener) }()
	return nil
}

// Die ends the service at once: connections are cut, answers that are under way are lost. Jobs stay known.
func (s *Service) Die() {
	s.mu.Lock()
	server := s.server
	s.server = nil
	s.mu.Unlock()
	if server != nil {
		_ = server.Close()
	}
}

// ComeBack starts the service again where it was.
func (s *Service) ComeBack() error {
	if s.address == "" {
		return errors.New("the service never began")
	}
	return s.Begin(s.address)
}

// Forget loses all jobs, as a module does that keeps them in memory and restarts: they are 404 from now on.
func (s *Service) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs = map[string]*job{}
}

// Plan says how a module behaves from now on; name is its id, its product, or "" for all that have no plan of their own.
func (s *Service) Plan(name string, p Plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans[name] = p
	if p.Hold && s.release[name] == nil {
		s.release[name] = make(chan struct{})
	}
}

// Release lets go what a plan with Hold holds, and what it would hold from now on.
func (s *Service) Release(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if hold := s.release[name]; hold != nil {
		close(hold)
		delete(s.release, name)
	}
	p := s.plans[name]
	p.Hold = false
	s.plans[name] = p
}

// ReleaseAll lets everything go that is held, now and later.
func (s *Service) ReleaseAll() {
	s.mu.Lock()
	names := slices.Collect(maps.Keys(s.plans))
	s.mu.Unlock()
	for _, name := range names {
		s.Release(name)
	}
}

// planOf finds a module's plan and what holds it, nil for nothing.
func (s *Service) planOf(id string) (Plan, chan struct{}) {
	for _, name := range []string{id, product(id), ""} {
		if p, ok := s.plans[name]; ok {
			return p, s.release[name]
		}
	}
	return Plan{}, nil
}

// product is a module id without its version.
func product(id string) string {
	for i := 0; i+1 < len(id); i++ {
		if id[i] == '-' && id[i+1] >= '0' && id[i+1] <= '9' {
			return id[:i]
		}
	}
	return id
}

// Calls are all requests so far, oldest first.
func (s *Service) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// Told are the calls that told a module something, in order: no looks at jobs, no removals of them.
func (s *Service) Told() []Call {
	var list []Call
	for _, c := range s.Calls() {
		if c.Method == http.MethodPost || c.Method == http.MethodDelete && !strings.HasPrefix(c.Path, jobPath) {
			list = append(list, c)
		}
	}
	return list
}

// Initialised counts how often a module was told that it is enabled.
func (s *Service) Initialised(id string) int {
	n := 0
	for _, c := range s.Told() {
		if c.Body["module_to"] == id {
			n++
		}
	}
	return n
}

// Wait waits until the calls so far are as wanted, or fails the test after 30 seconds.
func (s *Service) Wait(tb testing.TB, what string, wanted func([]Call) bool) {
	tb.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	for {
		s.mu.Lock()
		calls, changed := append([]Call(nil), s.calls...), s.changed
		s.mu.Unlock()
		if wanted(calls) {
			return
		}
		select {
		case <-changed:
		case <-deadline.C:
			tb.Fatalf("waited 30 s for %s; calls so far: %v", what, calls)
		}
	}
}

// WaitTold waits until a module was told something.
func (s *Service) WaitTold(tb testing.TB, id string) {
	tb.Helper()
	s.Wait(tb, "a call for "+id, func(calls []Call) bool {
		for _, c := range calls {
			if c.Module() == id {
				return true
			}
		}
		return false
	})
}
