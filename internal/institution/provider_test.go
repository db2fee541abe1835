package institution_test

import (
	"strings"
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/institution"
	"cutroom/internal/institution/stubprovider"
	"cutroom/internal/user"
)

func TestSomebodySignsInAtAProviderByOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.idp(t, nil)
	who := b.mustSignIn(t, p.Issuer)
	if who.User != "amara" || who.Name != "Amara Osei" || who.Role != "editor" || !has(who, "ROLE_STAFF") || !has(who, "ROLE_USER_AMARA") {
		t.Errorf("from user info: %+v", who)
	}
	p.Set(t, map[string]any{"inToken": true})
	if again := b.mustSignIn(t, p.Issuer); again.User != "amara" || again.Role != "editor" {
		t.Errorf("from the ID token: %+v", again)
	}
	if n := b.count(t, "select count(*) from person where name = 'amara'"); n != 1 {
		t.Errorf("%d people came about", n)
	}
}

func TestAPublicClientAndASecretInTheForm(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for method, secret := range map[string]string{"": "", "client_secret_post": "the other secret"} {
		p := stubprovider.Start(t, stubprovider.Client{ID: "cutroom", Secret: secret, Method: method, Redirects: []string{institution.RedirectOf(origin, "uni")}})
		p.Set(t, map[string]any{"account": map[string]any{"sub": "u1", "preferred_username": "amara"}})
		added, err := b.Add(t.Context(), b.ada, institution.NewProvider{ID: "uni", Name: "Nordfjord", Issuer: p.Issuer, ClientID: "cutroom", Secret: secret})
		if err != nil || added.HasSecret != (secret != "") {
			t.Fatal(added, err)
		}
		if who := b.mustSignIn(t, p.Issuer); who.Role != "viewer" {
			t.Errorf("%q: %+v", method, who)
		}
		if err := b.Remove(t.Context(), b.ada, "uni"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheProvidersKeysMayChange(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.idp(t, nil)
	b.mustSignIn(t, p.Issuer)
	p.Set(t, map[string]any{"rotate": true})
	b.mustSignIn(t, p.Issuer)
}

func TestAWrongClientSecretIsToldAndWrittenDown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.idp(t, func(n *institution.NewProvider) { n.Secret = "not that one" })
	_, err := b.signIn(t, p.Issuer)
	if f := fault.As(err); f == nil || f.ID != "error.oidc-client" || strings.Contains(f.Text, "not that one") {
		t.Fatalf("%v", err)
	}
	if n := b.count(t, "select count(*) from audit_log where action = 'sign-in.refused' and subject = 'uni'"); n != 1 {
		t.Errorf("%d lines in the log", n)
	}
	if n := b.count(t, "select count(*) from person"); n != 0 {
		t.Errorf("%d people came about", n)
	}
	right := "the secret of the client"
	if _, err := b.Change(t.Context(), b.ada, "uni", institution.Change{Secret: &right}); err != nil {
		t.Fatal(err)
	}
	b.mustSignIn(t, p.Issuer)
}

func TestGroupsCountFromTheNextSignIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.idp(t, func(n *institution.NewProvider) { n.GroupClaim = "realm_access.roles" })
	for _, step := range []struct {
		groups any
		rank   string
		staff  bool
	}{{[]string{"staff"}, "editor", true}, {[]string{"media", "unknown"}, "admin", false}, {"staff", "editor", true}, {[]string{}, "viewer", false}, {nil, "viewer", false}} {
		p.Set(t, map[string]any{"account": map[string]any{"sub": "u1", "preferred_username": "amara", "name": "Amara Osei", "realm_access": map[string]any{"roles": step.groups}}})
		who := b.mustSignIn(t, p.Issuer)
		if who.Role != step.rank || has(who, "ROLE_STAFF") != step.staff {
			t.Errorf("%v: %s, %v", step.groups, who.Role, who.Roles)
		}
	}
}

func TestADisabledPersonStaysOutside(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.idp(t, nil)
	b.mustSignIn(t, p.Issuer)
	b.exec(t, "update person set disabled_at = now() where name = 'amara'")
	if _, err := b.signIn(t, p.Issuer); fault.KindOf(err) != fault.Forbidden || err == nil {
		t.Errorf("%v", err)
	}
}

func TestANameThatIsTakenStaysWhoseItIs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.idp(t, nil)
	if _, err := b.Users.Create(t.Context(), b.ada, user.NewPerson{Name: "amara", DisplayName: "Another Amara", Role: "admin"}); err != nil {
		t.Fatal(err)
	}
	who := b.mustSignIn(t, p.Issuer)
	if who.User == "amara" || who.Role != "editor" || who.Name != "Amara Osei" {
		t.Errorf("%+v", who)
	}
	if again := b.mustSignIn(t, p.Issuer); again.User != who.User {
		t.Errorf("first %s, then %s", who.User, again.User)
	}
	if n := b.count(t, "select count(*) from person where name = 'amara' and display_name = 'Another Amara' and role = 'admin'"); n != 1 {
		t.Error("the other one was changed")
	}
}

func TestTheProviderSaysNo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.idp(t, nil)
	p.Set(t, map[string]any{"deny": true})
	if _, err := b.signIn(t, p.Issuer); fault.As(err) == nil || fault.As(err).ID != "error.oidc-denied" {
		t.Errorf("%v", err)
	}
}

func TestTheProviderIsDown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.idp(t, nil)
	answer := b.begin(t, p.Issuer)
	p.Stop()
	_, _, err := b.Finish(t.Context(), dbtest.Tenant, "uni", origin, answer)
	if f := fault.As(err); f == nil || f.ID != "error.oidc-unreachable" || f.Kind != fault.Unavailable {
		t.Errorf("at the end: %v", err)
	}
	if _, err := node(t, b.dsn).Start(t.Context(), dbtest.Tenant, "uni", origin, "/"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("at the beginning: %v", err)
	}
}

func TestTwoNodes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.idp(t, nil)
	answer := b.begin(t, p.Issuer)
	other := node(t, b.dsn)
	results := make(chan error, 2)
	for _, s := range []*institution.Store{b.Store, other} {
		go func() {
			_, _, err := s.Finish(t.Context(), dbtest.Tenant, "uni", origin, answer)
			results <- err
		}()
	}
	good, bad := 0, 0
	for range 2 {
		switch err := <-results; {
		case err == nil:
			good++
		case fault.As(err) != nil && fault.As(err).ID == "error.oidc-used":
			bad++
		default:
			t.Error(err)
		}
	}
	if good != 1 || bad != 1 {
		t.Errorf("%d signed in, %d were refused", good, bad)
	}
}

func TestTrying(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.idp(t, nil)
	for secret, want := range map[string]string{"": "accepted", "the secret of the client": "accepted", "wrong": "refused"} {
		n := institution.NewProvider{Issuer: p.Issuer + "/.well-known/openid-configuration", ClientID: "cutroom", Secret: secret}
		if secret == "" {
			n.ID = "uni"
		}
		trial, err := b.Try(t.Context(), b.ada, n, origin)
		if err != nil || trial.Secret != want || trial.Keys != 1 || !trial.PKCE || trial.Issuer != p.Issuer {
			t.Errorf("%q: %+v, %v", secret, trial, err)
		}
	}
	if _, err := b.Try(t.Context(), user.Who{Tenant: dbtest.Tenant, User: "ben", Role: "editor"}, institution.NewProvider{Issuer: p.Issuer}, origin); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("an editor: %v", err)
	}
	p.Stop()
	if _, err := b.Try(t.Context(), b.ada, institution.NewProvider{Issuer: p.Issuer}, origin); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("down: %v", err)
	}
}
