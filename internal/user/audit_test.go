package user_test

import (
	"testing"

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
