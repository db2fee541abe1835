package user_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

const course = "Course_7_Learner"

func (b bundle) enter(t *testing.T, e user.External) (user.Who, error) {
	t.Helper()
	var who user.Who
	var tell func(*user.Store)
	err := b.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) (err error) {
		who, tell, err = user.EnterTx(t.Context(), tx, dbtest.Tenant, e)
		return err
	})
	if err == nil {
		tell(b.Store)
	}
	return who, err
}

func moodle(subject string, roles ...string) user.External {
	return user.External{Source: "lti:moodle", Subject: subject, Name: "lti:moodle:" + subject, DisplayName: "Jonas Weber",
		Memberships: []user.Membership{{Context: "7", Title: "Biology", Roles: roles, Until: time.Now().Add(time.Hour)}}}
}

func TestSomebodyNewIsMadeAndFoundAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.enter(t, moodle("42", course))
	must(t, err)
	if first.User != "lti:moodle:42" || first.Name != "Jonas Weber" || first.Role != "viewer" || !first.Has(course) || !first.Has("ROLE_USER_LTI_MOODLE_42") {
		t.Errorf("made: %+v", first)
	}
	again := moodle("42", course)
	again.Name, again.DisplayName = "something-else", "Jonas Weber-Meier"
	second, err := b.enter(t, again)
	must(t, err)
	if second.User != first.User || second.Name != "Jonas Weber-Meier" {
		t.Errorf("found again: %+v", second)
	}
	other := moodle("42", course)
	other.Source = "lti:ilias"
	third, err := b.enter(t, other)
	must(t, err)
	if third.User == first.User {
		t.Error("the same subject at another platform is the same person")
	}
	entries, _, err := b.Audit(t.Context(), b.admin, user.AuditFilter{Action: "user.create", Subject: "lti:moodle:42"}, "", 10)
	must(t, err)
	if len(entries) != 1 || !strings.Contains(string(entries[0].Detail), `"lti:moodle"`) {
		t.Errorf("the log says %+v", entries)
	}
}

func TestTakenAndUnfitNamesGiveWay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, what := range map[string]string{
		"ben": "taken", "BEN": "taken but for its case", "b n": "no label", "": "empty", "system": "our own", "operator:x": "an operator's", "Operator_x": "like an operator's",
		strings.Repeat("x", 129): "too long", "täglich": "not ASCII",
	} {
		e := moodle("s"+name, course)
		e.Name, e.DisplayName = name, ""
		who, err := b.enter(t, e)
		if err != nil || !strings.HasPrefix(who.User, "lti:moodle:") || len(who.User) != len("lti:moodle:")+32 {
			t.Errorf("%s: became %q, %v", what, who.User, err)
		}
		if again, err := b.enter(t, e); err != nil || again.User != who.User {
			t.Errorf("%s: became %q the second time, %v", what, again.User, err)
		}
	}
	e := moodle("x", course)
	e.Source = "lti:" + strings.Repeat("m", 128)
	e.Name = "ben"
	if who, err := b.enter(t, e); err != nil || !strings.HasPrefix(who.User, "external:") {
		t.Errorf("with a long source: %q, %v", who.User, err)
	}
}

func TestWhatIsNoSubjectIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, subject := range []string{"", "a\x00b", "\xff", strings.Repeat("x", 1025)} {
		_, err := b.enter(t, moodle(subject))
		wantKind(t, fmt.Sprintf("%q", subject[:min(len(subject), 5)]), err, fault.Malformed)
	}
	e := moodle("1")
	e.Memberships[0].Context = "\x00"
	_, err := b.enter(t, e)
	wantKind(t, "a context", err, fault.Malformed)
	e = moodle("2", course)
	e.DisplayName, e.Memberships[0].Title = "  \x00\xff\n\u200a"+strings.Repeat("ü", 1000), "\x00\xfe"+strings.Repeat("ü", 1000)
	who, err := b.enter(t, e)
	must(t, err)
	if len(who.Name) > 1024 || who.Name == "" {
		t.Errorf("the name has %d bytes", len(who.Name))
	}
}

func TestMembershipsAreReplacedWholeAndEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	has := func(when string, want ...string) {
		t.Helper()
		who := b.who(t, "lti:moodle:42")
		for _, role := range []string{"A", "B", "C"} {
			if who.Has(role) != slices.Contains(want, role) {
				t.Errorf("%s: roles %v", when, who.Roles)
			}
		}
	}
	_, err := b.enter(t, moodle("42", "B", "A", "A"))
	must(t, err)
	has("first", "A", "B")
	other := moodle("42", "C")
	other.Memberships[0].Context, other.Memberships[0].Rank = "8", "editor"
	who, err := b.enter(t, other)
	must(t, err)
	has("a second course", "A", "B", "C")
	if who.Role != "editor" || !who.MayCreate() {
		t.Errorf("whoever teaches is %s", who.Role)
	}
	_, err = b.enter(t, moodle("42", "B"))
	must(t, err)
	has("the first again", "B", "C")
	b.exec(t, "update membership set until = now() where context = '8'")
	has("after the second has ended", "B")
	if who := b.who(t, "lti:moodle:42"); who.Role != "viewer" {
		t.Errorf("the rank stayed: %s", who.Role)
	}
	_, err = b.enter(t, moodle("42"))
	must(t, err)
	has("without roles")
}

func TestNobodyElseGivesOurRoles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who, err := b.enter(t, moodle("42", "ROLE_USER_BEN", "ROLE_USER_OPERATOR_OLGA", "ROLE_ADMIN", "", " \t", "a\x00", strings.Repeat("x", 1025), course))
	must(t, err)
	if want := []string{"ROLE_USER_LTI_MOODLE_42", "ROLE_USER", "ROLE_ANONYMOUS", course}; !slices.Equal(who.Roles, want) || who.Admin() {
		t.Errorf("has %q", who.Roles)
	}
}

func TestDisabledPeopleDoNotEnter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.enter(t, moodle("42", course))
	must(t, err)
	must(t, b.Disable(t.Context(), b.admin, "lti:moodle:42"))
	_, err = b.enter(t, moodle("42", course, "B"))
	wantKind(t, "known", err, fault.Forbidden)
	must(t, b.Disable(t.Context(), b.admin, "vera"))
	e := moodle("vera", course)
	e.Name, e.Trusted = "vera", true
	_, err = b.enter(t, e)
	wantKind(t, "by a trusted name", err, fault.Forbidden)
}

func TestTrustedNamesAreNeverAnAdmins(t *testing.T) {
	t.Parallel()
	b := setup(t)
	enter := func(name string, trusted bool) string {
		t.Helper()
		e := moodle(name, course)
		e.Name, e.Trusted = name, trusted
		who, err := b.enter(t, e)
		must(t, err)
		if who.Admin() {
			t.Errorf("%s came in as an admin", name)
		}
		return who.User
	}
	if got := enter("ben", true); got != "ben" {
		t.Errorf("ben is %s", got)
	}
	if got := b.who(t, "ben"); got.Name != "The ben" {
		t.Errorf("the platform renamed him: %s", got.Name)
	}
	if got := enter("ada", true); got == "ada" {
		t.Error("an admin's account was given away")
	}
	if got := enter("newcomer", true); got != "newcomer" {
		t.Errorf("somebody new is %s", got)
	}
	if got := enter("operator:olga", true); strings.HasPrefix(got, "operator:") {
		t.Errorf("an operator's name is %s", got)
	}
	must(t, b.SetRole(t.Context(), b.admin, "newcomer", "admin"))
	if got := enter("newcomer", true); got == "newcomer" {
		t.Error("somebody who became an admin is still let in by name")
	}
	if got := enter("ben", false); got == "ben" {
		t.Error("the name is good without trust")
	}
	b.exec(t, "insert into membership (user_name, source, rank, until) values ('vera', 'oidc:uni', 'admin', now() + interval '1 hour')")
	if got := enter("vera", true); got == "vera" {
		t.Error("the account of somebody whom an institution made an admin was given away")
	}
}

// Whoever enters side by side, with names that differ in their case alone, or as the same person: each identity is one
// person, each own role one person's.
func TestManyEnterSideBySide(t *testing.T) {
	t.Parallel()
	b := setup(t)
	type entered struct{ subject, user string }
	results := make(chan entered, 400)
	var group sync.WaitGroup
	for worker := range 8 {
		r := rand.New(rand.NewPCG(7, uint64(worker)))
		group.Go(func() {
			for range 40 {
				subject := fmt.Sprint(r.IntN(12))
				e := moodle(subject, course)
				e.Name = []string{"aB", "ab", "AB", "a.b", "a_b", "A.B"}[r.IntN(6)]
				who, err := b.enter(t, e)
				if err != nil {
					t.Errorf("%s: %v", subject, err)
					return
				}
				results <- entered{subject, who.User}
			}
		})
		group.Go(func() {
			_, _ = b.Create(t.Context(), b.admin, user.NewPerson{Name: []string{"Ab", "A_b", "a-b", "a~b"}[worker%4]})
		})
	}
	group.Wait()
	close(results)
	people, subjects := map[string]string{}, map[string]string{}
	for e := range results {
		if before, ok := people[e.subject]; ok && before != e.user {
			t.Errorf("%s is %s and %s", e.subject, before, e.user)
		}
		if before, ok := subjects[e.user]; ok && before != e.subject {
			t.Errorf("%s is %s and %s", e.user, before, e.subject)
		}
		people[e.subject], subjects[e.user] = e.user, e.subject
	}
	all, err := b.List(t.Context(), b.admin)
	must(t, err)
	own := map[string]string{}
	for _, p := range all {
		if other, taken := own[user.OwnRole(p.Name)]; taken {
			t.Errorf("%s and %s have one own role", p.Name, other)
		}
		own[user.OwnRole(p.Name)] = p.Name
	}
	if len(own["ROLE_USER_AB"]) == 0 || len(own["ROLE_USER_A_B"]) == 0 {
		t.Errorf("nobody got a name: %v", own)
	}
}

// Somebody who is known enters while the table of people is locked: launches do not wait for each other, nor for admins.
func TestSomebodyKnownEntersWithoutATableLock(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.enter(t, moodle("42", course))
	must(t, err)
	must(t, b.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), "lock table person in share row exclusive mode"); err != nil {
			return err
		}
		_, err := b.enter(t, moodle("42", course, "B"))
		return err
	}))
}

func TestChangedMembershipsAreTold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who, err := b.enter(t, moodle("42", course))
	must(t, err)
	secret, session, err := b.Sessions().Begin(t.Context(), who, user.Begin{How: user.HowLTI, Source: "lti:moodle"})
	must(t, err)
	_, _, err = b.CreateToken(t.Context(), b.admin, who.User, nil, 0)
	must(t, err)
	told := func() bool { return b.heard.has("session:"+session.Session) && b.heard.has("user:"+who.User) }
	_, err = b.enter(t, moodle("42", course))
	must(t, err)
	if told() {
		t.Error("sockets were told although nothing changed")
	}
	for _, c := range []struct {
		what   string
		change func() error
	}{
		{"roles", func() error { _, err := b.enter(t, moodle("42", "B")); return err }},
		{"rank", func() error {
			e := moodle("42", "B")
			e.Memberships[0].Rank = "editor"
			_, err := b.enter(t, e)
			return err
		}},
		{"the end", func() error {
			e := moodle("42", "B")
			e.Memberships[0].Until = time.Now().Add(-time.Second)
			_, err := b.enter(t, e)
			return err
		}},
		{"the source", func() error { // the last: whoever enters afterwards is somebody else
			_, err := b.enter(t, moodle("42", course))
			must(t, err)
			b.heard.forget()
			b.exec(t, "update session set source = ''") // one that began elsewhere
			return b.drop(t, "lti:moodle")
		}},
	} {
		_, err := b.enter(t, moodle("42", course))
		must(t, err)
		b.heard.forget()
		must(t, c.change())
		if !told() {
			t.Errorf("%s changed and nobody was told", c.what)
		}
	}
	if _, err := b.Sessions().Who(t.Context(), dbtest.Tenant, secret); err != nil {
		t.Errorf("a session that began elsewhere ended: %v", err)
	}
}

func (h *heard) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notices = nil
}

func (b bundle) drop(t *testing.T, source string) error {
	t.Helper()
	var tell func(*user.Store)
	err := b.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) (err error) {
		tell, err = user.DropSourceTx(t.Context(), tx, dbtest.Tenant, source)
		return err
	})
	if err == nil {
		tell(b.Store)
	}
	return err
}

func TestADroppedSourceEndsWhatItBegan(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.Sessions()
	who, err := b.enter(t, moodle("42", course))
	must(t, err)
	secret, begun, err := s.Begin(t.Context(), who, user.Begin{How: user.HowLTI, Source: "lti:moodle"})
	must(t, err)
	bens, _ := b.begin(t, s, "ben", "")
	must(t, b.drop(t, ""))
	must(t, b.drop(t, "lti:moodle"))
	_, err = s.Who(t.Context(), dbtest.Tenant, secret)
	wantKind(t, "its session", err, fault.Unauthorized)
	if !b.heard.has("session:" + begun.Session) {
		t.Error("its sockets were not told")
	}
	if _, err := s.Who(t.Context(), dbtest.Tenant, bens); err != nil {
		t.Errorf("another's session: %v", err)
	}
	if b.who(t, who.User).Has(course) {
		t.Error("its roles stayed")
	}
	next, err := b.enter(t, moodle("42", course))
	must(t, err)
	if next.User == who.User {
		t.Error("whoever registers under the same id gets the accounts")
	}
}

// Whatever bytes a platform sends: somebody enters, or the answer is a fault that says why; never an error of the database.
func TestAnyBytesAreTakenOrRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := rand.New(rand.NewPCG(3, 2026))
	pieces := []string{"a", "B", "_", ":", " ", "\t", "\x00", "\xff", "\xc3", "ü", "\u200b", "\u2028", "\u202e", "\U0001f600", "'", `\`, "{", "}", ",", "%", "ROLE_USER_", "operator:", strings.Repeat("x", 500)}
	text := func() string {
		var all strings.Builder
		for range r.IntN(6) {
			all.WriteString(pieces[r.IntN(len(pieces))])
		}
		return all.String()
	}
	entered := 0
	for range 300 {
		e := user.External{Source: "lti:moodle", Subject: text(), Name: text(), DisplayName: text(), Trusted: r.IntN(2) == 0,
			Memberships: []user.Membership{{Context: text(), Title: text(), Roles: []string{text(), text()}, Until: time.Now().Add(time.Hour)}}}
		who, err := b.enter(t, e)
		switch {
		case err == nil:
			entered++
			if who.Admin() || who.Operator() || who.User == "ada" {
				t.Errorf("%#v came in as %+v", e, who)
			}
		case fault.KindOf(err) == fault.Internal:
			t.Errorf("%#v: %v", e, err)
		}
	}
	if entered < 50 {
		t.Errorf("only %d of 300 entered", entered)
	}
}
