package handlers

import (
	"net/http"
	"net/netip"
	"strings"
)

// client finds who is at the other end: the address, and whether the browser speaks https. Forwarded headers count only
// as far as they come from trusted proxies; the first address that is no such proxy is the client's.
func (s *Server) client(r *http.Request) (netip.Addr, bool) {
	https := r.TLS != nil
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, https
	}
	ip := peer.Addr().Unmap()
	if !s.trusts(ip) {
		return ip, https
	}
	if proto := r.Header.Get("X-Forwarded-Proto"); proto != "" {
		https = strings.EqualFold(proto, "https")
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusts(ip); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		ip = hop.Unmap()
	}
	return ip, https
}

func (s *Server) trusts(ip netip.Addr) bool {
	for _, p := range s.Config.TrustedProxies {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}
