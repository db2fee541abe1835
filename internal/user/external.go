package user

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/tenant"
)

// External is somebody whom a learning platform or an institution vouches for.
type External struct {
	Source      string // lti:<platform>, oidc:<provider>
	Subject     string // who it is there, 1 to 1,024 bytes
	Name        string // the user name that is wanted for a new person; it is made to fit and to be free
	DisplayName string // "": the name
	Trusted     bool   // Name means the person of this name here, if there is one who manages nothing
	Memberships []Membership
}

// Membership is what a course, or an institution's groups, make of somebody for a while.
type Membership struct {
	Context string // the course; "" for an institution
	Title   string // of the course
	Roles   []string
	Rank    string // "", editor, admin: lifts the person's own role
	Until   time.Time
}

// EnterTx finds the person of an identity, made now if there is none, and replaces the memberships of the named contexts. A
// disabled person is a fault Forbidden. The notices are for after the commit: whoever has an open page or socket is looked at again.
func EnterTx(ctx context.Context, tx pgx.Tx, t tenant.ID, e External) (who Who, tell func(*Store), err error) {
	panic("not written yet")
}
