package lti

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/live"
	"cutroom/internal/tenant"
)

// framesTTL is how old what is known of a tenant's registrations may be: a command on another machine tells nobody.
const framesTTL = 1500 * time.Millisecond

// frameCache keeps the origins of each tenant for a moment: they are asked for with every page.
type frameCache struct {
	mu  sync.Mutex
	all map[tenant.ID]*framesOf
}

type framesOf struct {
	origins []string
	loaded  time.Time
	changed <-chan live.Notice
}

// Frames are the origins that may show the tenant's pages in a frame: those of the active platforms' issuers and of where they sign
// in, or the ones that were given by hand in their place. Sorted, each once; from memory, and at most two seconds old.
func (s *Store) Frames(ctx context.Context, t tenant.ID) ([]string, error) {
	if origins, fresh := s.frames.get(t); fresh {
		return origins, nil
	}
	s.frames.watch(t, s.Bus)
	loaded := time.Now()
	var active []Platform
	err := s.DB.Read(ctx, t, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select coalesce(issuer, ''), coalesce(auth_url, ''), frame_origins from lti_platform where status = 'active'")
		if err != nil {
			return err
		}
		active, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Platform, err error) {
			return p, row.Scan(&p.Issuer, &p.AuthURL, &p.FrameOrigins)
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	origins := framesFor(active)
	s.frames.put(t, origins, loaded)
	return origins, nil
}

func framesFor(active []Platform) []string {
	origins := []string{}
	for _, p := range active {
		given := p.FrameOrigins
		if len(given) == 0 {
			given = []string{p.Issuer, p.AuthURL}
		}
		for _, text := range given {
			if origin := Origin(text); origin != "" {
				origins = append(origins, origin)
			}
		}
	}
	slices.Sort(origins)
	return slices.Compact(origins)
}

func (c *frameCache) get(t tenant.ID) (origins []string, fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	of := c.all[t]
	if of == nil || of.loaded.IsZero() {
		return nil, false
	}
	select {
	case <-of.changed:
		of.loaded = time.Time{}
		return nil, false
	default:
	}
	return of.origins, time.Since(of.loaded) < framesTTL
}

// watch makes the place of a tenant and lets the bus tell of changes, before the first look at the table.
func (c *frameCache) watch(t tenant.ID, bus live.Publisher) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[tenant.ID]*framesOf{}
	}
	if c.all[t] != nil {
		return
	}
	of := &framesOf{}
	if subscriber, ok := bus.(interface {
		Subscribe(tenant, topic string) (notices <-chan live.Notice, cancel func())
	}); ok {
		of.changed, _ = subscriber.Subscribe(string(t), topic)
	}
	c.all[t] = of
}

// put keeps what was read, unless something changed while it was.
func (c *frameCache) put(t tenant.ID, origins []string, loaded time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if of := c.all[t]; of != nil {
		of.origins, of.loaded = origins, loaded
	}
}

// learn forgets what is known of a tenant when it lacks what a platform may frame that was just found active: it was registered a
// moment ago, and its first launch must not be refused a frame.
func (c *frameCache) learn(t tenant.ID, p Platform) {
	c.mu.Lock()
	defer c.mu.Unlock()
	of := c.all[t]
	if of == nil {
		return
	}
	for _, origin := range framesFor([]Platform{p}) {
		if !slices.Contains(of.origins, origin) {
			of.loaded = time.Time{}
		}
	}
}

func (c *frameCache) drop(t tenant.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if of := c.all[t]; of != nil {
		of.loaded = time.Time{}
	}
}
