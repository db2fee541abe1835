package user

import (
	"context"
	"errors"
	"runtime"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
)

// Store knows the people of all tenants.
type Store struct {
	DB  *tenant.DB
	Bus live.Publisher

	tries   *tries        // failed sign-ins on this node
	hashing chan struct{} // bounds the memory that passwords take
}

// New makes the store of a node.
func New(db *tenant.DB, bus live.Publisher) *Store {
	return &Store{DB: db, Bus: bus, tries: newTries(), hashing: make(chan struct{}, max(2, runtime.NumCPU()))}
}

// whoColumns of a person p, in the order that scanWho reads. Each schema has domains of its own: as text they are the same type
// for all tenants, so that a statement prepared for one is good for the next. Living memberships add roles and lift the rank:
// admin, editor, viewer come in the order of the alphabet.
const whoColumns = `p.name::text, p.display_name::text,
	least(p.role, (select min(m.rank) from membership m where m.user_name = p.name and m.until > now())),
	p.extra_roles || array(select distinct r from membership m, unnest(m.roles) r where m.user_name = p.name and m.until > now() order by r)`

// scanWho reads whoColumns, and more columns into more. t is where the person is kept: only there operators are found, and
// only operators, whatever a row says.
func scanWho(row pgx.Row, t tenant.ID, more ...any) (Who, error) {
	w := Who{Tenant: t}
	var extra []string
	if err := row.Scan(append([]any{&w.User, &w.Name, &w.Role, &extra}, more...)...); err != nil {
		return Who{}, err
	}
	if w.Operator() != (t == tenant.Operators) {
		return Who{}, pgx.ErrNoRows
	}
	if w.Operator() {
		w.User = OperatorPrefix + w.User
	}
	w.Roles = rolesOf(w, extra)
	return w, nil
}

// rolesOf gives all roles of a person; what is given by hand or by a course comes last.
func rolesOf(w Who, extra []string) []string {
	roles := []string{OwnRole(w.User), RoleUser, RoleAnonymous}
	if w.Admin() {
		roles = append(roles, RoleAdmin)
	}
	return append(roles, extra...)
}

// WhoByName gives a person as who they are, without session. Whoever is not there or disabled is a fault NotFound. In a
// tenant, operator:<name> is an operator who acts there.
func (s *Store) WhoByName(ctx context.Context, t tenant.ID, name string) (Who, error) {
	place := t
	if namesOperator(name) {
		place, name = tenant.Operators, loginOf(name)
	}
	var w Who
	err := s.DB.Read(ctx, place, func(tx pgx.Tx) error {
		var err error
		w, err = WhoByNameTx(ctx, tx, place, name)
		return err
	})
	return w.In(t), err
}

// WhoByNameTx is WhoByName inside a transaction, for the people of that place alone.
func WhoByNameTx(ctx context.Context, tx pgx.Tx, t tenant.ID, name string) (Who, error) {
	w, err := scanWho(tx.QueryRow(ctx, "select "+whoColumns+" from person p where p.name = $1 and p.disabled_at is null", name), t)
	if errors.Is(err, pgx.ErrNoRows) {
		return Who{}, noUser(name)
	}
	return w, err
}

func noUser(name string) error {
	return fault.Newf(fault.NotFound, "error.no-user", "There is no user %s.", name).With(map[string]any{"Name": name})
}

// Again finds who has the same session or token once more: with the rights of now. A fault Unauthorized says that it has
// ended; sockets, which live longer than a request, ask this each minute. An operator goes on where they act.
func (s *Store) Again(ctx context.Context, who Who) (Who, error) {
	now, err := s.againAt(ctx, who.Home(), who.Session)
	return now.In(who.Tenant), err
}

// againAt finds who has a session or token in one place.
func (s *Store) againAt(ctx context.Context, place tenant.ID, session string) (Who, error) {
	hash, ok := parseHash(session)
	if !ok {
		return Who{}, ended()
	}
	var now Who
	err := s.DB.Read(ctx, place, func(tx pgx.Tx) error {
		var scopes []string
		var data []byte
		var err error
		now, err = scanWho(tx.QueryRow(ctx, `
			select `+whoColumns+`, x.scopes, x.data
			from (select user_name, '{}'::text[] as scopes, data from session where hash = $1 and revoked_at is null and expires_at > now()
			      union all
			      select user_name, scopes, null from token where hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())) x
			join person p on p.name = x.user_name
			where p.disabled_at is null`, hash), place, &scopes, &data)
		if err != nil {
			return err
		}
		now.Session, now.Scopes = session, scopes
		return now.noteLaunch(data)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Who{}, ended()
	}
	return now, err
}

func ended() error {
	return fault.New(fault.Unauthorized, "error.session-ended", "You are signed out. Sign in again.")
}
