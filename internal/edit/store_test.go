package edit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// bundle is a store on a database with the event "e" of 30 s: ben and chloe may write, vera may read.
type bundle struct {
	*edit.Store
	db        *tenant.DB
	published *notices
}

type notices struct {
	mu  sync.Mutex
	all []live.Notice
}

func (n *notices) Publish(more ...live.Notice) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, more...)
}

var ben, chloe, vera, dora = person("ben"), person("chloe"), person("vera"), person("dora")

func person(name string) user.Who {
	return user.Who{Tenant: dbtest.Tenant, User: name, Name: "Dr " + name, Role: "editor", Roles: []string{user.OwnRole(name), user.RoleUser, user.RoleAnonymous}}
}

func setup(t testing.TB) bundle {
	t.Helper()
	db := dbtest.New(t)
	Seed(t, db)
	published := &notices{}
	return bundle{&edit.Store{DB: db, Bus: published, Lines: fileLines}, db, published}
}

func fileLines(context.Context, tenant.ID, string) ([]edit.Cue, error) {
	return []edit.Cue{{ID: "1", Start: 0, End: 900, Text: "Hi"}, {ID: "", Start: 29000, End: 31000, Text: "Bye"}}, nil
}

// Seed makes the event "e".
func Seed(t testing.TB, db *tenant.DB) {
	t.Helper()
	err := db.Tx(context.Background(), dbtest.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), `
			insert into event (id, title, owner, created_by, state, duration) values ('e', 'Lecture', 'ben', 'ben', 'ready', 30000);
			insert into event_acl (event_id, role, action) values ('e', 'ROLE_USER_BEN', 'write'), ('e', 'ROLE_USER_CHLOE', 'write'), ('e', 'ROLE_USER_VERA', 'read');
			insert into asset (id, event_id, kind, flavor, mime_type, size, checksum, source, internal, path, duration, streams) values
			  ('a', 'e', 'track', 'presenter/source', 'video/mp4', 9, 'sha256:'||repeat('0', 64), true, true, 'a', 30000, '[{"kind":"video","frameRate":25},{"kind":"audio"}]'),
			  ('t', 'e', 'track', 'captions/source', 'text/vtt', 9, 'sha256:'||repeat('0', 64), true, true, 't', 40000, '[{"kind":"text"}]'),
			  ('p', 'e', 'attachment', 'cover/source', 'image/png', 9, 'sha256:'||repeat('0', 64), true, true, 'p', null, '[]')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func cut(start, end int, keep bool) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"kind":"cut","start":%d,"end":%d,"keep":%t}`, start, end, keep))
}

func submit(t testing.TB, b bundle, who user.Who, sent ...edit.Sent) edit.Submitted {
	t.Helper()
	got, err := b.Submit(t.Context(), who, "tab of "+who.User, "e", sent)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func load(t testing.TB, b bundle) edit.Edit {
	t.Helper()
	e, err := b.Load(t.Context(), ben, "e")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestOpsGetRevsAndPaintTheState(t *testing.T) {
	t.Parallel()
	b := setup(t)
	e := load(t, b)
	if e.Rev != 0 || e.Duration != 30000 || !slices.Equal(e.Kept, []edit.Range{{Start: 0, End: 30000}}) {
		t.Fatalf("untouched: %+v", e)
	}
	got := submit(t, b, ben,
		edit.Sent{ID: "1", Op: cut(0, 1000, false)},
		edit.Sent{ID: "2", Op: cut(9, 1, false)},
		edit.Sent{ID: "3", Op: json.RawMessage(`{"kind":"split","at":4000}`)},
		edit.Sent{ID: "1", Op: cut(5, 6, false)},
		edit.Sent{ID: "", Op: cut(5, 6, false)},
		edit.Sent{ID: "6", Base: 9, Op: cut(5, 6, false)},
		edit.Sent{ID: "7", Op: nil},
	)
	var said []string
	for _, r := range got.Results {
		said = append(said, fmt.Sprintf("%s %d %s %t", r.ID, r.Rev, r.Code, r.Message != ""))
	}
	want := []string{"1 1  false", "2 0 bad-range true", "3 2  false", "1 1  false", " 0 bad-id true", "6 0 bad-base true", "7 0 bad-op true"}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
	if e = load(t, b); e.Rev != 2 || !slices.Equal(e.Kept, []edit.Range{{Start: 1000, End: 4000}, {Start: 4000, End: 30000}}) {
		t.Errorf("painted: %+v", e)
	}
	again := submit(t, b, chloe, edit.Sent{ID: "1", Base: 0, Op: cut(1, 2, false)})
	if again.Results[0].Rev != 1 || again.Rev != 2 || len(again.Ops) != 0 {
		t.Errorf("the same id again: %+v", again)
	}
	if diff := cmp.Diff([]live.Notice{{Tenant: "demo", Topic: "edit:e", Rev: 2}}, b.published.all); diff != "" {
		t.Error(diff)
	}
}

func TestRights(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, try := range map[string]func(user.Who) error{
		"load":    func(w user.Who) error { _, err := b.Load(t.Context(), w, "e"); return err },
		"since":   func(w user.Who) error { _, err := b.Since(t.Context(), w, "e", 0, 10); return err },
		"at":      func(w user.Who) error { _, err := b.At(t.Context(), w, "e", 0); return err },
		"restore": func(w user.Who) error { _, err := b.Restore(t.Context(), w, "", "e", 0); return err },
		"submit": func(w user.Who) error {
			_, err := b.Submit(t.Context(), w, "", "e", []edit.Sent{{ID: "1", Op: cut(0, 5, false)}})
			return err
		},
	} {
		if err := try(vera); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("%s by a reader: %v", name, err)
		}
		if err := try(dora); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s by a stranger: %v", name, err)
		}
		if err := try(user.System(dbtest.Tenant)); err != nil {
			t.Errorf("%s by an admin: %v", name, err)
		}
	}
	if _, err := b.Load(t.Context(), user.System(dbtest.Tenant), "nothing"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no event: %v", err)
	}
	sums, err := edit.Summaries(t.Context(), b.db, vera, []event.ID{"e"})
	if err != nil || len(sums) != 0 {
		t.Errorf("a reader's summaries: %v %v", sums, err)
	}
}

func TestManyWritersMakeOneOrderWithoutGaps(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const each = 30
	var wg sync.WaitGroup
	for i, who := range []user.Who{ben, chloe, ben, chloe} {
		wg.Go(func() {
			for n := range each {
				id := fmt.Sprintf("%d-%d", i, n)
				if _, err := b.Submit(t.Context(), who, "", "e", []edit.Sent{{ID: id, Op: cut(n*100+i*20, n*100+i*20+30, n%2 == 0)}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	page, err := b.Since(t.Context(), ben, "e", 0, 1000)
	if err != nil || len(page.Ops) != 4*each || page.Rev != 4*each {
		t.Fatalf("%d ops, rev %d, %v", len(page.Ops), page.Rev, err)
	}
	src := load(t, b).Source
	st := edit.State{}
	for i, l := range page.Ops {
		if l.Rev != edit.Rev(i+1) {
			t.Fatalf("rev %d at %d", l.Rev, i)
		}
		op, err := edit.Parse(l.Op)
		if err != nil {
			t.Fatal(err)
		}
		if st, err = edit.Apply(src, st, op); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(edit.Kept(src, st), load(t, b).Kept) {
		t.Error("the state is not what the log paints")
	}
	some, err := b.Since(t.Context(), ben, "e", 5, 3)
	if err != nil || len(some.Ops) != 3 || some.Ops[0].Rev != 6 {
		t.Errorf("a page: %+v %v", some, err)
	}
}

func TestOlderRevCanBeReadAndRestored(t *testing.T) {
	t.Parallel()
	b := setup(t)
	submit(t, b, ben, edit.Sent{ID: "1", Op: cut(0, 1000, false)}, edit.Sent{ID: "2", Op: json.RawMessage(`{"kind":"chapter","id":"c","at":5,"title":"Ä ß 中"}`)})
	then := load(t, b)
	submit(t, b, chloe, edit.Sent{ID: "3", Op: cut(0, 30000, true)}, edit.Sent{ID: "4", Op: cut(7000, 9000, false)},
		edit.Sent{ID: "5", Op: json.RawMessage(`{"kind":"chapter-remove","id":"c"}`)}, edit.Sent{ID: "6", Op: json.RawMessage(`{"kind":"thumbnail","asset":"p"}`)},
		edit.Sent{ID: "7", Op: json.RawMessage(`{"kind":"cue-remove","track":"t","id":"1"}`)})
	past, err := b.At(t.Context(), ben, "e", 2)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(then, past); diff != "" {
		t.Error(diff)
	}
	got, err := b.Restore(t.Context(), ben, "tab", "e", 2)
	if err != nil {
		t.Fatal(err)
	}
	now := load(t, b)
	if now.Rev <= 7 || got.Rev != now.Rev || !slices.Equal(now.Kept, then.Kept) || !slices.Equal(now.State.Chapters, then.State.Chapters) || now.State.Thumbnail != nil {
		t.Errorf("restored: %+v", now)
	}
	if lines := now.State.Cues[0].Cues; len(lines) != 2 || lines[0].Text != "Hi" {
		t.Errorf("lines: %+v", lines)
	}
	if same, err := b.Restore(t.Context(), ben, "", "e", now.Rev); err != nil || same.Rev != now.Rev || len(same.Ops) != 0 {
		t.Errorf("the present one: %+v %v", same, err)
	}
	for _, rev := range []edit.Rev{-1, now.Rev + 1} {
		if _, err := b.At(t.Context(), ben, "e", rev); fault.KindOf(err) != fault.NotFound {
			t.Errorf("rev %d: %v", rev, err)
		}
	}
}

func TestFirstCueOpTakesTheFilesLines(t *testing.T) {
	t.Parallel()
	b := setup(t)
	submit(t, b, ben, edit.Sent{ID: "1", Op: json.RawMessage(`{"kind":"cue","track":"t","id":"2","start":29000,"end":30000,"text":"Good bye"}`)})
	want := []edit.TrackCues{{Track: "t", Cues: []edit.Cue{{ID: "1", Start: 0, End: 900, Text: "Hi"}, {ID: "2", Start: 29000, End: 30000, Text: "Good bye"}}}}
	if diff := cmp.Diff(want, load(t, b).State.Cues); diff != "" {
		t.Error(diff)
	}
}

func TestStateForARun(t *testing.T) {
	t.Parallel()
	b := setup(t)
	submit(t, b, ben, edit.Sent{ID: "1", Op: cut(0, 1000, false)}, edit.Sent{ID: "2", Op: cut(2000, 3000, false)})
	err := b.db.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		src, st, err := b.AtTx(t.Context(), tx, dbtest.Tenant, "e", 1)
		if err != nil || !slices.Equal(edit.Kept(src, st), []edit.Range{{Start: 1000, End: 30000}}) {
			t.Errorf("%+v %v", st, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sums, err := edit.Summaries(t.Context(), b.db, ben, []event.ID{"e", "f"})
	if err != nil || sums["e"].Rev != 2 || sums["e"].Duration != 30000 || len(sums["e"].Kept) != 2 {
		t.Errorf("%+v %v", sums, err)
	}
}

func TestTooManyOpsAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.Submit(t.Context(), ben, "", "e", make([]edit.Sent, edit.MaxOps+1)); fault.KindOf(err) != fault.TooLarge {
		t.Error(err)
	}
}

func BenchmarkSubmit(bench *testing.B) {
	b := setup(bench)
	for n := 0; bench.Loop(); n++ {
		submit(bench, b, ben, edit.Sent{ID: fmt.Sprint(n), Op: cut(n%200*100, n%200*100+70, n%2 == 0)})
	}
}
