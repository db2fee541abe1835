package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"sync/atomic"
	"time"
)

// balancer passes requests to the nodes in turn, leaving out those that say they are not ready. It keeps nobody at one node:
// any node answers anything.
type balancer struct {
	nodes     []*backend
	next      atomic.Uint64
	transport http.RoundTripper
	server    *http.Server
	cancel    context.CancelFunc
	looking   sync.WaitGroup
}

type backend struct {
	address string
	ready   atomic.Bool
}

// lookEvery is how often each node is asked whether it is ready.
const lookEvery = 500 * time.Millisecond

func newBalancer(addresses []string) *balancer {
	b := &balancer{transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute, DisableCompression: true}}
	for _, address := range addresses {
		b.nodes = append(b.nodes, &backend{address: address})
	}
	return b
}

// proxy passes requests and sockets on. The Host stays, it names the tenant.
func (b *balancer) proxy() *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", "node", r.In.Host
			r.SetXForwarded()
		},
		Transport:     b,
		FlushInterval: -1,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "No node is ready. Try again in a moment.", http.StatusServiceUnavailable)
		},
	}
}

var errNoNode = errors.New("no node is ready")

// RoundTrip sends a request to the next ready node. Only when it could not connect, and so has sent nothing, it tries another.
func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	first := b.next.Add(1)
	for i := range b.nodes {
		node := b.nodes[(first+uint64(i))%uint64(len(b.nodes))]
		if !node.ready.Load() {
			continue
		}
		out := r.Clone(r.Context())
		out.URL.Host = node.address
		if r.Body != nil && r.Body != http.NoBody {
			out.Body = io.NopCloser(r.Body)
		}
		answer, err := b.transport.RoundTrip(out)
		var failed *net.OpError
		if errors.As(err, &failed) && failed.Op == "dial" {
			node.ready.Store(false)
			continue
		}
		return answer, err
	}
	return nil, errNoNode
}

// watch asks a node again and again whether it is ready, until ctx ends.
func (b *balancer) watch(ctx context.Context, node *backend) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		node.ready.Store(b.isReady(ctx, node))
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
	}
}

func (b *balancer) isReady(ctx context.Context, node *backend) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+node.address+"/readyz", nil)
	if err != nil {
		return false
	}
	answer, err := b.transport.RoundTrip(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode == http.StatusOK
}
