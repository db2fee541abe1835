package user

import (
	"slices"
	"strings"

	"cutroom/internal/tenant"
)

// Roles that everybody in their group has.
const (
	RoleAnonymous = "ROLE_ANONYMOUS"
	RoleUser      = "ROLE_USER"
	RoleAdmin     = "ROLE_ADMIN"
)

// Who is the person behind a request: every query starts from it.
type Who struct {
	Tenant  tenant.ID
	User    string   // user name, operator:<name> for operators; "" when anonymous
	Name    string   // display name
	Roles   []string // all roles, ROLE_USER_<NAME>, ROLE_USER and ROLE_ANONYMOUS included
	Role    string   // admin, editor, viewer, operator; "" when anonymous
	Scopes  []string // of the token; empty: all
	Session string   // hex of the session's or token's hash, "" when anonymous
	Launch  string   // id of the launch that the session began with; "" for other ways in
	Locale  string   // BCP 47, that the launch asked for; ""
}

// Anonymous is somebody who has not signed in.
func Anonymous(t tenant.ID) Who { return Who{Tenant: t, Roles: []string{RoleAnonymous}} }

// System is Cutroom itself, working in a tenant, or as an operator above all of them: jobs and commands.
func System(t tenant.ID) Who {
	w := Who{Tenant: t, User: "system", Name: "Cutroom", Role: "admin", Roles: []string{RoleAdmin, RoleAnonymous}}
	if t == tenant.Operators {
		w.Role = OperatorRole
	}
	return w
}

// SignedIn says whether it is a person.
func (w Who) SignedIn() bool { return w.User != "" }

// Admin says whether all is allowed in the tenant: to its admins, and to operators.
func (w Who) Admin() bool { return w.Role == "admin" || w.Operator() }

// MayCreate says whether new events and series may be made.
func (w Who) MayCreate() bool { return w.Admin() || w.Role == "editor" }

// Has says whether the person has a role.
func (w Who) Has(role string) bool { return slices.Contains(w.Roles, role) }

// May says whether the token that the person came with allows a scope: read or write. Writing includes reading; no scopes
// allow all. It is asked in one place for requests, and by sockets before they take ops.
func (w Who) May(scope string) bool {
	return len(w.Scopes) == 0 || slices.Contains(w.Scopes, scope) || scope == ScopeRead && slices.Contains(w.Scopes, ScopeWrite)
}

// OwnRole is ROLE_USER_<NAME>: upper case, other signs than A-Z and 0-9 become _.
func OwnRole(name string) string {
	up := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(name))
	return "ROLE_USER_" + up
}
