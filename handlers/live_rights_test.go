package handlers

import (
	"context"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/user"
)

// A socket closes when the right that it lives on goes, on whatever node that is done and wherever the right came from.
func TestSocketsCloseWhenARightGoes(t *testing.T) {
	t.Parallel()
	ctx, system := context.Background(), user.System(dbtest.Tenant)
	member := func(n *liveNode, roles ...string) error {
		var tell func(*user.Store)
		err := n.DB.Tx(ctx, dbtest.Tenant, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "insert into identity (source, subject, user_name) values ('lti:p', 's', 'dora') on conflict do nothing")
			if err == nil {
				_, tell, err = user.EnterTx(ctx, tx, dbtest.Tenant, user.External{Source: "lti:p", Subject: "s", Name: "dora",
					Memberships: []user.Membership{{Context: "bio", Roles: roles, Until: time.Now().Add(time.Hour)}}})
			}
			return err
		})
		if err == nil {
			tell(n.Users)
		}
		return err
	}
	for name, c := range map[string]struct {
		give, take func(n *liveNode) error
		code       websocket.StatusCode
	}{
		"another role": {func(n *liveNode) error { return n.Users.SetRole(ctx, system, "dora", "admin") }, func(n *liveNode) error { return n.Users.SetRole(ctx, system, "dora", "viewer") }, 4403},
		"a role given by hand": {func(n *liveNode) error { return n.Users.SetExtraRoles(ctx, system, "dora", []string{"bio_Instructor"}) },
			func(n *liveNode) error { return n.Users.SetExtraRoles(ctx, system, "dora", nil) }, 4403},
		"a course": {func(n *liveNode) error { return member(n, "bio_Instructor") }, func(n *liveNode) error { return member(n, "bio_Learner") }, 4403},
		"a removed registration": {func(n *liveNode) error { return member(n, "bio_Instructor") }, func(n *liveNode) error {
			var tell func(*user.Store)
			err := n.DB.Tx(ctx, dbtest.Tenant, func(tx pgx.Tx) (err error) {
				tell, err = user.DropSourceTx(ctx, tx, dbtest.Tenant, "lti:p")
				return err
			})
			if err == nil {
				tell(n.Users)
			}
			return err
		}, 4403},
		"the list": {func(n *liveNode) error { return member(n, "bio_Instructor") }, func(n *liveNode) error {
			_, err := n.Events.PutACL(ctx, system, "e", []event.ACLEntry{{Role: "ROLE_USER_BEN", Action: "write"}}, false)
			return err
		}, 4403},
		"disabled": {func(n *liveNode) error { return member(n, "bio_Instructor") }, func(n *liveNode) error { return n.Users.Disable(ctx, system, "dora") }, 4401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn, tokens := liveSetup(t)
			one, two := newLiveNode(t, dsn, "one", nil), newLiveNode(t, dsn, "two", nil)
			_, err := one.Events.PutACL(ctx, system, "e", []event.ACLEntry{{Role: "ROLE_USER_BEN", Action: "write"}, {Role: "bio_Instructor", Action: "write"}}, false)
			do(t, err)
			do(t, c.give(one))
			tabs := []*tab{openTab(t, one, tokens["dora"], "e/live"), openTab(t, two, tokens["dora"], "e/live")}
			ben := openTab(t, two, tokens["ben"], "e/live")
			for _, b := range append(tabs, ben) {
				b.hello()
			}
			ben.sees("dora", "active")
			do(t, c.take(one))
			for _, b := range tabs {
				if code := b.closed(); code != c.code {
					t.Errorf("closed with %d", code)
				}
			}
			if got := ben.op("still", cutOp(0, 1000, false)); got.Type != "ack" {
				t.Errorf("somebody else's socket: %+v", got)
			}
		})
	}
}
