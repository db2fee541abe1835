package lti

import (
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/lti/stubplatform"
	"cutroom/internal/user"
)

const (
	ourOrigin = "https://demo.cutroom.example"
	editLink  = ourOrigin + "/events/event-1/edit"
)

// launches is a tenant with a learning platform that works.
type launches struct {
	bundle
	stub     *stubplatform.Platform
	platform Platform
}

func setupLaunches(t testing.TB) launches {
	t.Helper()
	stub := stubplatform.New()
	t.Cleanup(stub.Close)
	stub.Tool = stubplatform.ToolAt(ourOrigin)
	db, h := dbtest.New(t), &heard{}
	l := launches{bundle: bundle{&Store{DB: db, Bus: h, Users: user.New(db, h)}, h, user.System(dbtest.Tenant)}, stub: stub}
	l.platform = l.add(t, registration(stub))
	return l
}

// registration is what an administrator enters for a platform.
func registration(p *stubplatform.Platform) NewPlatform {
	return NewPlatform{Issuer: p.URL, ClientID: p.ClientID, Deployment: p.Deployment, AuthURL: p.AuthURL(), TokenURL: p.TokenURL(), JWKSURL: p.JWKSURL()}
}

func (l launches) add(t testing.TB, n NewPlatform) Platform {
	t.Helper()
	p, _, err := l.Add(t.Context(), l.admin, n)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// usual is a click that all is right with.
func usual() stubplatform.Click {
	return stubplatform.Click{Target: editLink, Subject: "person-1", Name: "Ann Example", Roles: []string{stubplatform.Instructor}, Context: "course-1", Title: "Biology 101",
		Locale: "de", Return: "https://lms.example/course/1", Members: true}
}

// login begins a login as a click does.
func (l launches) login(t testing.TB, c stubplatform.Click) Login {
	t.Helper()
	login, err := l.Login(t.Context(), dbtest.Tenant, ourOrigin, LoginRequestOf(l.stub.LaunchForm(c)))
	if err != nil {
		t.Fatal(err)
	}
	return login
}

// answered is what the platform sends after a login.
func (l launches) answered(t testing.TB, login Login) (idToken, state string) {
	t.Helper()
	_, form, err := l.stub.Answer(login.AuthURL)
	if err != nil {
		t.Fatal(err)
	}
	return form.Get("id_token"), form.Get("state")
}

// launch is a login and the check of what the platform makes of it; the browser is the same.
func (l launches) launch(t testing.TB, c stubplatform.Click) (Launch, Pending, error) {
	t.Helper()
	login := l.login(t, c)
	idToken, state := l.answered(t, login)
	launch, p, err := l.Check(t.Context(), dbtest.Tenant, ourOrigin, idToken, state)
	if err == nil && !p.Bound(login.Browser) {
		t.Fatal("the browser of the login is not that of the launch")
	}
	return launch, p, err
}

// enter is a launch that somebody enters by.
func (l launches) enter(t testing.TB, c stubplatform.Click) (user.Who, string) {
	t.Helper()
	launch, p, err := l.launch(t, c)
	if err != nil {
		t.Fatal(err)
	}
	who, id, err := l.Enter(t.Context(), dbtest.Tenant, launch, &p)
	if err != nil {
		t.Fatal(err)
	}
	return who, id
}

// number asks the tenant's database for one number.
func (l launches) number(t testing.TB, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := l.DB.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error { return tx.QueryRow(t.Context(), sql, args...).Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}

func (l launches) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	err := l.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// created counts all that a launch makes, and the logins that are used up.
func (l launches) created(t testing.TB) int {
	t.Helper()
	return l.number(t, `select (select count(*) from person) + (select count(*) from identity) + (select count(*) from membership) + (select count(*) from lti_course)
		+ (select count(*) from lti_launch) + (select count(*) from lti_login where used_at is not null) + (select count(*) from lti_nonce) + (select count(*) from audit_log where action <> 'lti.add')`)
}

func wantID(t testing.TB, what string, err error, id string) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.ID != id {
		t.Errorf("%s: got %v, want a fault %s", what, err, id)
		return
	}
	if status := f.Kind.Status(); status < 400 || status > 499 {
		t.Errorf("%s: status %d", what, status)
	}
}

// secondNode is the same tenant as another node sees it.
func (l launches) secondNode(t testing.TB) *Store {
	t.Helper()
	db := dbtest.Open(t, l.DB.Pool.Config().ConnString())
	return &Store{DB: db, Bus: l.heard, Users: user.New(db, l.heard)}
}

// later lets the store's clock run ahead.
func (l launches) later(d time.Duration) {
	l.clock = func() time.Time { return time.Now().Add(d) }
}

func query(t testing.TB, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}
