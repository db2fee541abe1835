package user_test

import (
	"slices"
	"testing"
	"time"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

const other tenant.ID = "other"

// above is Cutroom itself, above the tenants.
var above = user.System(tenant.Operators)

// withOlga adds the operator olga, and a second tenant with an editor of the same name.
func withOlga(t *testing.T) bundle {
	t.Helper()
	b := setup(t)
	_, err := b.Create(t.Context(), above, user.NewPerson{Name: "olga", DisplayName: "Olga Olsen", Password: "operators horse"})
	must(t, err)
	must(t, b.DB.Create(t.Context(), other, "Other", "", nil))
	_, err = b.Create(t.Context(), user.System(other), user.NewPerson{Name: "olga", DisplayName: "Olga Other", Role: "editor", Password: "tenants horse"})
	must(t, err)
	return b
}

// olga is the operator as she acts somewhere.
func (b bundle) olga(t *testing.T, at tenant.ID) user.Who {
	t.Helper()
	w, err := b.WhoByName(t.Context(), at, "operator:olga")
	must(t, err)
	return w
}

func TestAnOperatorStandsAboveTheTenants(t *testing.T) {
	t.Parallel()
	b := withOlga(t)
	for _, at := range []tenant.ID{dbtest.Tenant, other, tenant.Operators} {
		olga := b.olga(t, at)
		if !olga.Operator() || !olga.Admin() || !olga.MayCreate() || olga.Tenant != at || olga.Home() != tenant.Operators || olga.User != "operator:olga" || olga.Login() != "olga" || olga.Name != "Olga Olsen" {
			t.Errorf("in %s: %+v", at, olga)
		}
		if want := []string{"ROLE_USER_OPERATOR_OLGA", "ROLE_USER", "ROLE_ANONYMOUS", "ROLE_ADMIN"}; !slices.Equal(olga.Roles, want) {
			t.Errorf("in %s: roles %v", at, olga.Roles)
		}
	}
	namesake, err := b.WhoByName(t.Context(), other, "olga")
	must(t, err)
	for _, who := range []user.Who{namesake, b.who(t, "ada"), user.System(dbtest.Tenant), user.Anonymous(dbtest.Tenant), user.Anonymous(tenant.Operators)} {
		if who.Operator() || who.In(other).Tenant != who.Tenant || who.Home() != who.Tenant {
			t.Errorf("%s of %s counts as an operator", who.User, who.Tenant)
		}
	}
	if !above.Operator() {
		t.Error("Cutroom itself is no operator")
	}
	_, err = b.WhoByName(t.Context(), other, "operator:nobody")
	wantKind(t, "no such operator", err, fault.NotFound)
}

func TestOnlyOperatorsAreAboveAndNobodyElseHasTheirNames(t *testing.T) {
	t.Parallel()
	b := withOlga(t)
	for _, n := range []user.NewPerson{
		{Name: "x", Role: "operator"}, {Name: "operator:x"}, {Name: "operator:olga"}, {Name: "operator_x"}, {Name: "Operator.x"}, {Name: "OPERATOR-X", Role: "admin"},
	} {
		_, err := b.Create(t.Context(), b.admin, n)
		wantKind(t, n.Name+" in a tenant", err, fault.Invalid)
	}
	for _, n := range []user.NewPerson{{Name: "x", Role: "admin"}, {Name: "x", Role: "viewer"}, {Name: "operator:x"}, {Name: "operator-x"}, {Name: "system"}} {
		_, err := b.Create(t.Context(), above, n)
		wantKind(t, n.Name+" above", err, fault.Invalid)
	}
	if _, err := b.Create(t.Context(), b.admin, user.NewPerson{Name: "operator"}); err != nil {
		t.Errorf("a name like theirs that has no operator's role: %v", err)
	}
	wantKind(t, "a tenant's admin as operator", b.SetRole(t.Context(), b.admin, "ada", "operator"), fault.Invalid)
	wantKind(t, "an operator as editor", b.SetRole(t.Context(), above, "olga", "editor"), fault.Invalid)
	wantKind(t, "the last operator", b.Disable(t.Context(), above, "olga"), fault.Conflict)
	_, err := b.Create(t.Context(), b.who(t, "ada").In(tenant.Operators), user.NewPerson{Name: "mine"})
	must(t, err)
	_, err = b.WhoByName(t.Context(), tenant.Operators, "mine")
	wantKind(t, "made by a tenant's admin", err, fault.NotFound)
}

func TestAnOperatorsTokenIsGoodInEachTenant(t *testing.T) {
	t.Parallel()
	b := withOlga(t)
	token, secret, err := b.CreateToken(t.Context(), above, "olga", []string{user.ScopeRead}, 0)
	must(t, err)
	_, bens, err := b.CreateToken(t.Context(), b.admin, "ben", nil, 0)
	must(t, err)
	for _, at := range []tenant.ID{dbtest.Tenant, other, tenant.Operators} {
		who, err := b.WhoByToken(t.Context(), at, secret)
		must(t, err)
		again, err := b.Again(t.Context(), who)
		must(t, err)
		for _, w := range []user.Who{who, again} {
			if w.User != "operator:olga" || w.Tenant != at || !w.Operator() || w.May(user.ScopeWrite) || w.Session == "" {
				t.Errorf("in %s: %+v", at, w)
			}
		}
		if at != dbtest.Tenant {
			_, err = b.WhoByToken(t.Context(), at, bens)
			wantKind(t, "a tenant's token in "+string(at), err, fault.Unauthorized)
		}
	}
	who, err := b.WhoByToken(t.Context(), other, secret)
	must(t, err)
	must(t, b.RevokeToken(t.Context(), above, token.ID))
	if !b.heard.hasIn(tenant.Operators, "session:"+who.Session) {
		t.Error("sockets hear nothing of the revocation")
	}
	_, err = b.WhoByToken(t.Context(), other, secret)
	wantKind(t, "revoked", err, fault.Unauthorized)
	_, err = b.Again(t.Context(), who)
	wantKind(t, "revoked, a socket asks again", err, fault.Unauthorized)
	_, err = b.WhoByToken(t.Context(), "no-such", secret)
	wantKind(t, "no tenant", err, fault.NotFound)
}

func TestAnOperatorsTokenEnds(t *testing.T) {
	t.Parallel()
	b := withOlga(t)
	_, short, err := b.CreateToken(t.Context(), above, "olga", nil, time.Nanosecond)
	must(t, err)
	_, err = b.WhoByToken(t.Context(), other, short)
	wantKind(t, "expired", err, fault.Unauthorized)
	_, err = b.Create(t.Context(), above, user.NewPerson{Name: "otto"})
	must(t, err)
	_, secret, err := b.CreateToken(t.Context(), above, "olga", nil, 0)
	must(t, err)
	who, err := b.WhoByToken(t.Context(), other, secret)
	must(t, err)
	must(t, b.Disable(t.Context(), above, "olga"))
	if !b.heard.hasIn(tenant.Operators, "session:"+who.Session) {
		t.Error("sockets hear nothing of it")
	}
	_, err = b.WhoByToken(t.Context(), other, secret)
	wantKind(t, "disabled", err, fault.Unauthorized)
	_, err = b.Again(t.Context(), who)
	wantKind(t, "disabled, a socket asks again", err, fault.Unauthorized)
	_, err = b.WhoByName(t.Context(), other, "operator:olga")
	wantKind(t, "disabled, by name", err, fault.NotFound)
}

func TestAnOperatorsSession(t *testing.T) {
	t.Parallel()
	b := withOlga(t)
	s := b.Sessions()
	secret, begun, err := s.Begin(t.Context(), b.olga(t, dbtest.Tenant), user.Begin{How: "link"})
	must(t, err)
	if begun.Tenant != dbtest.Tenant || begun.User != "operator:olga" {
		t.Errorf("begun %+v", begun)
	}
	for _, at := range []tenant.ID{dbtest.Tenant, other, tenant.Operators} {
		who, err := s.Who(t.Context(), at, secret)
		must(t, err)
		now, err := b.WhoBySession(t.Context(), at, secret)
		must(t, err)
		if who.Tenant != at || !who.Operator() || who.Session != begun.Session || now.Tenant != at || now.User != who.User {
			t.Errorf("in %s: %+v, %+v", at, who, now)
		}
	}
	must(t, s.End(t.Context(), other, secret))
	if !b.heard.hasIn(tenant.Operators, "session:"+begun.Session) {
		t.Error("sockets hear nothing of the sign-out")
	}
	_, err = s.Who(t.Context(), dbtest.Tenant, secret)
	wantKind(t, "signed out", err, fault.Unauthorized)
	log, _, err := b.Audit(t.Context(), b.olga(t, tenant.Operators), user.AuditFilter{Action: "sign-in"}, "", 10)
	must(t, err)
	if len(log) != 1 || log[0].Actor != "operator:olga" || string(log[0].Detail) != `{"how": "link", "tenant": "demo"}` {
		t.Errorf("the operators' log tells %+v", log)
	}
}

func TestSigningInEndsWhatTheBrowserHad(t *testing.T) {
	t.Parallel()
	b := withOlga(t)
	s := b.Sessions()
	bens, ben := b.begin(t, s, "ben", "")
	olgas, olga, err := s.Begin(t.Context(), b.olga(t, dbtest.Tenant), user.Begin{Old: bens, How: "test"})
	must(t, err)
	_, err = b.Again(t.Context(), ben)
	wantKind(t, "the session that an operator came with", err, fault.Unauthorized)
	b.begin(t, s, "ben", olgas)
	_, err = b.Again(t.Context(), olga)
	wantKind(t, "the operator's session that somebody else came with", err, fault.Unauthorized)
}

func TestAnOperatorSignsInByPasswordAndLink(t *testing.T) {
	t.Parallel()
	b := withOlga(t)
	for _, at := range []tenant.ID{dbtest.Tenant, other, tenant.Operators} {
		who, err := b.CheckPassword(t.Context(), at, "olga", "operators horse", address)
		must(t, err)
		if !who.Operator() || who.Tenant != at {
			t.Errorf("in %s: %+v", at, who)
		}
	}
	who, err := b.CheckPassword(t.Context(), other, "olga", "tenants horse", address)
	must(t, err)
	if who.Operator() || who.User != "olga" {
		t.Errorf("the tenant's person is %+v", who)
	}
	for _, at := range []tenant.ID{dbtest.Tenant, tenant.Operators} {
		_, err = b.CheckPassword(t.Context(), at, "olga", "tenants horse", address)
		wantKind(t, "the tenant's person in "+string(at), err, fault.Unauthorized)
	}
	link, _, err := b.CreateLink(t.Context(), above, "olga")
	must(t, err)
	who, err = b.WhoByLink(t.Context(), other, link)
	must(t, err)
	if !who.Operator() || who.Tenant != other {
		t.Errorf("by link %+v", who)
	}
	_, err = b.WhoByLink(t.Context(), other, "made-up")
	wantKind(t, "a made-up link", err, fault.Unauthorized)
}

func TestGuessingFromTenantToTenantIsNoFaster(t *testing.T) {
	t.Parallel()
	b := withOlga(t)
	for i := range 6 {
		at := []tenant.ID{dbtest.Tenant, other, tenant.Operators}[i%3]
		_, err := b.CheckPassword(t.Context(), at, "olga", "wrong", address)
		wantKind(t, "a wrong one", err, fault.Unauthorized)
	}
	_, err := b.CheckPassword(t.Context(), dbtest.Tenant, "olga", "operators horse", address)
	wantKind(t, "the seventh", err, fault.Limited)
}

func TestAnOperatorsDeedsStandInTheTenantsLog(t *testing.T) {
	t.Parallel()
	b := withOlga(t)
	_, err := b.Create(t.Context(), b.olga(t, other), user.NewPerson{Name: "nora"})
	must(t, err)
	for at, want := range map[tenant.ID]int{other: 1, dbtest.Tenant: 0, tenant.Operators: 0} {
		log, _, err := b.Audit(t.Context(), b.olga(t, at), user.AuditFilter{Actor: "operator:olga", Action: "user.create"}, "", 10)
		must(t, err)
		if len(log) != want {
			t.Errorf("the log of %s tells %+v", at, log)
		}
	}
}

func TestOperatorsAreCalledByTheirNamesInTenants(t *testing.T) {
	t.Parallel()
	b := withOlga(t)
	ben := b.who(t, "ben")
	names, err := b.Names(t.Context(), ben, []string{"ada", "olga", "operator:olga", "operator:nobody"})
	must(t, err)
	if len(names) != 2 || names["operator:olga"] != "Olga Olsen" || names["ada"] != "The ada" {
		t.Errorf("names %v", names)
	}
	roles, err := b.RoleNames(t.Context(), ben, []string{"ROLE_USER_ADA", "ROLE_USER_OLGA", "ROLE_USER_OPERATOR_OLGA", "ROLE_USER_OPERATOR_NOBODY"})
	must(t, err)
	if len(roles) != 2 || roles["ROLE_USER_OPERATOR_OLGA"] != "Olga Olsen" {
		t.Errorf("roles %v", roles)
	}
}

// hasIn says whether a notice of a topic was published for a tenant.
func (h *heard) hasIn(t tenant.ID, topic string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Contains(h.notices, live.Notice{Tenant: string(t), Topic: topic})
}
