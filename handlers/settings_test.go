package handlers

import (
	"strings"
	"testing"
)

func TestSettingsOfThePageAreInTheAuditLog(t *testing.T) {
	t.Parallel()
	s := pageSetup(t)
	ada := s.signedIn(t, "ada")
	if got := s.call(t, ada, "POST", "/settings", "edit.runs=reject"); got.status != 303 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	got := s.call(t, ada, "GET", "/api/v1/audit?action=settings.change", "")
	if !strings.Contains(got.body, `"edit.runs":"reject"`) || !strings.Contains(got.body, `"actor":"ada"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
}
