package institution_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/institution"
	"cutroom/internal/institution/stubprovider"
	"cutroom/internal/user"
)

func to[T any](value T) *T { return &value }

func TestProvidersAreKeptByAdmins(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f := stubprovider.Forge(t)
	n := forgedProvider(f)
	n.Issuer, n.Secret, n.Name = " "+f.Issuer+"/.well-known/openid-configuration ", "the client's secret", " Nordfjord "
	p, err := b.Add(t.Context(), b.ada, n)
	if err != nil || p.Issuer != f.Issuer || p.Name != "Nordfjord" || !p.Active || !p.HasSecret || p.NameClaim != "preferred_username" || p.GroupClaim != "groups" || len(p.Scopes) != 2 {
		t.Fatalf("%+v, %v", p, err)
	}
	if p.Redirect(origin) != origin+"/sign-in/oidc/uni/callback" {
		t.Error(p.Redirect(origin))
	}
	p, err = b.Change(t.Context(), b.ada, "uni", institution.Change{Name: to("North"), ClientID: to("client"), Secret: to("another secret"), Scopes: to([]string{"groups"}),
		NameClaim: to("email"), GroupClaim: to("roles"), GroupRoles: to(map[string][]string{"all": {"ROLE_X"}}), Active: to(false)})
	if err != nil || p.Name != "North" || p.ClientID != "client" || p.NameClaim != "email" || p.GroupClaim != "roles" || p.Active || p.GroupRoles["all"][0] != "ROLE_X" || len(p.Scopes) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	if active, err := b.Active(t.Context(), dbtest.Tenant); err != nil || len(active) != 0 {
		t.Errorf("active: %v, %v", active, err)
	}
	list, err := b.List(t.Context(), b.ada)
	if err != nil || len(list) != 1 || strings.Contains(fmt.Sprintf("%+v", list), "another secret") {
		t.Errorf("%+v, %v", list, err)
	}
	if n := b.count(t, `select count(*) from sign_in_provider where position('secret' in encode(sealed_secret, 'escape')) > 0`); n != 0 {
		t.Error("the secret is there to read")
	}
	if n := b.count(t, `select count(*) from audit_log where subject = 'uni' and action like 'provider.%' and detail::text not like '%another secret%'`); n != 2 {
		t.Errorf("%d lines in the log", n)
	}
	for name, who := range map[string]user.Who{"an editor": {Tenant: dbtest.Tenant, User: "ben", Role: "editor"}, "nobody": user.Anonymous(dbtest.Tenant)} {
		_, add := b.Add(t.Context(), who, n)
		_, listed := b.List(t.Context(), who)
		_, found := b.Find(t.Context(), who, "uni")
		_, changed := b.Change(t.Context(), who, "uni", institution.Change{Active: to(true)})
		for i, err := range []error{add, listed, found, changed, b.Remove(t.Context(), who, "uni")} {
			if fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s, %d: %v", name, i, err)
			}
		}
	}
}

func TestValuesThatCannotBeKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f := b.forger(t)
	for field, bend := range map[string]func(n *institution.NewProvider){
		"/id":         func(n *institution.NewProvider) { n.ID = "Uni/../x" },
		"/name":       func(n *institution.NewProvider) { n.Name = " " },
		"/issuer":     func(n *institution.NewProvider) { n.Issuer = "http://idp.example" },
		"/clientId":   func(n *institution.NewProvider) { n.ClientID = "a\x00b" },
		"/secret":     func(n *institution.NewProvider) { n.Secret = strings.Repeat("x", 1025) },
		"/scopes":     func(n *institution.NewProvider) { n.Scopes = []string{"a b"} },
		"/nameClaim":  func(n *institution.NewProvider) { n.NameClaim = strings.Repeat("x", 257) },
		"/groupRoles": func(n *institution.NewProvider) { n.GroupRoles = map[string][]string{"all": {"ROLE_ADMIN"}} },
	} {
		n := forgedProvider(f)
		n.ID, n.ClientID = "other", "other"
		bend(&n)
		_, err := b.Add(t.Context(), b.ada, n)
		if got := fault.As(err); got == nil || got.Kind != fault.Invalid || len(got.Fields) != 1 || got.Fields[0].Path != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for field, bend := range map[string]func(n *institution.NewProvider){"/id": func(n *institution.NewProvider) { n.ClientID = "other" }, "/clientId": func(n *institution.NewProvider) { n.ID = "other" }} {
		n := forgedProvider(f)
		bend(&n)
		_, err := b.Add(t.Context(), b.ada, n)
		if got := fault.As(err); got == nil || got.Kind != fault.Conflict || got.Fields[0].Path != field {
			t.Errorf("%s twice: %v", field, err)
		}
	}
	if _, err := b.Change(t.Context(), b.ada, "uni", institution.Change{Name: to(""), GroupRoles: to(map[string][]string{"a": {"ROLE_USER_ADA"}})}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a change: %v", err)
	}
	if _, err := b.Change(t.Context(), b.ada, "none", institution.Change{}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a change of none: %v", err)
	}
	if _, _, err := b.Finish(t.Context(), dbtest.Tenant, "none", origin, institution.Answer{}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an answer to none: %v", err)
	}
}

func TestARemovedProvidersPeopleAreSignedOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f := b.forger(t)
	who := b.mustSignIn(t, f.Issuer)
	secret, _, err := b.Users.Sessions().Begin(t.Context(), who, user.Begin{How: "oidc", Source: "oidc:uni"})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Remove(t.Context(), b.ada, "uni"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Users.WhoBySession(t.Context(), dbtest.Tenant, secret); fault.KindOf(err) != fault.Unauthorized {
		t.Errorf("still signed in: %v", err)
	}
	if n := b.count(t, "select (select count(*) from membership) + (select count(*) from identity) + (select count(*) from oidc_login)"); n != 0 {
		t.Errorf("%d rows of it are left", n)
	}
	b.addForger(t, f)
	if again := b.mustSignIn(t, f.Issuer); again.User == who.User {
		t.Error("whoever registers the same id gets the account")
	}
}

func TestGroupsAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	groups, err := institution.ParseGroups("staff = editor, ROLE_STAFF\r\n\n CN=Media,OU=x = admin\nstaff=ROLE_STAFF,ROLE_B")
	if err != nil || institution.FormatGroups(groups) != "CN=Media,OU=x = admin\nstaff = editor, ROLE_STAFF, ROLE_B\n" {
		t.Errorf("%v, %v", groups, err)
	}
	for _, wrong := range []string{"staff", "= editor", "staff =", "staff = ,", "staff = ROLE_ADMIN", "staff = ROLE_USER_ADA"} {
		if _, err := institution.ParseGroups(wrong); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func FuzzParseGroups(f *testing.F) {
	for _, seed := range []string{"staff = editor, ROLE_STAFF", "a=b=c\n=", "\x00=x", "CN=Media,OU=x = admin\r\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		began := time.Now()
		groups, err := institution.ParseGroups(typed)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("%v", err)
			}
			return
		}
		again, err := institution.ParseGroups(institution.FormatGroups(groups))
		if err != nil || institution.FormatGroups(again) != institution.FormatGroups(groups) {
			t.Errorf("%q is read as %v, then %v: %v", typed, groups, again, err)
		}
		if time.Since(began) > 5*time.Second {
			t.Error("too long")
		}
	})
}
