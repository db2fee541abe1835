package handlers

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// write puts lines into the log of a place.
func (s *site) write(t *testing.T, place tenant.ID, sql string, args ...any) {
	t.Helper()
	err := s.DB.Tx(t.Context(), place, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheAuditPageTellsWhatWasDone(t *testing.T) {
	t.Parallel()
	s := pageSetup(t)
	e := s.recordingOf(t, "ben", event.Draft{Title: "Waves"})
	if _, err := s.Events.PutACL(t.Context(), s.admin, e.ID, []event.ACLEntry{{Role: "ROLE_USER_BEN", Action: "write"}, {Role: "ROLE_USER", Action: "read"}}, false); err != nil {
		t.Fatal(err)
	}
	ada := s.signedIn(t, "ada")
	s.call(t, ada, "POST", "/events/"+string(e.ID)+"/delete", "x=1")
	s.call(t, nil, "POST", "/sign-in", "name=vera&password=wrong")
	s.call(t, ada, "POST", "/settings", "edit.runs=reject")
	s.write(t, dbtest.Tenant, `insert into audit_log (actor, action, subject, detail) values ('ben', 'cake.bake', 'apple', '{"sugar": 3}'), ('ben', 'user.role', 'vera', '[]')`)
	s.call(t, ada, "GET", "/audit", "").has(t, 200, "ada deleted the recording “Waves”.", "Somebody tried to sign in as vera with a wrong password.", "ada changed settings: edit.runs = reject.",
		"Cutroom changed who may watch and edit “Waves”.", "Everybody who is signed in may watch now.", "vera may not watch any more.", "ben: cake.bake apple", `"sugar": 3`, `href="/events/`+string(e.ID)+`"`)
	s.call(t, ada, "GET", "/audit", "", "Accept-Language: de").has(t, 200, "ada hat die Aufzeichnung „Waves“ gelöscht.", "vera darf nicht mehr ansehen.")
	for _, name := range []string{"ben", "vera"} {
		s.call(t, s.signedIn(t, name), "GET", "/audit", "").has(t, 403)
		s.call(t, s.signedIn(t, name), "GET", "/audit/list", "").has(t, 403)
	}
	if got := s.call(t, nil, "GET", "/audit?who=x", ""); got.status != 303 || got.header.Get("Location") != "/sign-in?next=%2Faudit%3Fwho%3Dx" {
		t.Errorf("nobody: %d %v", got.status, got.header)
	}
}

func TestTheAuditPageIsFiltered(t *testing.T) {
	t.Parallel()
	s := pageSetup(t)
	ada := s.signedIn(t, "ada")
	if _, err := s.Users.Ensure(t.Context(), s.admin, user.NewPerson{Name: "amara", DisplayName: "Amara Osei", Role: "editor"}); err != nil {
		t.Fatal(err)
	}
	s.write(t, dbtest.Tenant, `insert into audit_log (at, actor, action, subject, detail) values
		('2026-03-01T12:00Z', 'amara', 'event.delete', 'e1', '{"title": "First"}'), ('2026-03-02T12:00Z', 'ben', 'event.delete', 'e2', '{"title": "Second"}'), ('2026-03-02T12:00Z', 'ben', 'run.cancel', 'r', '{"title": "Third"}')`)
	for query, want := range map[string]string{
		"who=amara": "First", "who=Amara+Osei": "First", "who=amara+o": "First", "who=ben": "Second Third", "about=e2": "Second", "what=runs": "Third", "what=recordings": "First Second",
		"from=2026-03-02&until=2026-03-02": "Second Third", "until=2026-03-01": "First", "who=ben&what=recordings&about=e2&from=2026-01-01&until=2026-12-31": "Second",
	} {
		got := s.call(t, ada, "GET", "/audit?"+query, "")
		got.has(t, 200)
		for _, title := range []string{"First", "Second", "Third"} {
			if strings.Contains(got.body, "“"+title+"”") != strings.Contains(want, title) {
				t.Errorf("%s: %s is wrong", query, title)
			}
		}
	}
	s.call(t, ada, "GET", "/audit?what=pen", "").has(t, 200, "Nothing fits this filter.", "Show all")
	for query, want := range map[string]string{"what=cakes": "Choose one of the list.", "from=yesterday": "Write a day, such as 2026-03-31.", "until=2026-02-30": "Write a day", "from=2026-03-02&until=2026-03-01": "This day lies before the first one.", "who=%00": "plain text"} {
		s.call(t, ada, "GET", "/audit?"+query, "").has(t, 422, want, "The filter does not fit.", `aria-invalid="true"`)
	}
	s.call(t, ada, "GET", "/audit?cursor=rubbish", "").has(t, 400, "This cursor is none of ours.")
}

// Ten thousand lines are paged through by a cursor, quickly, and each is there once.
func TestALongAuditLog(t *testing.T) {
	t.Parallel()
	s := pageSetup(t)
	ada := s.signedIn(t, "ada")
	s.write(t, dbtest.Tenant, `insert into audit_log (actor, action, subject) select 'ben', case when n % 4000 = 0 then 'acl.change' else 'sign-in' end, 'ben' from generate_series(1, 12000) n`)
	next, seen := "/audit", map[string]bool{}
	more, line := regexp.MustCompile(`hx-get="([^"]+)"`), regexp.MustCompile(`id="(line-\d+)"`)
	begun := time.Now()
	for range 20 {
		got := s.call(t, ada, "GET", next, "")
		for _, m := range line.FindAllStringSubmatch(got.body, -1) {
			if seen[m[1]] {
				t.Errorf("%s is shown twice", m[1])
			}
			seen[m[1]] = true
		}
		m := more.FindStringSubmatch(got.body)
		if m == nil {
			t.Fatal("there is no way to more")
		}
		next = strings.ReplaceAll(m[1], "&amp;", "&")
	}
	got := s.call(t, ada, "GET", "/audit?what=access", "")
	t.Logf("21 pages took %v", time.Since(begun))
	if n := len(line.FindAllString(got.body, -1)); len(seen) != 20*auditLines || n != 3 {
		t.Errorf("%d lines and %d of access", len(seen), n)
	}
}

func TestOperatorsSeeTheirOwnLog(t *testing.T) {
	t.Parallel()
	s := pageSetup(t)
	system := user.System(tenant.Operators)
	if _, err := s.Users.Create(t.Context(), system, user.NewPerson{Name: "olga", DisplayName: "Olga"}); err != nil {
		t.Fatal(err)
	}
	_, token, err := s.Users.CreateToken(t.Context(), system, "olga", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DB.Create(t.Context(), "other", "Other", "", nil); err != nil {
		t.Fatal(err)
	}
	s.write(t, tenant.Operators, `insert into audit_log (actor, action, subject) values ('operator:olga', 'node.drain', 'web-1')`)
	above := s.call(t, nil, "GET", "/audit", "", "Authorization: Bearer "+token, "Host: localhost:8080")
	above.has(t, 200, "Olga asked the node web-1 to take nothing new.", "What operators did above the tenants")
	in := s.call(t, nil, "GET", "/audit", "", "Authorization: Bearer "+token, "Host: demo.localhost:8080")
	in.has(t, 200, "made the account of")
	if strings.Contains(in.body, "web-1") {
		t.Error("a tenant's log has what was done above")
	}
}

// What a refusal says needs its values, which the line keeps.
func TestTheLogTellsWhyALaunchWasRefused(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/audit", nil)
	for want, d := range map[string]auditDetail{
		"deployment other is not registered": {"reason": "lti.deployment", "with": map[string]any{"Deployment": "other"}},
		"each is good for once":              {"reason": "lti.used"},
		"lti.deployment":                     {"reason": "lti.deployment"}, // a line of old
	} {
		if got := auditReason(r, d); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
