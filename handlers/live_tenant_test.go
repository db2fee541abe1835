package handlers

import (
	"testing"

	"cutroom/internal/dbtest"
)

// The sockets of a tenant that is deleted close on every node, and presence keeps no row of them.
func TestTheSocketsOfADeletedTenantClose(t *testing.T) {
	t.Parallel()
	dsn, tokens := liveSetup(t)
	one, two := newLiveNode(t, dsn, "one", nil), newLiveNode(t, dsn, "two", nil)
	one.DB.Bus, two.DB.Bus = one.Bus, two.Bus
	ben, chloe := openTab(t, one, tokens["ben"], "e/live"), openTab(t, two, tokens["chloe"], "e/live")
	ben.sees("chloe", "active")
	chloe.sees("ben", "active")
	if err := two.DB.StartDelete(t.Context(), dbtest.Tenant, "olga"); err != nil {
		t.Fatal(err)
	}
	for _, tab := range []*tab{ben, chloe} {
		if code := tab.closed(); code != 4404 {
			t.Errorf("closed with %d", code)
		}
	}
	if err := two.DB.Delete(t.Context(), dbtest.Tenant, 0, "two", nil); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := two.DB.Pool.QueryRow(t.Context(), "select count(*) from cutroom.presence").Scan(&rows); err != nil || rows != 0 {
		t.Errorf("%d rows of presence, %v", rows, err)
	}
}
