package lti

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cutroom/internal/dbtest"
)

func TestARefusedLaunchIsInTheAuditLog(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	launch, p, err := l.launch(t, claimsOf("exp", 1))
	wantID(t, "an old token", err, "lti.expired")
	gone, cancel := context.WithCancel(t.Context())
	cancel() // the browser has left
	l.Refused(gone, dbtest.Tenant, string(p.Platform), launch.Message, err, launch.Detail())
	l.Refused(t.Context(), dbtest.Tenant, "", "login", errors.New("secret text of the inside"), nil)
	entries := l.auditOf(t, "lti.refused")
	if len(entries) != 2 || entries[1].Subject != string(l.platform.ID) || entries[0].Subject != "" || entries[1].Actor != "anonymous" {
		t.Fatalf("the audit log has %+v", entries)
	}
	var details []map[string]any
	for _, e := range entries {
		var detail map[string]any
		if err := json.Unmarshal(e.Detail, &detail); err != nil {
			t.Fatal(err)
		}
		details = append(details, detail)
	}
	want := []map[string]any{{"message": "login", "reason": "internal"}, {"message": ResourceLink, "reason": "lti.expired", "course": "course-1", "sub": "person-1"}}
	if diff := cmp.Diff(want, details); diff != "" {
		t.Error(diff)
	}
}
