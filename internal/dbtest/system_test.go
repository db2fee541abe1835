package dbtest_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/tenant"
)

func TestTheTenantsRoleComesBack(t *testing.T) {
	t.Parallel()
	no := errors.New("no")
	roles := map[string]string{}
	err := dbtest.New(t).Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		role := func(when string) {
			var name string
			if err := tx.QueryRow(t.Context(), "select current_user").Scan(&name); err != nil {
				t.Error(err)
			}
			roles[when] = name
		}
		role("before")
		err := tenant.AsSystem(t.Context(), tx, func() error { role("within"); return no })
		role("after")
		return err
	})
	if !errors.Is(err, no) || roles["before"] == roles["within"] || roles["before"] != roles["after"] {
		t.Errorf("%v, %v", roles, err)
	}
}
