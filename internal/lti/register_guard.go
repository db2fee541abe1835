package lti

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// errInside says that an address leads into the network that this node is in: whoever may open /lti/register must not reach that.
var errInside = errors.New("this address leads into a private network")

// askStranger sends a request that somebody whom nobody knows has named the address of: by https, or on loopback where the installation itself
// is there; never into a private network. It gives status and body, up to 256 kB in 5 seconds.
func (s *Store) askStranger(ctx context.Context, method, address string, header http.Header, body []byte) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if r.URL.Scheme != "https" && !(r.URL.Scheme == "http" && Loopback(r.URL.Hostname())) {
		return 0, nil, errors.New("this is not an https address")
	}
	r.Header = header
	client := s.asking()
	if s.HTTP == nil {
		transport := guarded(s.nearby(ctx))
		defer transport.CloseIdleConnections()
		client.Transport = transport
	}
	if method != http.MethodGet {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	res, err := client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(io.LimitReader(res.Body, fetchMost+1))
	if err == nil && len(got) > fetchMost {
		err = errors.New("it is larger than 256 kB")
	}
	return res.StatusCode, got, err
}

// nearby says whether the installation itself is on loopback, by its name or by where its name leads: then platforms may be there too.
func (s *Store) nearby(ctx context.Context) bool {
	if s.PublicURL == nil {
		return false
	}
	host := s.PublicURL.Hostname()
	if Loopback(host) {
		return true
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	for _, a := range addresses {
		if !a.Unmap().IsLoopback() {
			return false
		}
	}
	return err == nil && len(addresses) > 0
}

// guarded connects to public addresses alone. It looks at the address that a name led to, not at the name: names may lead elsewhere
// a moment later. No proxy is used, which would hide that address.
func guarded(nearby bool) *http.Transport {
	dialer := net.Dialer{Timeout: fetchTime, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if !nearby && !Public(at.Addr()) {
			return fmt.Errorf("%w (%s)", errInside, at.Addr())
		}
		return nil
	}}
	return &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: fetchTime, ResponseHeaderTimeout: fetchTime, ForceAttemptHTTP2: true,
		MaxResponseHeaderBytes: 64 << 10, IdleConnTimeout: time.Second}
}

// inner are the networks that are not the public internet and that netip does not know by itself (IANA's special-purpose registries).
var inner = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

// Public says whether an address belongs to the public internet.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range inner {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
