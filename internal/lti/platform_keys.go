package lti

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sync/singleflight"

	"cutroom/internal/fault"
)

// How long keys of platforms are kept, and how soon they are asked for again: for a key that is not among them, and after a failure.
const (
	keysKept    = time.Hour
	keysAgain   = 30 * time.Second
	keysRetried = 2 * time.Second
	mostSets    = 4096 // key sets that a node keeps
	fewestBits  = 2048 // of an RSA key (NIST SP 800-131A)
)

// keyCache keeps the key sets of platforms on this node, by address. Its zero value is ready.
type keyCache struct {
	mu     sync.Mutex
	sets   map[string]keySet
	flight singleflight.Group
}

// keySet is what came from an address.
type keySet struct {
	keys  []jose.JSONWebKey
	at    time.Time // when it came
	tried time.Time // when it was last asked for
	err   error     // of the last time
}

func (k keySet) find(kid string) (jose.JSONWebKey, bool) {
	for _, key := range k.keys {
		if key.KeyID == kid {
			return key, true
		}
	}
	return jose.JSONWebKey{}, false
}

// platformKey gives a platform's key. Keys are kept for an hour; one that is not known makes the set to be read again, at most once
// in 30 seconds. Many who want the same set wait for one reading.
func (s *Store) platformKey(ctx context.Context, address, kid string) (jose.JSONWebKey, error) {
	set := s.platformKeys.get(address)
	if key, known := set.find(kid); known && set.fresh(s.now()) {
		return key, nil
	}
	if set.due(s.now()) {
		var err error
		if set, err = s.refresh(ctx, address); err != nil {
			return jose.JSONWebKey{}, err
		}
	}
	if !set.fresh(s.now()) {
		return jose.JSONWebKey{}, set.err
	}
	if key, known := set.find(kid); known {
		return key, nil
	}
	return jose.JSONWebKey{}, fault.Newf(fault.Forbidden, "lti.kid-unknown", "The launch is signed with the key %s, which is not among the learning platform's keys at %s. If the keys were changed a moment ago, try again in half a minute; else compare the address with the one that the platform tells.",
		shown(kid), shown(address)).With(map[string]any{"Kid": shown(kid), "URL": shown(address)})
}

// fresh says whether the keys are good still.
func (k keySet) fresh(now time.Time) bool { return !k.at.IsZero() && now.Sub(k.at) < keysKept }

// due says whether the set may be read again, for a key that it does not have.
func (k keySet) due(now time.Time) bool {
	wait := keysRetried
	if k.fresh(now) {
		wait = keysAgain
	}
	return k.tried.IsZero() || now.Sub(k.tried) >= wait
}

// refresh reads a set once for all who wait for it; it goes on when one of them leaves.
func (s *Store) refresh(ctx context.Context, address string) (keySet, error) {
	done := s.platformKeys.flight.DoChan(address, func() (any, error) {
		if set := s.platformKeys.get(address); !set.due(s.now()) {
			return set, nil // somebody was faster
		}
		keys, err := s.fetchKeys(context.WithoutCancel(ctx), address)
		return s.platformKeys.put(address, keys, err, s.now()), nil
	})
	select {
	case result := <-done:
		return result.Val.(keySet), nil
	case <-ctx.Done():
		return keySet{}, ctx.Err()
	}
}

func (c *keyCache) get(address string) keySet {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sets[address]
}

// put keeps what came; a failure leaves the keys that are there until they are too old.
func (c *keyCache) put(address string, keys []jose.JSONWebKey, err error, now time.Time) keySet {
	c.mu.Lock()
	defer c.mu.Unlock()
	set := c.sets[address]
	if set.tried, set.err = now, err; err == nil {
		set.keys, set.at = keys, now
	}
	if c.sets == nil {
		c.sets = map[string]keySet{}
	}
	for other := range c.sets {
		if len(c.sets) < mostSets {
			break
		}
		delete(c.sets, other)
	}
	c.sets[address] = set
	return set
}

// fetchKeys reads a platform's key set.
func (s *Store) fetchKeys(ctx context.Context, address string) ([]jose.JSONWebKey, error) {
	body, err := s.fetch(ctx, address)
	if err != nil {
		return nil, fault.Newf(fault.Forbidden, "lti.keys-unreachable", "The learning platform's keys at %s could not be read. Check that the address is right and can be reached from here, then try again.", shown(address)).
			With(map[string]any{"URL": shown(address)}).WithCause(err)
	}
	keys, err := parseKeys(body)
	if err != nil {
		return nil, fault.Newf(fault.Forbidden, "lti.keys-unreadable", "At %s there is no key set (JWKS) of a learning platform. Compare the address with the one that the platform tells.", shown(address)).
			With(map[string]any{"URL": shown(address)}).WithCause(err)
	}
	return keys, nil
}

// parseKeys reads a JSON Web Key Set (RFC 7517). Keys of kinds that we do not know, without kid, private, symmetric or weak ones are left
// out; of two with one kid the first counts.
func parseKeys(body []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []jsontext.Value `json:"keys"`
	}
	if err := json.Unmarshal(body, &set, jsontext.AllowDuplicateNames(true)); err != nil {
		return nil, err
	}
	if set.Keys == nil {
		return nil, fmt.Errorf("no keys in %.80q", bytes.TrimSpace(body))
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(raw) == nil && key.KeyID != "" && key.IsPublic() && strong(key.Key) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

func strong(key any) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() >= fewestBits
	case *ecdsa.PublicKey:
		return true
	}
	return false
}

// asked says whether we ask an address: https, or http on this computer.
func asked(u *url.URL) error {
	if u.Host == "" || u.User != nil || u.Scheme != "https" && !(u.Scheme == "http" && Loopback(u.Hostname())) {
		return fmt.Errorf("%s is not https", u.Redacted())
	}
	return nil
}
