package event_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// bundle is a store on a database of its own, with some people.
type bundle struct {
	*testing.T
	db                    *tenant.DB
	store                 *event.Store
	bus                   *bus
	ada, ben, chloe, vera user.Who
}

func setup(t *testing.T) *bundle {
	t.Helper()
	t.Parallel()
	db := dbtest.New(t)
	b := &bundle{T: t, db: db, bus: &bus{}}
	b.store = &event.Store{DB: db, Bus: b.bus}
	b.ada, b.ben, b.chloe, b.vera = b.person("ada", "admin"), b.person("ben", "editor"), b.person("chloe", "editor"), b.person("vera", "viewer")
	return b
}

func (b *bundle) person(name, role string) user.Who {
	b.tx(func(tx pgx.Tx) error {
		_, err := tx.Exec(b.Context(), "insert into person (name, display_name, role) values ($1, $2, $3)", name, name, role)
		return err
	})
	return user.Who{Tenant: dbtest.Tenant, User: name, Name: name, Role: role, Roles: []string{user.OwnRole(name), user.RoleUser, user.RoleAnonymous}}
}

func (b *bundle) tx(fn func(pgx.Tx) error) {
	b.Helper()
	if err := b.db.Tx(b.Context(), dbtest.Tenant, fn); err != nil {
		b.Fatal(err)
	}
}

// event makes an event of ben's.
func (b *bundle) event(d event.Draft) event.Event {
	b.Helper()
	if d.Title == "" {
		d.Title = "A lecture"
	}
	e, err := b.store.Create(b.Context(), b.ben, d)
	if err != nil {
		b.Fatal(err)
	}
	return e
}

func (b *bundle) find(id event.ID) event.Event {
	b.Helper()
	e, err := b.store.Find(b.Context(), b.ada, id, event.ToWrite)
	if err != nil {
		b.Fatal(err)
	}
	return e
}

// patch changes an event as ben.
func (b *bundle) patch(id event.ID, p event.Patch) event.Event {
	b.Helper()
	e, err := b.store.Patch(b.Context(), b.ben, id, p, "")
	if err != nil {
		b.Fatal(err)
	}
	return e
}

func (b *bundle) list(who user.Who, q event.Query) []event.ID {
	b.Helper()
	page, err := b.store.List(b.Context(), who, q)
	if err != nil {
		b.Fatal(err)
	}
	ids := []event.ID{}
	for _, e := range page.Items {
		ids = append(ids, e.ID)
	}
	return ids
}

// add adds an asset to an event.
func (b *bundle) add(a event.Asset) event.Asset {
	b.Helper()
	b.tx(func(tx pgx.Tx) (err error) {
		a, err = event.AddAssetTx(b.Context(), tx, a)
		return err
	})
	return a
}

// kind fails the test unless err is a fault of this kind.
func (b *bundle) kind(err error, want fault.Kind) *fault.Error {
	b.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != want {
		b.Fatalf("got %v, want a fault with status %d", err, want.Status())
	}
	return f
}

// fields fails the test unless err is fault.Invalid and names exactly these fields.
func (b *bundle) fields(err error, want ...string) {
	b.Helper()
	var got []string
	for _, f := range b.kind(err, fault.Invalid).Fields {
		got = append(got, f.Path)
		if f.Rule == "" || f.Message == "" {
			b.Errorf("%s has no rule or message", f.Path)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		b.Fatalf("fields %v, want %v", got, want)
	}
}

func ms(n int64) *event.Milliseconds { m := event.Milliseconds(n); return &m }

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(h[:])
}

// original is a source track.
func original(id event.ID, path string, length int64) event.Asset {
	return event.Asset{EventID: id, Kind: "track", Flavor: "presenter/source", MimeType: "video/mp4", Size: 10, Checksum: sum(path), Source: true, Internal: true,
		Path: path, Duration: ms(length), Streams: []event.Stream{{Kind: "video", Codec: "h264"}, {Kind: "audio", Codec: "aac"}}}
}

// result is a public track.
func result(path string, length int64) event.Asset {
	return event.Asset{Kind: "track", Flavor: "presenter/delivery", MimeType: "video/mp4", Size: 10, Checksum: sum(path), Path: path, Duration: ms(length),
		Streams: []event.Stream{{Kind: "video", Codec: "h264"}}}
}

// bus remembers what it was told.
type bus struct {
	mu    sync.Mutex
	heard []live.Notice
}

func (b *bus) Publish(notices ...live.Notice) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heard = append(b.heard, notices...)
}

// take gives the topics heard since the last call.
func (b *bus) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var topics []string
	for _, n := range b.heard {
		topics = append(topics, n.Topic)
	}
	b.heard = nil
	return topics
}
