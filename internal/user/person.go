package user

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

// Person is somebody who can sign in: to a tenant, or as an operator to all.
type Person struct {
	Name        string
	DisplayName string
	Role        string // admin, editor, viewer; operator
	ExtraRoles  []string
	Created     time.Time
	Disabled    *time.Time
	HasPassword bool
}

// NewPerson is what Create needs. Without password a person signs in by link, course or token.
type NewPerson struct {
	Name        string
	DisplayName string // "" is the name
	Role        string // "" is viewer, and operator above the tenants
	Password    string
	ExtraRoles  []string
}

// PersonRoles are the roles that a person may have in a tenant.
var PersonRoles = []string{"admin", "editor", "viewer"}

// checkRole says whether people of a place may have a role: operators are above the tenants, and everybody there is one.
func checkRole(place tenant.ID, role string) (fault.Field, bool) {
	if place == tenant.Operators {
		return fault.Field{Path: "/role", Rule: "OperatorRole", Message: "An operator has no other role."}, role == OperatorRole
	}
	return fault.Field{Path: "/role", Rule: "PersonRole", Message: "Use admin, editor or viewer."}, slices.Contains(PersonRoles, role)
}

const personColumns = "name::text, display_name::text, role, extra_roles, created, disabled_at, password_hash is not null"

var nameForm = regexp.MustCompile(`^[A-Za-z0-9._~!*:@,;-]{1,128}$`)

// ownRoleOf is OwnRole in SQL, as the index person_own_role has it.
const ownRoleOf = `('ROLE_USER_' || regexp_replace(upper(name::text), '[^A-Z0-9]', '_', 'g'))`

func (n *NewPerson) check(place tenant.ID) error {
	var wrong []fault.Field
	if n.DisplayName = strings.TrimSpace(n.DisplayName); n.DisplayName == "" {
		n.DisplayName = n.Name
	}
	if n.Role == "" && place == tenant.Operators {
		n.Role = OperatorRole
	} else if n.Role == "" {
		n.Role = "viewer"
	}
	if !nameForm.MatchString(n.Name) {
		wrong = append(wrong, fault.Field{Path: "/name", Rule: "Label", Message: "Use ASCII letters, digits and -._~!*:@,; up to 128 of them."})
	}
	if OwnRole(n.Name) == OwnRole("system") {
		wrong = append(wrong, fault.Field{Path: "/name", Rule: "Reserved", Message: "This is Cutroom's own name."})
	}
	if strings.HasPrefix(OwnRole(n.Name), operatorOwn) {
		wrong = append(wrong, fault.Field{Path: "/name", Rule: "ReservedOperator", Message: "Names that begin so are the operators'."})
	}
	if len(n.DisplayName) > 1024 || !utf8.ValidString(n.DisplayName) {
		wrong = append(wrong, fault.Field{Path: "/displayName", Rule: "NonBlankString", Message: "Use up to 1,024 bytes of text."})
	}
	if field, may := checkRole(place, n.Role); !may {
		wrong = append(wrong, field)
	}
	if len(wrong) > 0 {
		return fault.New(fault.Invalid, "error.person", wrong[0].Message).WithFields(wrong...)
	}
	if n.Password != "" {
		return checkPassword(n.Password)
	}
	return nil
}

// Create makes a person; admins may. A name that is taken, or whose own role is somebody else's (ann.b and ann_b), is a
// fault Conflict.
func (s *Store) Create(ctx context.Context, by Who, n NewPerson) (Person, error) {
	if !by.Admin() {
		return Person{}, fault.Denied()
	}
	if err := n.check(by.Tenant); err != nil {
		return Person{}, err
	}
	var hash *string
	if n.Password != "" {
		h, err := s.hashPassword(ctx, n.Password)
		if err != nil {
			return Person{}, err
		}
		hash = &h
	}
	var p Person
	err := s.DB.Tx(ctx, by.Tenant, func(tx pgx.Tx) error {
		var err error
		p, err = createTx(ctx, tx, n, hash)
		if err != nil {
			return err
		}
		return AuditTx(ctx, tx, by, "user.create", n.Name, map[string]any{"role": n.Role})
	})
	return p, err
}

func createTx(ctx context.Context, tx pgx.Tx, n NewPerson, hash *string) (Person, error) {
	// Two names with one own role must not come in side by side.
	if _, err := tx.Exec(ctx, "lock table person in share row exclusive mode"); err != nil {
		return Person{}, err
	}
	var other string
	switch err := tx.QueryRow(ctx, "select name::text from person where "+ownRoleOf+" = $1 limit 1", OwnRole(n.Name)).Scan(&other); {
	case err == nil && other == n.Name:
		return Person{}, fault.Newf(fault.Conflict, "error.user-exists", "There is a user %s already.", n.Name).With(map[string]any{"Name": n.Name})
	case err == nil:
		return Person{}, fault.Newf(fault.Conflict, "error.user-alike", "The name %s is too much like %s: both would have the role %s.", n.Name, other, OwnRole(n.Name)).
			With(map[string]any{"Name": n.Name, "Other": other, "Role": OwnRole(n.Name)})
	case !errors.Is(err, pgx.ErrNoRows):
		return Person{}, err
	}
	extra := n.ExtraRoles
	if extra == nil {
		extra = []string{}
	}
	rows, err := tx.Query(ctx, `insert into person (name, display_name, role, extra_roles, password_hash) values ($1, $2, $3, $4, $5)
		returning `+personColumns, n.Name, n.DisplayName, n.Role, extra, hash)
	if err != nil {
		return Person{}, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Person])
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23514" {
		return Person{}, fault.New(fault.Invalid, "error.person", "A name has to have a visible sign.").
			WithFields(fault.Field{Path: "/displayName", Rule: "NonBlankString", Message: "A name has to have a visible sign."}).WithCause(err)
	}
	return p, err
}

// Ensure makes a person if there is none of this name, and leaves one that is there as it is. It says whether it made one.
func (s *Store) Ensure(ctx context.Context, by Who, n NewPerson) (bool, error) {
	if _, err := s.Find(ctx, by, n.Name); fault.KindOf(err) != fault.NotFound || err == nil {
		return false, err
	}
	_, err := s.Create(ctx, by, n)
	if f := fault.As(err); f != nil && f.ID == "error.user-exists" {
		return false, nil // somebody was faster
	}
	return err == nil, err
}

// Find gives a person by name: to admins, and to themselves.
func (s *Store) Find(ctx context.Context, who Who, name string) (Person, error) {
	if !who.Admin() && who.User != name {
		return Person{}, fault.Denied()
	}
	var p Person
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select "+personColumns+" from person where name = $1", name)
		if err != nil {
			return err
		}
		p, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Person])
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Person{}, noUser(name)
	}
	return p, err
}

// List gives all people by name, to admins.
func (s *Store) List(ctx context.Context, who Who) ([]Person, error) {
	if !who.Admin() {
		return nil, fault.Denied()
	}
	return s.people(ctx, who, "select "+personColumns+` from person order by name collate "C"`)
}

// Search finds people whose name or display name has the text in it, for who may share recordings with them. At most
// limit, those first whose name begins with it. Disabled people are left out.
func (s *Store) Search(ctx context.Context, who Who, text string, limit int) ([]Person, error) {
	if !who.MayCreate() {
		return nil, fault.Denied()
	}
	like := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.TrimSpace(text))
	return s.people(ctx, who, "select "+personColumns+` from person
		where disabled_at is null and (name ilike '%' || $1 || '%' or display_name ilike '%' || $1 || '%')
		order by (name ilike $1 || '%' or display_name ilike $1 || '%') desc, display_name, name limit $2`, like, min(max(limit, 1), 100))
}

func (s *Store) people(ctx context.Context, who Who, sql string, args ...any) ([]Person, error) {
	var all []Person
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Person])
		return err
	})
	return all, err
}

// Names gives the display names of people, for lists that show who owns what. Unknown names are left out.
func (s *Store) Names(ctx context.Context, who Who, names []string) (map[string]string, error) {
	found := make(map[string]string, len(names))
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select name::text, display_name::text from person where name = any($1)", names)
		if err != nil {
			return err
		}
		var name, display string
		_, err = pgx.ForEachRow(rows, []any{&name, &display}, func() error { found[name] = display; return nil })
		return err
	})
	if err == nil {
		err = s.operatorNames(ctx, names, found)
	}
	return found, err
}
