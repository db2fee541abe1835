package user_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"cutroom/internal/dbtest"
	"cutroom/internal/user"
)

// model is what somebody should be, kept in the simplest way.
type model struct {
	role        string
	extra       []string
	memberships map[[2]string]modelMembership // by source and context
}

type modelMembership struct {
	roles []string
	rank  string
	ended bool
}

func (m model) is() (role string, roles []string) {
	role, roles = m.role, slices.Clone(m.extra)
	for _, given := range m.memberships {
		if given.ended {
			continue
		}
		roles = append(roles, given.roles...)
		if given.rank != "" {
			role = min(role, given.rank) // admin, editor, viewer
		}
	}
	if role == "admin" {
		roles = append(roles, user.RoleAdmin)
	}
	slices.Sort(roles)
	return role, slices.Compact(roles)
}

// Whatever order entries, ended memberships, admins' changes and removed sources come in: a session, a socket that asks again
// and a token all find the same person with the same rights, those of the model.
func TestRightsFollowAModel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.Sessions()
	r := rand.New(rand.NewPCG(5, 2026))
	pool := []string{"A", "B", "C", "D"}
	some := func() []string {
		var some []string
		for _, role := range pool {
			if r.IntN(3) == 0 {
				some = append(some, role)
			}
		}
		return some
	}
	who, err := b.enter(t, user.External{Source: "oidc:uni", Subject: "x", Name: "x"})
	must(t, err)
	m := model{role: "viewer", memberships: map[[2]string]modelMembership{}}
	secret, session, err := s.Begin(t.Context(), who, user.Begin{How: user.HowPassword})
	must(t, err)
	_, token, err := b.CreateToken(t.Context(), b.admin, "x", nil, 0)
	must(t, err)
	bind := func(source string) {
		b.exec(t, "insert into identity (source, subject, user_name) values ($1, 'x', 'x') on conflict do nothing", source)
	}
	for step := range 150 {
		source, context := []string{"lti:a", "lti:b"}[r.IntN(2)], fmt.Sprint(r.IntN(2))
		what := ""
		switch r.IntN(8) {
		case 0:
			what = "an ended membership"
			b.exec(t, "update membership set until = now() where source = $1 and context = $2", source, context)
			if old, there := m.memberships[[2]string{source, context}]; there {
				old.ended = true
				m.memberships[[2]string{source, context}] = old
			}
		case 1:
			what = "a removed source"
			must(t, b.drop(t, source))
			for key := range m.memberships {
				if key[0] == source {
					delete(m.memberships, key)
				}
			}
		case 2:
			what = "other extra roles"
			m.extra = some()
			must(t, b.SetExtraRoles(t.Context(), b.admin, "x", m.extra))
		case 3:
			what = "another role"
			m.role = user.PersonRoles[r.IntN(3)]
			must(t, b.SetRole(t.Context(), b.admin, "x", m.role))
		default:
			what = "an entry"
			bind(source)
			given := modelMembership{roles: some(), rank: []string{"", "", "editor", "admin"}[r.IntN(4)]}
			b.heard.forget()
			before, rolesBefore := m.is()
			m.memberships[[2]string{source, context}] = given
			now, err := b.enter(t, user.External{Source: source, Subject: "x", Memberships: []user.Membership{{Context: context, Roles: given.roles, Rank: given.rank, Until: time.Now().Add(time.Hour)}}})
			must(t, err)
			if now.User != "x" {
				t.Fatalf("step %d: entered as %s", step, now.User)
			}
			if after, rolesAfter := m.is(); (before != after || !slices.Equal(rolesBefore, rolesAfter)) && !b.heard.has("session:"+session.Session) {
				t.Errorf("step %d: rights changed and nobody was told", step)
			}
		}
		role, roles := m.is()
		roles = append([]string{"ROLE_USER_X", user.RoleUser, user.RoleAnonymous}, roles...)
		slices.Sort(roles)
		bySession, err := s.Who(t.Context(), dbtest.Tenant, secret)
		must(t, err)
		again, err := b.Again(t.Context(), session)
		must(t, err)
		byToken, err := b.WhoByToken(t.Context(), dbtest.Tenant, token)
		must(t, err)
		for way, found := range map[string]user.Who{"session": bySession, "again": again, "token": byToken, "name": b.who(t, "x")} {
			got := slices.Compact(slices.Sorted(slices.Values(found.Roles)))
			if found.Role != role || !slices.Equal(got, roles) {
				t.Fatalf("step %d, %s, by %s: %s with %v, want %s with %v", step, what, way, found.Role, got, role, roles)
			}
		}
	}
}
