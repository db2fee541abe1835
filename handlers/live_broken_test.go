package handlers

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cutroom/internal/dbtest"
	"cutroom/internal/edit"
	"cutroom/internal/user"
)

// TestBrokenDatabaseConnectionsLoseAndDoubleNothing cuts all connections to the database again and again while ops go in. A
// client sends each op until it is acknowledged, as the page does.
func TestBrokenDatabaseConnectionsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	dsn, tokens := liveSetup(t)
	one, two := newLiveNode(t, dsn, "one", nil), newLiveNode(t, dsn, "two", nil)
	watcher := openTab(t, two, tokens["chloe"], "e/live")
	watcher.hello()
	killer := dbtest.Open(t, dsn)
	const ops = 60
	acked := map[string]edit.Rev{}
	var ben *websocket.Conn
	for n := range ops {
		if n%15 == 7 {
			_, err := killer.Pool.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`)
			if err != nil {
				t.Fatal(err)
			}
		}
		id := fmt.Sprint("op-", n)
		for end := time.Now().Add(20 * time.Second); acked[id] == 0; {
			if time.Now().After(end) {
				t.Fatalf("%s is not taken", id)
			}
			if ben == nil {
				conn, _, err := dialTab(one, tokens["ben"], "e/live")
				if err != nil {
					<-time.After(20 * time.Millisecond)
					continue
				}
				ben = conn
				defer conn.CloseNow()
			}
			if acked[id] = sendOnce(ben, id, cutOp(n*10, n*10+5, false)); acked[id] == 0 {
				_ = ben.CloseNow()
				ben = nil
			}
		}
	}
	page, err := two.Edits.Since(t.Context(), user.System(dbtest.Tenant), "e", 0, 1000)
	if err != nil || len(page.Ops) != ops || page.Rev != ops {
		t.Fatalf("%d ops at rev %d: %v", len(page.Ops), page.Rev, err)
	}
	for _, op := range page.Ops {
		if acked[op.ID] != op.Rev {
			t.Errorf("%s was acknowledged at %d and is at %d", op.ID, acked[op.ID], op.Rev)
		}
	}
	watcher.until("all ops", func(all []message) bool { return len(revsIn(all)) == ops })
}

// sendOnce gives the rev of the ack, 0 when the connection ends before.
func sendOnce(conn *websocket.Conn, id, op string) edit.Rev {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"type":"op","id":%q,"base":0,"op":%s}`, id, op)); err != nil {
		return 0
	}
	for {
		_, frame, err := conn.Read(ctx)
		if err != nil {
			return 0
		}
		if m := readMessage(frame); m.Type == "ack" && m.ID == id {
			return m.Rev
		}
	}
}
