package run

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// bundle is a store on a database of its own, with one event that ben may write and vera read.
type bundle struct {
	*Store
	bus            *recorder
	ben, ada, vera user.Who
	nobody         user.Who
	event          event.ID
	t              *testing.T
}

// recorder keeps the topics that were published.
type recorder struct {
	mu     sync.Mutex
	topics []string
}

func (r *recorder) Publish(notices ...live.Notice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range notices {
		r.topics = append(r.topics, n.Topic)
	}
}

func (r *recorder) saw(topic string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.topics {
		if t == topic {
			return true
		}
	}
	return false
}

// plain is an edit of 10 s that keeps all, but nothing at rev 9.
type plain struct{}

func (plain) AtTx(_ context.Context, _ pgx.Tx, _ tenant.ID, _ event.ID, rev edit.Rev) (edit.Source, edit.State, error) {
	src := edit.Source{Duration: 10_000, Tracks: []edit.SourceTrack{{Asset: "a1", Video: true, Audio: true, Duration: 10_000}}}
	st := edit.State{}
	if rev == 9 {
		st.Removed = []edit.Range{{Start: 0, End: 10_000}}
	}
	return src, st, nil
}

func who(name, display, role string) user.Who {
	return user.Who{Tenant: dbtest.Tenant, User: name, Name: display, Role: role,
		Roles: []string{user.OwnRole(name), user.RoleUser, user.RoleAnonymous}}
}

func setup(t *testing.T) *bundle {
	t.Helper()
	t.Parallel()
	return on(t, dbtest.New(t))
}

func on(t *testing.T, db *tenant.DB) *bundle {
	t.Helper()
	bus := &recorder{}
	store, err := New(db, plain{}, bus)
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{Store: store, bus: bus, t: t, event: "e1",
		ben: who("ben", "Ben Example", "editor"), ada: who("ada", "Ada Example", "admin"), vera: who("vera", "Vera Example", "viewer"),
		nobody: who("nobody", "Nobody", "viewer")}
	makeEvent(t, db, "e1")
	return b
}

func makeEvent(t *testing.T, db *tenant.DB, id event.ID) {
	t.Helper()
	err := db.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		for _, sql := range []string{
			"insert into event (id, title, owner, created_by, duration, state) values ($1, 'A lecture', 'ben', 'ben', 10000, 'ready')",
			"insert into event_acl (event_id, role, action) values ($1, 'ROLE_USER_BEN', 'read'), ($1, 'ROLE_USER_BEN', 'write'), ($1, 'ROLE_USER_VERA', 'read')",
			"insert into edit (event_id, rev) values ($1, 9)",
			`insert into asset (id, event_id, kind, flavor, mime_type, size, checksum, source, internal, path, duration, streams)
			 values ($1::text || '-a1', $1, 'track', 'presenter/source', 'video/mp4', 1, 'sha256:' || repeat('0', 64), true, true, 'x', 10000, '[{"kind":"video"}]')`,
		} {
			if _, err := tx.Exec(t.Context(), sql, id); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var rev0 = int64(0)

// submit submits rev 0 as somebody and expects it to be taken.
func (b *bundle) submit(w user.Who) Run {
	b.t.Helper()
	r, err := b.Submit(b.t.Context(), w, b.event, Workflow, &rev0)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// claim claims a dispatched run as a node.
func (b *bundle) claim(r Run, node string) *Held {
	b.t.Helper()
	h, err := b.Claim(b.t.Context(), PublishArgs{Tenant: dbtest.Tenant, Event: r.Event, Run: r.ID}, b.job(r.ID), node)
	if err != nil {
		b.t.Fatal(err)
	}
	return h
}

// job is the River job of a run.
func (b *bundle) job(id ID) (job int64) {
	b.t.Helper()
	b.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(b.t.Context(), "select river_job_id from run where id = $1", id).Scan(&job)
	})
	return job
}

func (b *bundle) tx(fn func(pgx.Tx) error) {
	b.t.Helper()
	if err := b.DB.Tx(b.t.Context(), dbtest.Tenant, fn); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	b.tx(func(tx pgx.Tx) error { _, err := tx.Exec(b.t.Context(), sql, args...); return err })
}

// expire ends the lease of a run.
func (b *bundle) expire(id ID) {
	b.t.Helper()
	b.exec("update run set lease_until = clock_timestamp() - interval '1 second' where id = $1", id)
}

// riverState is the state of a River job.
func (b *bundle) riverState(job int64) (state string) {
	b.t.Helper()
	err := b.DB.Pool.QueryRow(b.t.Context(), "select state::text from river.river_job where id = $1", job).Scan(&state)
	if err != nil {
		b.t.Fatal(err)
	}
	return state
}

func (b *bundle) reload(id ID) Run {
	b.t.Helper()
	r, err := b.Find(b.t.Context(), b.ben, id)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// states gives the states of runs.
func (b *bundle) states(runs ...Run) []State {
	b.t.Helper()
	var all []State
	for _, r := range runs {
		all = append(all, b.reload(r.ID).State)
	}
	return all
}

func (b *bundle) policy(value string) {
	b.t.Helper()
	b.tx(func(tx pgx.Tx) error {
		return tenant.PatchSettings(b.t.Context(), tx, "ada", map[string]any{"edit.runs": value})
	})
}

func wantKind(t *testing.T, err error, kind fault.Kind) *fault.Error {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		t.Fatalf("error is %v, wanted a fault of kind %d", err, kind.Status())
	}
	return fault.As(err)
}
