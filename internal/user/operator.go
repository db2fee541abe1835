package user

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

// Operators are the people above the tenants. Everywhere, in each tenant's log and lists too, one is called operator:<name>:
// neither that name nor an own role that begins like theirs can be a tenant's person's.
const (
	OperatorRole   = "operator"            // Who.Role and Person.Role of an operator, and of nobody else
	OperatorPrefix = "operator:"           // of Who.User
	operatorOwn    = "ROLE_USER_OPERATOR_" // of their own roles
)

// Operator says whether it is somebody above the tenants, wherever they act.
func (w Who) Operator() bool { return w.Role == OperatorRole }

// Home is where the person with its sessions and tokens is kept, and notices about them are published: the tenant, or
// tenant.Operators.
func (w Who) Home() tenant.ID {
	if w.Operator() {
		return tenant.Operators
	}
	return w.Tenant
}

// In is an operator who acts in a tenant, or above all of them in tenant.Operators. Anybody else stays in their own tenant.
func (w Who) In(t tenant.ID) Who {
	if w.Operator() {
		w.Tenant = t
	}
	return w
}

// Login is the name that somebody signs in with: that of an operator without the prefix.
func (w Who) Login() string { return loginOf(w.User) }

func loginOf(name string) string { return strings.TrimPrefix(name, OperatorPrefix) }

// namesOperator says whether a name used in a tenant is an operator's.
func namesOperator(name string) bool { return strings.HasPrefix(name, OperatorPrefix) }

// places are where somebody who comes to a tenant may be known: there, else above it.
func places(t tenant.ID) []tenant.ID {
	if t == tenant.Operators {
		return []tenant.ID{t}
	}
	return []tenant.ID{t, tenant.Operators}
}

// known asks the places of a tenant in turn, until one does not answer Unauthorized. An operator then acts in the tenant.
func known(t tenant.ID, find func(place tenant.ID) (Who, error)) (who Who, err error) {
	for _, place := range places(t) {
		if who, err = find(place); fault.KindOf(err) != fault.Unauthorized {
			return who.In(t), err
		}
	}
	return Who{}, err
}

// operatorNames adds the display names of those operators that are among names.
func (s *Store) operatorNames(ctx context.Context, names []string, found map[string]string) error {
	var logins []string
	for _, name := range names {
		if namesOperator(name) {
			logins = append(logins, loginOf(name))
		}
	}
	return s.eachOperator(ctx, logins, "select name::text, display_name::text from person where name = any($1)",
		func(name, display string) { found[OperatorPrefix+name] = display })
}

// operatorRoleNames adds what the operators are called whose own roles are among roles.
func (s *Store) operatorRoleNames(ctx context.Context, roles []string, found map[string]string) error {
	var own []string
	for _, role := range roles {
		if strings.HasPrefix(role, operatorOwn) {
			own = append(own, role)
		}
	}
	return s.eachOperator(ctx, own, `select role, display_name::text from (
		select '`+operatorOwn+`' || regexp_replace(upper(name), '[^A-Z0-9]', '_', 'g') as role, display_name from person) p where role = any($1)`,
		func(role, display string) { found[role] = display })
}

// eachOperator calls take with two texts a row; it asks nothing where no keys are wanted, as for most lists.
func (s *Store) eachOperator(ctx context.Context, keys []string, sql string, take func(key, display string)) error {
	if len(keys) == 0 {
		return nil
	}
	return s.DB.Read(ctx, tenant.Operators, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, keys)
		if err != nil {
			return err
		}
		var key, display string
		_, err = pgx.ForEachRow(rows, []any{&key, &display}, func() error { take(key, display); return nil })
		return err
	})
}
