package handlers

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/user"
)

// pulseNode is a node with the routes that pulses need.
type pulseNode struct {
	*liveNode
	url string
}

func newPulseNode(t testing.TB, dsn, name string, change func(*Server)) *pulseNode {
	t.Helper()
	n := newLiveNode(t, dsn, name, change)
	server := httptest.NewServer(n.before(n.adapt(route{"GET /pulse", doors, n.pulse})))
	t.Cleanup(func() {
		n.pulses.stop()
		server.Close()
	})
	return &pulseNode{n, server.URL}
}

// pulsePage is an open page that listens.
type pulsePage struct {
	testing.TB
	lines chan string // "event data"; closed when the stream ends
}

// openPage begins to listen as somebody who has a session, on a page that was drawn now. about is "", "event=e" or "series=s".
func (n *pulseNode) openPage(t testing.TB, secret, about string) *pulsePage {
	t.Helper()
	who, err := n.Users.WhoBySession(context.Background(), dbtest.Tenant, secret)
	if err != nil {
		t.Fatal(err)
	}
	key, id, _ := strings.Cut(about, "=")
	mayWrite := false
	switch key {
	case "event":
		_, err := n.Events.Find(context.Background(), who, event.ID(id), event.ToWrite)
		mayWrite = err == nil
	case "series":
		_, err := n.Events.FindSeries(context.Background(), who, event.SeriesID(id), event.ToWrite)
		mayWrite = err == nil
	}
	r := httptest.NewRequest("GET", "/", nil)
	r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, &exchange{who: who}))
	return n.listen(t, secret, n.pulseOf(r, key, id, mayWrite))
}

func (n *pulseNode) listen(t testing.TB, secret, address string) *pulsePage {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, n.url+address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: n.sessions.name, Value: secret})
	r.Header.Set("Accept-Encoding", "gzip")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if kind := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/event-stream") || res.Header.Get("Content-Encoding") != "" {
		t.Fatalf("%d %q %q", res.StatusCode, kind, res.Header.Get("Content-Encoding"))
	}
	p := &pulsePage{t, make(chan string, 100)}
	go func() {
		defer close(p.lines)
		defer res.Body.Close()
		read, last := bufio.NewScanner(res.Body), ""
		for read.Scan() {
			switch line := read.Text(); {
			case strings.HasPrefix(line, ":"):
				p.lines <- line
			case strings.HasPrefix(line, "event: "):
				last = strings.TrimPrefix(line, "event: ")
			case strings.HasPrefix(line, "data:"):
				p.lines <- strings.TrimSpace(last + " " + strings.TrimPrefix(line, "data: "))
			}
		}
	}()
	p.wants(": here")
	return p
}

// wants waits for a line, and passes over heartbeats.
func (p *pulsePage) wants(line string) {
	p.Helper()
	end := time.After(10 * time.Second)
	for {
		select {
		case got, open := <-p.lines:
			if !open {
				p.Fatalf("the stream ended before %q", line)
			}
			if got == line {
				return
			}
			if got != ":" {
				p.Fatalf("heard %q, want %q", got, line)
			}
		case <-end:
			p.Fatalf("did not hear %q", line)
		}
	}
}

// quiet waits for heartbeats: whatever happened before them has changed nothing here.
func (p *pulsePage) quiet() {
	p.Helper()
	for range 3 {
		p.wants(":")
	}
}

func quick(s *Server) { s.pulses.times.beat = 100 * time.Millisecond }

// signIn gives the secret of a new session.
func (n *pulseNode) signIn(t testing.TB, name, source string) string {
	t.Helper()
	who, err := n.Users.WhoByName(context.Background(), dbtest.Tenant, name)
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := n.Users.Sessions().Begin(context.Background(), who, user.Begin{How: "test", Source: source})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func do(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rightsChange is something that is done on one node while pages are open on the other.
type rightsChange struct {
	who, about string
	source     string // of the session
	hears      string // what the page hears; "" nothing
	do         func(n *pulseNode, secret string) error
}

// enter lets vera in from a course.
func (n *pulseNode) enter(rank string, roles ...string) error {
	var tell func(*user.Store)
	err := n.DB.Tx(context.Background(), dbtest.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), "insert into identity (source, subject, user_name) values ('lti:p', 's', 'vera') on conflict do nothing")
		if err == nil {
			_, tell, err = user.EnterTx(context.Background(), tx, dbtest.Tenant, user.External{Source: "lti:p", Subject: "s", Name: "vera",
				Memberships: []user.Membership{{Context: "bio", Roles: roles, Rank: rank, Until: time.Now().Add(time.Hour)}}})
		}
		return err
	})
	if err == nil {
		tell(n.Users)
	}
	return err
}

func rightsChanges() map[string]rightsChange {
	system, ctx := user.System(dbtest.Tenant), context.Background()
	ben := event.ACLEntry{Role: "ROLE_USER_BEN", Action: "write"}
	dropSource := func(n *pulseNode, _ string) error {
		var tell func(*user.Store)
		err := n.DB.Tx(ctx, dbtest.Tenant, func(tx pgx.Tx) (err error) {
			tell, err = user.DropSourceTx(ctx, tx, dbtest.Tenant, "lti:p")
			return err
		})
		if err == nil {
			tell(n.Users)
		}
		return err
	}
	return map[string]rightsChange{
		"a role":               {who: "vera", hears: "reload", do: func(n *pulseNode, _ string) error { return n.Users.SetRole(ctx, system, "vera", "editor") }},
		"somebody else's role": {who: "chloe", do: func(n *pulseNode, _ string) error { return n.Users.SetRole(ctx, system, "vera", "editor") }},
		"other roles": {who: "vera", hears: "reload", do: func(n *pulseNode, _ string) error {
			return n.Users.SetExtraRoles(ctx, system, "vera", []string{"ROLE_X"})
		}},
		"a course's roles": {who: "vera", hears: "reload", do: func(n *pulseNode, _ string) error { return n.enter("", "bio_Learner") }},
		"a course's rank":  {who: "vera", hears: "reload", do: func(n *pulseNode, _ string) error { return n.enter("editor") }},
		"disabled":         {who: "vera", hears: "signed-out", do: func(n *pulseNode, _ string) error { return n.Users.Disable(ctx, system, "vera") }},
		"a session revoked": {who: "vera", hears: "signed-out", do: func(n *pulseNode, secret string) error {
			who, err := n.Users.WhoBySession(ctx, dbtest.Tenant, secret)
			if err != nil {
				return err
			}
			return n.Users.RevokeSession(ctx, system, who.Session)
		}},
		"signed out": {who: "vera", hears: "signed-out", do: func(n *pulseNode, secret string) error { return n.Users.Sessions().End(ctx, dbtest.Tenant, secret) }},
		"a new password": {who: "vera", hears: "signed-out", do: func(n *pulseNode, _ string) error {
			return n.Users.SetPassword(ctx, system, "vera", "another good horse")
		}},
		"signed out everywhere": {who: "vera", hears: "signed-out", do: func(n *pulseNode, _ string) error {
			_, err := n.Users.RevokeSessions(ctx, system, "vera", false)
			return err
		}},
		"a registration removed": {who: "vera", source: "lti:p", hears: "signed-out", do: dropSource},
		"another's registration": {who: "vera", do: dropSource},
		"write taken away": {who: "chloe", about: "event=e", hears: "reload", do: func(n *pulseNode, _ string) error {
			_, err := n.Events.PutACL(ctx, system, "e", []event.ACLEntry{ben, {Role: "ROLE_USER_CHLOE", Action: "read"}}, true)
			return err
		}},
		"read taken away": {who: "vera", about: "event=e", hears: "reload lost", do: func(n *pulseNode, _ string) error {
			_, err := n.Events.PutACL(ctx, system, "e", []event.ACLEntry{ben}, true)
			return err
		}},
		"another's right": {who: "chloe", about: "event=e", do: func(n *pulseNode, _ string) error {
			_, err := n.Events.PutACL(ctx, system, "e", []event.ACLEntry{ben, {Role: "ROLE_USER_CHLOE", Action: "write"}}, true)
			return err
		}},
		"another title": {who: "vera", about: "event=e", do: func(n *pulseNode, _ string) error {
			_, err := n.Events.Patch(ctx, system, "e", event.Patch{Title: event.To("New")}, "")
			return err
		}},
		"deleted": {who: "vera", about: "event=e", hears: "reload lost", do: func(n *pulseNode, _ string) error { return n.Events.Delete(ctx, system, "e") }},
		"a series' list": {who: "chloe", about: "series=s", hears: "reload", do: func(n *pulseNode, _ string) error {
			_, err := n.Events.PatchSeries(ctx, system, "s", event.SeriesPatch{ACL: event.To([]event.ACLEntry{{Role: "ROLE_USER", Action: "read"}})}, "")
			return err
		}},
		"its maker stays": {who: "ben", about: "series=s", do: func(n *pulseNode, _ string) error {
			_, err := n.Events.PatchSeries(ctx, system, "s", event.SeriesPatch{ACL: event.To([]event.ACLEntry{})}, "")
			return err
		}},
		"a series deleted": {who: "ben", about: "series=s", hears: "reload lost", do: func(n *pulseNode, _ string) error { return n.Events.DeleteSeries(ctx, system, "s") }},
		"the tenant": {who: "vera", hears: "reload lost", do: func(n *pulseNode, _ string) error {
			n.DB.Bus = n.Bus
			return n.DB.StartDelete(ctx, dbtest.Tenant, "olga")
		}},
	}
}

// Whatever is done on one node, the pages of the other one and its own hear of it.
func TestOpenPagesHearOfOtherRights(t *testing.T) {
	t.Parallel()
	for name, c := range rightsChanges() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn, _ := liveSetup(t)
			one, two := newPulseNode(t, dsn, "one", quick), newPulseNode(t, dsn, "two", quick)
			do(t, one.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
				_, err := tx.Exec(t.Context(), `insert into series (id, title, created_by) values ('s', 'Series', 'ben'); insert into series_acl values ('s', 'ROLE_USER_CHLOE', 'write')`)
				return err
			}))
			secret := one.signIn(t, c.who, c.source)
			pages := []*pulsePage{one.openPage(t, secret, c.about), two.openPage(t, secret, c.about)}
			for _, p := range pages {
				p.quiet()
			}
			do(t, c.do(one, secret))
			for _, p := range pages {
				if c.hears == "" {
					p.quiet()
				} else {
					p.wants(c.hears)
				}
			}
		})
	}
}

// What happened before the stream was open is told at once.
func TestAnOldPageIsToldAtOnce(t *testing.T) {
	t.Parallel()
	dsn, _ := liveSetup(t)
	n := newPulseNode(t, dsn, "one", nil)
	secret := n.signIn(t, "vera", "")
	n.listen(t, secret, "/pulse?seen=old").wants("reload")
	n.listen(t, secret, "/pulse?seen=old&event=hidden").wants("reload lost")
	n.listen(t, "", "/pulse?seen=old&event=e").wants("signed-out")
}

func TestANodeThatGoesAwayLetsPagesGo(t *testing.T) {
	t.Parallel()
	dsn, _ := liveSetup(t)
	n := newPulseNode(t, dsn, "one", nil)
	p := n.openPage(t, n.signIn(t, "vera", ""), "event=e")
	n.stop()
	select {
	case line, open := <-p.lines:
		if open {
			t.Errorf("heard %q", line)
		}
	case <-time.After(10 * time.Second):
		t.Error("the stream stays open")
	}
}

// Pages at rest ask nothing, and a change of a recording is asked for once, however many show it.
func TestManyOpenPagesAreCheap(t *testing.T) {
	t.Parallel()
	dsn, _ := liveSetup(t)
	asked := make(chan pulseThing, 1000)
	n := newPulseNode(t, dsn, "one", func(s *Server) {
		quick(s)
		load := s.pulses.things.load
		s.pulses.things.load = func(ctx context.Context, thing pulseThing) (*thingRights, error) {
			asked <- thing
			return load(ctx, thing)
		}
	})
	secret := n.signIn(t, "vera", "")
	var pages []*pulsePage
	for range 500 {
		pages = append(pages, n.openPage(t, secret, "event=e"))
	}
	for _, p := range pages {
		p.quiet()
	}
	again := n.pulses.again
	n.pulses.again = nil // whoever asked now would panic
	_, err := n.Events.Patch(t.Context(), user.System(dbtest.Tenant), "e", event.Patch{Title: event.To("New")}, "")
	do(t, err)
	for _, p := range pages {
		p.quiet()
	}
	if len(asked) != 2 {
		t.Errorf("the event was asked for %d times", len(asked))
	}
	n.pulses.again = again
}
