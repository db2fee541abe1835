package user_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

func TestTheAuditLogTellsWhoDidWhat(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ada := b.who(t, "ada")
	must(t, b.SetRole(t.Context(), ada, "vera", "editor"))
	_, _, err := b.CreateToken(t.Context(), ada, "vera", nil, 0)
	must(t, err)
	_, _, err = b.Audit(t.Context(), b.who(t, "ben"), user.AuditFilter{}, "", 10)
	wantKind(t, "an editor", err, fault.Forbidden)
	_, _, err = b.Audit(t.Context(), ada, user.AuditFilter{}, "rubbish", 10)
	wantKind(t, "a cursor that is none", err, fault.Malformed)
	var actions []string
	cursor := ""
	for range 10 {
		page, next, err := b.Audit(t.Context(), ada, user.AuditFilter{}, cursor, 2)
		must(t, err)
		for _, e := range page {
			actions = append(actions, e.Action)
		}
		if cursor = next; next == "" {
			break
		}
	}
	if want := 5; len(actions) != want || actions[0] != "token.create" || actions[1] != "user.role" {
		t.Errorf("got %v", actions)
	}
	byAda, _, err := b.Audit(t.Context(), ada, user.AuditFilter{Actor: "ada", Action: "user.role", Subject: "vera"}, "", 10)
	must(t, err)
	if len(byAda) != 1 || string(byAda[0].Detail) != `{"role": "editor"}` {
		t.Errorf("got %+v", byAda)
	}
}

func TestTheAuditLogIsFiltered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ada := b.who(t, "ada")
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	must(t, b.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into audit_log (at, actor, action, subject) values ($1, 'x', 'run.submit', 'r1'), ($1 + interval '1 hour', 'x', 'run.cancel', 'r1'),
			($1, 'y', 'run_x', 'r2'), ($1, 'x', 'acl.change', 'e'), ($1, 'x', 'aclx', 'e')`, noon)
		return err
	}))
	for name, c := range map[string]struct {
		filter user.AuditFilter
		want   string
	}{
		"one action":           {user.AuditFilter{Action: "run.cancel"}, "run.cancel"},
		"a beginning":          {user.AuditFilter{Action: "run.*"}, "run.cancel run.submit"},
		"no wildcard inside":   {user.AuditFilter{Action: "run_*"}, "run_x"},
		"several":              {user.AuditFilter{Actions: []string{"run.submit", "acl.*"}}, "acl.change run.submit"},
		"an actor":             {user.AuditFilter{Actor: "y"}, "run_x"},
		"a subject and action": {user.AuditFilter{Subject: "r1", Action: "run.*"}, "run.cancel run.submit"},
		"a time":               {user.AuditFilter{From: noon.Add(time.Minute), Until: noon.Add(2 * time.Hour)}, "run.cancel"},
		"half open":            {user.AuditFilter{From: noon, Until: noon.Add(time.Hour), Action: "run.*"}, "run.submit"},
		"nothing":              {user.AuditFilter{Action: "pen.*"}, ""},
	} {
		found, _, err := b.Audit(t.Context(), ada, c.filter, "", 100)
		must(t, err)
		var got []string
		for _, e := range found {
			got = append(got, e.Action)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
