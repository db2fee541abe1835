package handlers

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

const north tenant.ID = "north"

// tower is a site of two tenants, demo and north (with the admin nora), below the operator olga.
type tower struct {
	*site
	olga, ada, nora string // headers with their tokens
}

var bareHost, demoHost, northHost, goneHost = "Host: localhost:8080", "Host: demo.localhost:8080", "Host: north.localhost:8080", "Host: gone.localhost:8080"

func towerOf(t *testing.T, s *site) *tower {
	t.Helper()
	s.north(t)
	return &tower{s, s.bearer(t, tenant.Operators, user.NewPerson{Name: "olga", DisplayName: "Olga Olsen", Password: "operators horse"}),
		s.bearer(t, dbtest.Tenant, user.NewPerson{Name: "ada"}), s.bearer(t, north, user.NewPerson{Name: "nora", Role: "admin"})}
}

// north is the second tenant.
func (s *site) north(t *testing.T) {
	t.Helper()
	if err := s.DB.Create(t.Context(), north, "North", "", nil); err != nil {
		t.Fatal(err)
	}
	s.tenants.mu.Lock()
	defer s.tenants.mu.Unlock()
	s.tenants.loaded = time.Time{}
}

// bearer makes a person if need be, and gives the header with a token.
func (s *site) bearer(t *testing.T, at tenant.ID, p user.NewPerson, scopes ...string) string {
	t.Helper()
	if _, err := s.Users.Ensure(t.Context(), user.System(at), p); err != nil {
		t.Fatal(err)
	}
	_, secret, err := s.Users.CreateToken(t.Context(), user.System(at), p.Name, scopes, 0)
	if err != nil {
		t.Fatal(err)
	}
	return "Authorization: Bearer " + secret
}

// link is a sign-in link's token.
func (s *site) link(t *testing.T, at tenant.ID, name string) string {
	t.Helper()
	token, _, err := s.Users.CreateLink(t.Context(), user.System(at), name)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// cookie is the header with the session that an answer began. Browsers keep one for each host; these tests carry it anywhere.
func (r result) cookie(t *testing.T) string {
	t.Helper()
	value, _, _ := strings.Cut(r.header.Get("Set-Cookie"), ";")
	if r.status != http.StatusSeeOther || value == "" {
		t.Fatalf("signing in: %d %v", r.status, r.header)
	}
	return "Cookie: " + value
}

// session signs somebody in by link at a host.
func (s *tower) session(t *testing.T, at tenant.ID, name, host string) string {
	t.Helper()
	return s.call(t, nil, "POST", "/sign-in/link", "token="+s.link(t, at, name), host).cookie(t)
}

func TestHostsWithoutTenantAreTheOperators(t *testing.T) {
	t.Parallel()
	s := towerOf(t, pageSetup(t))
	const nobody = "X-Nobody: here"
	for _, c := range []struct {
		who, method, host, path string
		status                  int
		to                      string
	}{
		{nobody, "GET", bareHost, "/", 303, "/sign-in"}, {nobody, "GET", goneHost, "/", 404, ""}, {nobody, "GET", bareHost, "/sign-in", 200, ""},
		{nobody, "GET", bareHost, "/nodes", 303, "/sign-in?next=%2Fnodes"}, {nobody, "POST", bareHost, "/nodes/n1/drain", 303, "/sign-in"},
		{nobody, "GET", bareHost, "/events", 404, ""}, {nobody, "GET", bareHost, "/events/film", 404, ""}, {nobody, "GET", bareHost, "/settings", 404, ""},
		{nobody, "GET", bareHost, "/api/v1/events", 404, ""}, {nobody, "GET", bareHost, "/api/v1/me", 401, ""}, {nobody, "GET", bareHost, "/api/v1/nodes", 401, ""},
		{nobody, "GET", bareHost, "/metrics", 404, ""}, {nobody, "GET", bareHost, "/media/film/x.mp4", 404, ""}, {nobody, "OPTIONS", bareHost, "/api/v1/uploads", 404, ""},

		{s.olga, "GET", bareHost, "/", 303, "/tenants"}, {s.olga, "GET", goneHost, "/", 303, "/tenants"}, {s.olga, "GET", bareHost, "/nodes", 200, ""},
		{s.olga, "GET", bareHost, "/events", 404, ""}, {s.olga, "GET", bareHost, "/jobs", 404, ""}, {s.olga, "GET", bareHost, "/api/v1/events", 404, ""},
		{s.olga, "GET", bareHost, "/api/v1/me", 200, ""}, {s.olga, "GET", bareHost, "/api/v1/nodes", 200, ""}, {s.olga, "GET", bareHost, "/api/v1/audit", 200, ""},
		{s.olga, "GET", bareHost, "/metrics", 200, ""}, {s.olga, "POST", bareHost, "/nodes/none/drain", 404, ""}, {s.olga, "OPTIONS", bareHost, "/api/v1/uploads", 404, ""},
		{s.olga, "GET", demoHost, "/", 200, ""}, {s.olga, "GET", northHost, "/settings", 200, ""}, {s.olga, "GET", northHost, "/jobs", 200, ""},
		{s.olga, "GET", northHost, "/nodes", 200, ""}, {s.olga, "GET", northHost, "/api/v1/nodes", 200, ""}, {s.olga, "GET", northHost, "/metrics", 200, ""},

		{s.ada, "GET", bareHost, "/", 401, ""}, {s.ada, "GET", bareHost, "/nodes", 401, ""}, {s.ada, "GET", bareHost, "/api/v1/me", 401, ""},
		{s.ada, "GET", northHost, "/", 401, ""}, {s.ada, "GET", demoHost, "/", 200, ""}, {s.ada, "GET", demoHost, "/settings", 200, ""},
		{s.ada, "GET", demoHost, "/nodes", 403, ""}, {s.ada, "GET", demoHost, "/api/v1/nodes", 403, ""}, {s.ada, "GET", demoHost, "/metrics", 404, ""},
		{s.ada, "POST", demoHost, "/nodes/n1/drain", 403, ""}, {s.nora, "GET", demoHost, "/api/v1/me", 401, ""},
	} {
		got := s.call(t, nil, c.method, c.path, "", c.host, c.who)
		if got.status != c.status || got.header.Get("Location") != c.to {
			t.Errorf("%.30s: %s %s %s: %d to %q, want %d to %q: %.300s", c.who, c.method, c.host, c.path, got.status, got.header.Get("Location"), c.status, c.to, got.body)
		}
	}
}

func TestTheOnlyTenantsAdminSeesTheNodesAndChangesNone(t *testing.T) {
	t.Parallel()
	s := pageSetup(t)
	ada := "Authorization: Bearer " + s.token(t, "ada")
	for path, want := range map[string]int{"GET /nodes": 200, "GET /api/v1/nodes": 200, "GET /metrics": 200, "POST /nodes/n1/drain": 403} {
		method, path, _ := strings.Cut(path, " ")
		if got := s.call(t, nil, method, path, "", ada); got.status != want {
			t.Errorf("%s %s: %d, want %d", method, path, got.status, want)
		}
	}
	ben := "Authorization: Bearer " + s.token(t, "ben")
	if got := s.call(t, nil, "GET", "/nodes", "", ben); got.status != 403 {
		t.Errorf("an editor: %d", got.status)
	}
	olga := s.bearer(t, tenant.Operators, user.NewPerson{Name: "olga"})
	if got := s.call(t, nil, "GET", "/nodes", "", bareHost, olga); got.status != 200 || !strings.Contains(got.body, ">Recordings<") || !strings.Contains(got.body, ">Tenants<") {
		t.Errorf("an operator is in the only tenant, at any host: %d %s", got.status, got.body)
	}
}

func TestOperatorsSeeWhatNodesWorkOnForAll(t *testing.T) {
	t.Parallel()
	s := towerOf(t, pageSetup(t))
	for id, title := range map[tenant.ID]string{dbtest.Tenant: "Demo lecture", north: "Northern lecture"} {
		s.works(t, id, title)
	}
	for _, c := range []struct{ who, host, demo, north string }{
		{s.olga, bareHost, "http://demo.localhost:8080/runs/r", "http://north.localhost:8080/runs/r"},
		{s.olga, demoHost, `"/runs/r"`, "http://north.localhost:8080/runs/r"},
	} {
		got := s.call(t, nil, "GET", "/nodes", "", c.host, c.who)
		for _, want := range []string{"Demo lecture", "Northern lecture", c.demo, c.north, "North · 50", `action="/nodes/n1/drain"`} {
			if !strings.Contains(got.body, want) {
				t.Errorf("%s: %q is not there: %d %.3000s", c.host, want, got.status, got.body)
			}
		}
	}
}

// works makes a run in a tenant that the node n1 works on.
func (s *site) works(t *testing.T, id tenant.ID, title string) {
	t.Helper()
	err := s.DB.System(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into node (name, roles, version, heartbeat_at) values ('n1', '{jobs}', 'test', now() + interval '1 hour') on conflict do nothing`)
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `insert into river.river_job (state, kind, args, queue, max_attempts, attempt, attempted_at, attempted_by)
			values ('running', 'event_publish', jsonb_build_object('tenant', $1::text, 'event', 'e', 'run', 'r'), 'run', 1, 1, now(), '{n1}')`, string(id))
		return err
	})
	if err == nil {
		err = s.DB.Tx(t.Context(), id, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), "insert into event (id, title, owner, created_by) values ('e', $1, 'x', 'x')", title)
			if err != nil {
				return err
			}
			_, err = tx.Exec(t.Context(), `insert into run (id, event_id, seq, workflow, rev, state, node, lease_until, started_at, progress, requested_by, requested_name)
				values ('r', 'e', 1, 'publish', 0, 'running', 'n1', now() + interval '1 hour', now(), 0.5, 'x', 'X')`)
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestOperatorsRoutesAreTheirs(t *testing.T) {
	t.Parallel()
	var base *site
	base = setup(t, route{"GET /test/above", operators, whoPage(&base)}, route{"GET /api/test/above", operators, whoPage(&base)})
	s := towerOf(t, base)
	for _, host := range []string{bareHost, demoHost} {
		if got := s.call(t, nil, "GET", "/test/above", "", host, s.olga); got.status != 200 || got.body != "operator:olga" {
			t.Errorf("%s: %d %s", host, got.status, got.body)
		}
		if got := s.call(t, nil, "GET", "/test/above", "", host); got.status != 303 || got.header.Get("Location") != "/sign-in?next=%2Ftest%2Fabove" {
			t.Errorf("%s, nobody: %d %v", host, got.status, got.header)
		}
		if got := s.call(t, nil, "GET", "/api/test/above", "", host); got.status != 401 {
			t.Errorf("%s, nobody, API: %d", host, got.status)
		}
	}
	if got := s.call(t, nil, "GET", "/test/above", "", demoHost, s.ada); got.status != 403 {
		t.Errorf("a tenant's admin: %d", got.status)
	}
}

// me is who the API says one is, "user@tenant", or the status.
func (s *site) me(t *testing.T, headers ...string) string {
	t.Helper()
	got := s.call(t, nil, "GET", "/api/v1/me", "", headers...)
	if got.status != 200 {
		return http.StatusText(got.status)
	}
	var me apiMe
	if err := json.Unmarshal([]byte(got.body), &me); err != nil {
		t.Fatal(err)
	}
	return me.User + "@" + me.Tenant
}

func TestAnOperatorsTokenNamesItsTenant(t *testing.T) {
	t.Parallel()
	s := towerOf(t, pageSetup(t))
	toNorth, toDemo := namedTenant+": north", namedTenant+": demo"
	reads := s.bearer(t, tenant.Operators, user.NewPerson{Name: "olga"}, user.ScopeRead)
	session := s.session(t, tenant.Operators, "olga", demoHost)
	for _, c := range []struct {
		what    string
		headers []string
		want    string
	}{
		{"no tenant", []string{bareHost, s.olga}, "olga@"},
		{"from a bare host", []string{bareHost, s.olga, toNorth}, "olga@north"},
		{"from another tenant's host", []string{demoHost, s.olga, toNorth}, "olga@north"},
		{"a tenant's host alone", []string{demoHost, s.olga}, "olga@demo"},
		{"no such tenant", []string{demoHost, s.olga, namedTenant + ": none"}, "Not Found"},
		{"the operators' own place", []string{demoHost, s.olga, namedTenant + ": _operators"}, "Not Found"},
		{"a token to read", []string{bareHost, reads, toNorth}, "olga@north"},
		{"a session reads no header", []string{bareHost, session, toNorth}, "olga@"},
		{"a tenant's admin stays at home", []string{demoHost, s.ada, toNorth}, "ada@demo"},
		{"a tenant's admin is nobody elsewhere", []string{northHost, s.ada, toDemo}, "Unauthorized"},
		{"and nobody above", []string{bareHost, s.ada, toDemo}, "Unauthorized"},
		{"nor is another tenant's", []string{demoHost, s.nora, toNorth}, "Unauthorized"},
		{"nobody", []string{bareHost, toNorth}, "Unauthorized"},
	} {
		if got := s.me(t, c.headers...); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
	patch := []string{"Content-Type: application/json", bareHost, toNorth}
	if got := s.call(t, nil, "PATCH", "/api/v1/settings", `{"edit.runs":"reject"}`, append(patch, reads)...); got.status != 403 {
		t.Errorf("a token to read wrote: %d", got.status)
	}
	if got := s.call(t, nil, "PATCH", "/api/v1/settings", `{"edit.runs":"reject"}`, append(patch, s.olga)...); got.status != 200 {
		t.Errorf("changing north's settings: %d %s", got.status, got.body)
	}
	for _, one := range []struct{ to, runs, actor string }{{toNorth, "reject", `"actor":"operator:olga"`}, {toDemo, "queue", `"items":[]`}} {
		if got := s.call(t, nil, "GET", "/api/v1/settings", "", bareHost, s.olga, one.to); !strings.Contains(got.body, `"edit.runs":"`+one.runs+`"`) {
			t.Errorf("%s has %s", one.to, got.body)
		}
		if got := s.call(t, nil, "GET", "/api/v1/audit?action=settings.change", "", bareHost, s.olga, one.to); !strings.Contains(got.body, one.actor) {
			t.Errorf("the log of %s: %s", one.to, got.body)
		}
	}
}

func TestOperatorsSignInAtAnyHost(t *testing.T) {
	t.Parallel()
	s := towerOf(t, pageSetup(t))
	for _, host := range []string{bareHost, northHost, goneHost} {
		session := s.call(t, nil, "POST", "/sign-in", "name=olga&password=operators+horse", host).cookie(t)
		for at, want := range map[string]string{demoHost: "olga@demo", northHost: "olga@north", bareHost: "olga@"} {
			if got := s.me(t, session, at); got != want {
				t.Errorf("%s: she is %s, want %s", at, got, want)
			}
		}
		if got := s.call(t, nil, "POST", "/sign-out", "", session, demoHost); got.status != 303 {
			t.Errorf("%s: signing out: %d", host, got.status)
		}
		if got := s.me(t, session, northHost); got != "Unauthorized" {
			t.Errorf("%s: signed out she is %s", host, got)
		}
		link := s.link(t, tenant.Operators, "olga")
		if got := s.call(t, nil, "GET", "/sign-in/link?token="+link, "", host); got.status != 200 || !strings.Contains(got.body, "Olga Olsen") {
			t.Errorf("%s: the link's page: %d %s", host, got.status, got.body)
		}
		if got := s.call(t, nil, "POST", "/sign-in", "name=ada&password=operators+horse", host); got.status != 401 {
			t.Errorf("%s: somebody else by her password: %d", host, got.status)
		}
	}
	session := s.session(t, dbtest.Tenant, "ada", demoHost)
	s.call(t, nil, "POST", "/sign-out", "", session, northHost)
	for host, want := range map[string]string{demoHost: "ada@demo", northHost: "Unauthorized", bareHost: "Unauthorized"} {
		if got := s.me(t, session, host); got != want {
			t.Errorf("ada's session at %s is %s's", host, got)
		}
	}
}

func TestOkapisPathsKnowOperators(t *testing.T) {
	t.Parallel()
	var base *site
	ask := func(w http.ResponseWriter, r *http.Request) error {
		who, err := base.operatorOf(r)
		if err == nil {
			_, err = w.Write([]byte(who.User + "@" + string(who.Tenant)))
		}
		return err
	}
	base = setup(t, route{"GET /_/test", doors, ask}, route{"POST /_/test", doors, ask}, route{"GET /test/who", open, whoPage(&base)})
	s := towerOf(t, base)
	okapis := func(bearer string) string {
		return "X-Okapi-Token: " + strings.TrimPrefix(bearer, "Authorization: Bearer ")
	}
	session := s.session(t, tenant.Operators, "olga", bareHost)
	reads := s.bearer(t, tenant.Operators, user.NewPerson{Name: "olga"}, user.ScopeRead)
	const olga = "operator:olga@_operators"
	for _, c := range []struct {
		what    string
		method  string
		headers []string
		status  int
	}{
		{"bearer", "POST", []string{bareHost, s.olga}, 200}, {"Okapi's header", "POST", []string{bareHost, okapis(s.olga)}, 200},
		{"at a tenant's host", "GET", []string{northHost, okapis(s.olga)}, 200}, {"session", "GET", []string{demoHost, session}, 200},
		{"session, from its own page", "POST", []string{demoHost, session, "Origin: http://demo.localhost:8080"}, 200},
		{"session, from another site", "POST", []string{demoHost, session, "Origin: https://evil.example"}, 403},
		{"a token to read", "GET", []string{bareHost, reads}, 200}, {"that writes", "POST", []string{bareHost, reads}, 403},
		{"nobody", "GET", []string{bareHost}, 401}, {"a made-up token", "GET", []string{bareHost, "X-Okapi-Token: x"}, 401},
		{"a made-up token beside a session", "GET", []string{bareHost, session, "X-Okapi-Token: x"}, 401},
		{"a tenant's admin at home", "GET", []string{demoHost, okapis(s.ada)}, 403}, {"a tenant's admin elsewhere", "GET", []string{bareHost, s.ada}, 401},
	} {
		got := s.call(t, nil, c.method, "/_/test", "", c.headers...)
		if got.status != c.status || got.status == 200 && got.body != olga {
			t.Errorf("%s: %d %s, want %d", c.what, got.status, got.body, c.status)
		}
		if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/plain") || strings.ContainsAny(got.body, "{<\n") {
			t.Errorf("%s: answers %s %q", c.what, kind, got.body)
		}
	}
	if got := s.call(t, nil, "GET", "/test/who", "", demoHost, okapis(s.olga)); got.body != "nobody" {
		t.Errorf("Okapi's header is read elsewhere: %s", got.body)
	}
}

func TestAnOperatorsMediaLinkIsHersInItsTenant(t *testing.T) {
	t.Parallel()
	s := towerOf(t, setup(t))
	s.film(t, "ROLE_USER_BEN read")
	link := s.linkOf(t, "operator:olga", "original")
	for _, c := range []struct {
		host   string
		status int
	}{{demoHost, 200}, {northHost, 403}, {bareHost, 404}} {
		if got := s.call(t, nil, "GET", link, "", c.host); got.status != c.status {
			t.Errorf("at %s: %d, want %d", c.host, got.status, c.status)
		}
	}
	if _, err := s.Users.Create(t.Context(), user.System(tenant.Operators), user.NewPerson{Name: "otto"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Users.Disable(t.Context(), user.System(tenant.Operators), "olga"); err != nil {
		t.Fatal(err)
	}
	if got := s.call(t, nil, "GET", link, "", demoHost); got.status != 404 {
		t.Errorf("of somebody disabled: %d", got.status)
	}
}

func TestAnOperatorsSocketEndsWithTheToken(t *testing.T) {
	t.Parallel()
	dsn, _ := liveSetup(t)
	one, two := newLiveNode(t, dsn, "one", nil), newLiveNode(t, dsn, "two", nil)
	system := user.System(tenant.Operators)
	if _, err := two.Users.Create(t.Context(), system, user.NewPerson{Name: "olga"}); err != nil {
		t.Fatal(err)
	}
	token, secret, err := two.Users.CreateToken(t.Context(), system, "olga", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	olga := openTab(t, one, secret, "e/live")
	olga.hello()
	if err := two.Users.RevokeToken(t.Context(), system, token.ID); err != nil {
		t.Fatal(err)
	}
	if code := olga.closed(); code != 4401 {
		t.Errorf("closed with %d", code)
	}
}
