package tenant_test

import (
	"testing"

	"cutroom/internal/tenant"
)

func makeTenant(t *testing.T, db *tenant.DB, id tenant.ID) {
	t.Helper()
	if err := db.Create(t.Context(), id, string(id), "", nil); err != nil {
		t.Fatal(err)
	}
}
