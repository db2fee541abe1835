package handlers

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"cutroom/internal/dbtest"
	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/presence"
	"cutroom/internal/user"
)

func cutOp(start, end int, keep bool) string {
	return fmt.Sprintf(`{"kind":"cut","start":%d,"end":%d,"keep":%t}`, start, end, keep)
}

func TestTwoNodesSeeEachOthersPeopleAndCuts(t *testing.T) {
	t.Parallel()
	dsn, tokens := liveSetup(t)
	one, two := newLiveNode(t, dsn, "one", nil), newLiveNode(t, dsn, "two", nil)
	ben := openTab(t, one, tokens["ben"], "e/live")
	if h := ben.hello(); h.You.User != "ben" || h.State == nil || h.Mode != "together" || h.Rev != 0 {
		t.Errorf("hello: %+v", h)
	}
	ben.sees("ben", "active")
	chloe := openTab(t, two, tokens["chloe"], "e/live")
	chloe.sees("ben", "active")
	ben.sees("chloe", "active")
	chloe.say(`{"type":"where","place":"cutting","playhead":12345,"selection":[1,2]}`)
	ben.first("chloe's playhead", func(m message) bool {
		return slices.ContainsFunc(m.Editors, func(e presence.Editor) bool {
			return e.User == "chloe" && e.Playhead != nil && *e.Playhead == 12345 && e.Place == "cutting"
		})
	})
	if got := chloe.op("c1", cutOp(0, 1000, false)); got.Type != "ack" || got.Rev != 1 {
		t.Errorf("%+v", got)
	}
	told := ben.first("chloe's cut", func(m message) bool { return m.Type == "ops" })
	if op := told.Ops[0]; op.Rev != 1 || op.ID != "c1" || op.Author.User != "chloe" || op.Author.Session != chloe.hello().You.Session {
		t.Errorf("%+v", told)
	}
	_ = chloe.conn.Close(websocket.StatusNormalClosure, "")
	ben.sees("chloe", "away")
	ben.sees("chloe", "")
}

func TestManyAuthorsOneOrder(t *testing.T) {
	t.Parallel()
	dsn, tokens := liveSetup(t)
	nodes := []*liveNode{newLiveNode(t, dsn, "one", nil), newLiveNode(t, dsn, "two", nil)}
	var tabs []*tab
	for i, who := range []string{"ben", "chloe", "ben", "chloe"} {
		tabs = append(tabs, openTab(t, nodes[i%2], tokens[who], "e/live"))
		tabs[i].hello()
	}
	const each = 25
	var wg sync.WaitGroup
	for i, b := range tabs {
		wg.Go(func() {
			for n := range each {
				b.say(fmt.Sprintf(`{"type":"op","id":"%d-%d","base":0,"op":%s}`, i, n, cutOp(n*100+i*20, n*100+i*20+30, n%2 == 0)))
			}
		})
	}
	wg.Wait()
	for i, b := range tabs {
		b.until("all ops", func(all []message) bool { return len(revsIn(all)) == 4*each })
		revs, ids := b.log()
		if !slices.IsSorted(revs) || len(ids) != 4*each {
			t.Errorf("tab %d was told %v", i, revs)
		}
	}
	page, err := nodes[0].Edits.Since(t.Context(), user.System(dbtest.Tenant), "e", 0, 1000)
	if err != nil || page.Rev != 4*each {
		t.Fatalf("rev %d, %v", page.Rev, err)
	}
	for i, b := range tabs {
		_, ids := b.log()
		for _, op := range page.Ops {
			if ids[op.Rev] != op.ID {
				t.Fatalf("tab %d was told %s at %d, the log has %s", i, ids[op.Rev], op.Rev, op.ID)
			}
		}
	}
}

func TestWrongMessagesAreRefusedInWords(t *testing.T) {
	t.Parallel()
	dsn, tokens := liveSetup(t)
	n := newLiveNode(t, dsn, "one", nil)
	ben := openTab(t, n, tokens["ben"], "e/live", "Accept-Language: de")
	ben.hello()
	for id, op := range map[string]string{"bad-range": cutOp(9, 1, false), "beyond-end": cutOp(0, 30001, false), "bad-op": "null", "unknown-kind": `{"kind":"explode"}`,
		"nothing-left": cutOp(0, 30000, false)} {
		if got := ben.op(id, op); got.Type != "refuse" || got.Code != id || got.Message == "" {
			t.Errorf("%s: %+v", id, got)
		}
	}
	if got := ben.op("again", cutOp(9, 1, false)); !strings.Contains(got.Message, "Ende") {
		t.Errorf("not in the reader's language: %q", got.Message)
	}
	refused := 0
	for what, frame := range map[string]string{"broken": "{broken", "unknown type": `{"type":"dance"}`, "unknown field": `{"type":"op","id":"x","base":0,"op":{},"extra":1}`,
		"a list": `[]`, "a wrong type": `{"type":"op","id":7,"base":0,"op":{}}`, "where": `{"type":"where","playhead":-1}`} {
		refused++
		ben.say(frame)
		ben.until(what, func(all []message) bool { return refusals(all, "bad-message") == refused })
	}
	ben.say(`{"type":"op","id":"big","base":0,"op":{},"padding":"` + strings.Repeat("x", 40000) + `"}`)
	ben.first("too large", func(m message) bool { return m.Code == "too-large" && m.Message != "" })
	ben.say(`{"type":"pen","do":"ask"}`)
	ben.first("no pen", func(m message) bool { return m.Code == "no-pen" })
	if got := ben.op("good", cutOp(0, 5, false)); got.Type != "ack" || got.Rev != 1 {
		t.Errorf("the socket does not work any more: %+v", got)
	}
	if got := ben.op("good2", cutOp(0, 5, false)); got.Rev != 2 {
		t.Errorf("%+v", got)
	}
}

func TestWhoFloodsIsClosed(t *testing.T) {
	t.Parallel()
	dsn, tokens := liveSetup(t)
	n := newLiveNode(t, dsn, "one", nil)
	rubbish := openTab(t, n, tokens["ben"], "e/live")
	rubbish.hello()
	for range 60 {
		rubbish.say("{broken")
	}
	if code := rubbish.closed(); code != websocket.StatusPolicyViolation {
		t.Errorf("closed with %d", code)
	}
	fast := openTab(t, n, tokens["ben"], "e/live")
	fast.hello()
	for range 300 {
		fast.say(`{"type":"where","place":"cutting","playhead":1}`)
	}
	if code := fast.closed(); code != websocket.StatusPolicyViolation {
		t.Errorf("closed with %d", code)
	}
}

func TestComingBackBringsWhatWasMissed(t *testing.T) {
	t.Parallel()
	dsn, tokens := liveSetup(t)
	n := newLiveNode(t, dsn, "one", nil)
	ben := openTab(t, n, tokens["ben"], "e/live")
	for i := range 5 {
		ben.op(fmt.Sprint(i), cutOp(i*10, i*10+5, false))
	}
	back := openTab(t, n, tokens["ben"], "e/live?since=2").hello()
	if back.Rev != 5 || back.State != nil || len(back.Ops) != 3 || back.Ops[0].Rev != 3 {
		t.Errorf("%+v", back)
	}
	if same := openTab(t, n, tokens["ben"], "e/live?since=5").hello(); same.Rev != 5 || same.State != nil {
		t.Errorf("nothing missed: %+v", same)
	}
	if ahead := openTab(t, n, tokens["ben"], "e/live?since=99").hello(); ahead.Rev != 5 || ahead.State == nil {
		t.Errorf("a rev that never was: %+v", ahead)
	}
	again := openTab(t, n, tokens["ben"], "e/live?since=5")
	if got := again.op("3", cutOp(1, 2, false)); got.Type != "ack" || got.Rev != 4 {
		t.Errorf("the same id again: %+v", got)
	}
}

func TestWhoMayNotGetsNoSocket(t *testing.T) {
	t.Parallel()
	dsn, tokens := liveSetup(t)
	n := newLiveNode(t, dsn, "one", nil)
	for _, try := range []struct {
		who, path, origin string
		want              int
	}{
		{"vera", "e/live", "", 403}, {"dora", "e/live", "", 404}, {"ben", "nothing/live", "", 404}, {"ben", "e/live?since=x", "", 400},
		{"ben", "e/live", "https://evil.example", 403}, {"nobody", "e/live", "", 401},
	} {
		headers := []string{}
		if try.origin != "" {
			headers = append(headers, "Origin: "+try.origin)
		}
		conn, answer, err := dialTab(n, tokens[try.who], try.path, headers...)
		if err == nil {
			_ = conn.CloseNow()
			t.Errorf("%+v: let in", try)
		} else if answer.StatusCode != try.want || answer.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%+v: %d %v", try, answer.StatusCode, answer.Header)
		}
	}
	_, reads, err := n.Users.CreateToken(t.Context(), user.System(dbtest.Tenant), "ben", []string{user.ScopeRead}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, answer, err := dialTab(n, reads, "e/live"); err == nil || answer.StatusCode != 403 {
		t.Errorf("a token that may only read: %v", answer)
	}
	own := openTab(t, n, tokens["ben"], "e/live", "Origin: "+n.url)
	own.hello()
	plain, err := http.NewRequest("GET", n.url+"/api/v1/events/e/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	plain.Header.Set("Authorization", "Bearer "+tokens["ben"])
	answer, err := http.DefaultClient.Do(plain)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != 400 {
		t.Errorf("without upgrade: %d", answer.StatusCode)
	}
}

func TestMetadataIsToldAndLostRightsClose(t *testing.T) {
	t.Parallel()
	dsn, tokens := liveSetup(t)
	one, two := newLiveNode(t, dsn, "one", nil), newLiveNode(t, dsn, "two", nil)
	system := user.System(dbtest.Tenant)
	ben, chloe := openTab(t, one, tokens["ben"], "e/live"), openTab(t, one, tokens["chloe"], "e/live")
	ben.sees("chloe", "active")
	chloe.sees("ben", "active")
	if _, err := two.Events.Patch(t.Context(), system, "e", event.Patch{Title: event.To("Renamed")}, ""); err != nil {
		t.Fatal(err)
	}
	ben.first("the new title", func(m message) bool { return m.Type == "metadata" && slices.Equal(m.Fields, []string{"title"}) })
	if _, err := two.Events.PutACL(t.Context(), system, "e", []event.ACLEntry{{Role: "ROLE_USER_BEN", Action: "write"}, {Role: "ROLE_USER_CHLOE", Action: "read"}}, true); err != nil {
		t.Fatal(err)
	}
	if code := chloe.closed(); code != 4403 {
		t.Errorf("closed with %d", code)
	}
	if got := ben.op("b", cutOp(0, 5, false)); got.Type != "ack" {
		t.Errorf("%+v", got)
	}
	if err := two.Events.Delete(t.Context(), system, "e"); err != nil {
		t.Fatal(err)
	}
	if code := ben.closed(); code != 4404 {
		t.Errorf("closed with %d", code)
	}
}

func TestSignedOutIsClosed(t *testing.T) {
	t.Parallel()
	dsn, _ := liveSetup(t)
	one, two := newLiveNode(t, dsn, "one", nil), newLiveNode(t, dsn, "two", nil)
	system := user.System(dbtest.Tenant)
	token, secret, err := two.Users.CreateToken(t.Context(), system, "ben", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ben := openTab(t, one, secret, "e/live")
	ben.hello()
	if err := two.Users.RevokeToken(t.Context(), system, token.ID); err != nil {
		t.Fatal(err)
	}
	if code := ben.closed(); code != 4401 {
		t.Errorf("closed with %d", code)
	}
}

func TestRightLostWithoutANoticeIsFoundByTheRecheck(t *testing.T) {
	t.Parallel()
	dsn, tokens := liveSetup(t)
	n := newLiveNode(t, dsn, "one", func(s *Server) { s.sockets.times.recheck = 30 * time.Millisecond })
	ben := openTab(t, n, tokens["ben"], "e/live")
	ben.hello()
	err := n.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), "delete from event_acl where role = 'ROLE_USER_BEN'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if code := ben.closed(); code != 4403 {
		t.Errorf("closed with %d", code)
	}
}

func TestKilledListenerMissesNothing(t *testing.T) {
	t.Parallel()
	dsn, tokens := liveSetup(t)
	one, two := newLiveNode(t, dsn, "one", nil), newLiveNode(t, dsn, "two", nil)
	ben, chloe := openTab(t, one, tokens["ben"], "e/live"), openTab(t, two, tokens["chloe"], "e/live")
	ben.sees("chloe", "active")
	chloe.hello()
	for i := range 20 {
		if i%5 == 0 {
			if _, err := one.DB.Pool.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cutroom listen' and datname = current_database()`); err != nil {
				t.Fatal(err)
			}
		}
		chloe.op(fmt.Sprint(i), cutOp(i*10, i*10+5, false))
	}
	ben.until("all of chloe's cuts", func(all []message) bool { return len(revsIn(all)) == 20 })
	if revs, _ := ben.log(); !slices.IsSorted(revs) {
		t.Errorf("%v", revs)
	}
	ben.sees("chloe", "active")
}

func TestDrainClosesAllAndLeavesNothing(t *testing.T) {
	dsn, tokens := liveSetup(t)
	other := newLiveNode(t, dsn, "other", nil)
	watcher := openTab(t, other, tokens["chloe"], "e/live")
	watcher.hello()
	before := goleak.IgnoreCurrent()
	n := newLiveNode(t, dsn, "one", nil)
	var tabs []*tab
	for range 5 {
		tabs = append(tabs, openTab(t, n, tokens["ben"], "e/live"))
	}
	watcher.sees("ben", "active")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	n.CloseSockets(ctx, 50*time.Millisecond)
	for _, b := range tabs {
		if code := b.closed(); code != websocket.StatusServiceRestart {
			t.Errorf("closed with %d", code)
		}
	}
	if _, answer, err := dialTab(n, tokens["ben"], "e/live"); err == nil || answer.StatusCode != 503 {
		t.Errorf("a draining node takes sockets: %v", answer)
	}
	n.stop()
	watcher.sees("ben", "")
	http.DefaultClient.CloseIdleConnections()
	// scs.New begins a clean-up of its memory store, which we do not use, and gives no way to end it.
	goleak.VerifyNone(t, before, goleak.IgnoreTopFunction("github.com/alexedwards/scs/v2/memstore.(*MemStore).startCleanup"))
}

func TestSlowSocketIsClosed(t *testing.T) {
	o := newOutbox()
	for i := range maxQueued {
		if !o.put(fmt.Append(nil, i)) {
			t.Fatalf("full at %d", i)
		}
	}
	o.replace("editors", []byte("a"))
	o.replace("editors", []byte("b"))
	if o.put(nil) {
		t.Error("takes more than there is room for")
	}
	if got := o.take(); len(got) != maxQueued+1 || string(got[maxQueued]) != "b" {
		t.Errorf("%d frames", len(got))
	}
}

func revsIn(all []message) (revs []edit.Rev) {
	for _, m := range all {
		if m.Type == "ack" {
			revs = append(revs, m.Rev)
		}
		for _, op := range m.Ops {
			revs = append(revs, op.Rev)
		}
	}
	return revs
}

func refusals(all []message, code string) (n int) {
	for _, m := range all {
		if m.Type == "refuse" && m.Code == code {
			n++
		}
	}
	return n
}

func TestTheEditorIsSwitchedOffUnderAnOpenSocket(t *testing.T) {
	t.Parallel()
	dsn, tokens := liveSetup(t)
	n := newLiveNode(t, dsn, "one", func(s *Server) { s.sockets.times.recheck = 30 * time.Millisecond })
	ben := openTab(t, n, tokens["ben"], "e/live")
	ben.hello()
	err := n.DB.System(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), `with m as (insert into module (id, product, descriptor, built_in) values ('cutroom-editor-0.0.1', 'cutroom-editor', '{}', true) returning id)
			insert into tenant_module (tenant_id, product, module_id, enabled) select $1, 'cutroom-editor', id, false from m`, dbtest.Tenant)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if code := ben.closed(); code != 4403 {
		t.Errorf("closed with %d", code)
	}
}
