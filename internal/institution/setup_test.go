package institution_test

import (
	"context"
	"net/url"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/institution"
	"cutroom/internal/institution/stubprovider"
	"cutroom/internal/live"
	"cutroom/internal/seal"
	"cutroom/internal/user"
)

const origin = "http://demo.localhost:8080"

// bundle is what a test works with: a node and its admin.
type bundle struct {
	*institution.Store
	dsn string
	ada user.Who
}

func setup(t *testing.T) *bundle {
	t.Helper()
	dsn := dbtest.DSN(t)
	b := &bundle{Store: node(t, dsn), dsn: dsn, ada: user.System(dbtest.Tenant)}
	return b
}

// node is one more node on a database.
func node(t *testing.T, dsn string) *institution.Store {
	t.Helper()
	db := dbtest.Open(t, dsn)
	key, err := seal.New([]byte("a secret of the tests"))
	if err != nil {
		t.Fatal(err)
	}
	return &institution.Store{DB: db, Bus: live.Discard{}, Users: user.New(db, live.Discard{}), Seal: key}
}

// idp is a provider that somebody else wrote, with our client, and its registration.
func (b *bundle) idp(t *testing.T, change func(*institution.NewProvider)) *stubprovider.Provider {
	t.Helper()
	p := stubprovider.Start(t, stubprovider.Client{ID: "cutroom", Secret: "the secret of the client", Redirects: []string{institution.RedirectOf(origin, "uni")}})
	p.Set(t, map[string]any{"account": map[string]any{"sub": "u1", "preferred_username": "amara", "name": "Amara Osei", "groups": []string{"staff"}}})
	n := institution.NewProvider{ID: "uni", Name: "Nordfjord", Issuer: p.Issuer, ClientID: "cutroom", Secret: "the secret of the client", Scopes: []string{"profile", "groups"},
		GroupRoles: map[string][]string{"staff": {"editor", "ROLE_STAFF"}, "media": {"admin"}}}
	if change != nil {
		change(&n)
	}
	b.add(t, n)
	return p
}

// forger is a provider of ours that lies when it is told to, and its registration.
func (b *bundle) forger(t *testing.T) *stubprovider.Forger {
	t.Helper()
	f := stubprovider.Forge(t)
	b.addForger(t, f)
	return f
}

func (b *bundle) addForger(t *testing.T, f *stubprovider.Forger) {
	t.Helper()
	b.add(t, forgedProvider(f))
}

func forgedProvider(f *stubprovider.Forger) institution.NewProvider {
	return institution.NewProvider{ID: "uni", Name: "Nordfjord", Issuer: f.Issuer, ClientID: "cutroom", Secret: "x", GroupRoles: map[string][]string{"staff": {"editor"}}}
}

func (b *bundle) add(t *testing.T, n institution.NewProvider) institution.Provider {
	t.Helper()
	p, err := b.Add(t.Context(), b.ada, n)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// begin starts a sign-in and goes with its browser through the provider: what comes back.
func (b *bundle) begin(t *testing.T, issuer string) institution.Answer {
	t.Helper()
	login, err := b.Start(t.Context(), dbtest.Tenant, "uni", origin, "/series")
	if err != nil {
		t.Fatal(err)
	}
	return answerOf(stubprovider.Browse(t, issuer, login.URL), login)
}

func answerOf(back *url.URL, login institution.Login) institution.Answer {
	q := back.Query()
	return institution.Answer{State: q.Get("state"), Code: q.Get("code"), Issuer: q.Get("iss"), Error: q.Get("error"), Description: q.Get("error_description"), Browser: login.Browser}
}

// signIn is a whole sign-in.
func (b *bundle) signIn(t *testing.T, issuer string) (user.Who, error) {
	t.Helper()
	who, next, err := b.Finish(t.Context(), dbtest.Tenant, "uni", origin, b.begin(t, issuer))
	if err == nil && next != "/series" {
		t.Errorf("leads to %q", next)
	}
	return who, err
}

func (b *bundle) mustSignIn(t *testing.T, issuer string) user.Who {
	t.Helper()
	who, err := b.signIn(t, issuer)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

// count gives a number that a statement finds.
func (b *bundle) count(t *testing.T, sql string, args ...any) int {
	t.Helper()
	var n int
	err := b.DB.Read(context.Background(), dbtest.Tenant, func(tx pgx.Tx) error { return tx.QueryRow(context.Background(), sql, args...).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (b *bundle) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	err := b.DB.Tx(context.Background(), dbtest.Tenant, func(tx pgx.Tx) error { _, err := tx.Exec(context.Background(), sql, args...); return err })
	if err != nil {
		t.Fatal(err)
	}
}

func has(who user.Who, role string) bool { return slices.Contains(who.Roles, role) }
