package user_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
)

func TestHoldersOfRoles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	must(t, b.SetExtraRoles(t.Context(), b.admin, "vera", []string{"ROLE_TUTORS"}))
	must(t, b.SetExtraRoles(t.Context(), b.admin, "ada", []string{"ROLE_TUTORS"}))
	must(t, b.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into membership (user_name, source, context, roles, until) values
			('ben', 'lti:p', 'bio', '{bio_Learner}', $1), ('vera', 'lti:p', 'bio', '{bio_Learner}', $2)`, time.Now().Add(time.Hour), time.Now().Add(-time.Hour))
		return err
	}))
	ben := b.who(t, "ben")
	found, err := b.Holders(t.Context(), ben, []string{"ROLE_USER_BEN", "bio_Learner", "ROLE_TUTORS", "ROLE_NOBODY"}, 10)
	must(t, err)
	if got, want := fmt.Sprint(found), "[{ben The ben [ROLE_USER_BEN bio_Learner]} {vera The vera [ROLE_TUTORS]}]"; got != want {
		t.Errorf("got %s", got)
	}
	_, err = b.Holders(t.Context(), b.who(t, "vera"), []string{"ROLE_USER_BEN"}, 10)
	wantKind(t, "a viewer", err, fault.Forbidden)
	must(t, b.Disable(t.Context(), b.admin, "vera"))
	if found, err := b.Holders(t.Context(), ben, []string{"ROLE_TUTORS"}, 10); err != nil || len(found) != 0 {
		t.Errorf("a disabled person: %v %v", found, err)
	}
}
