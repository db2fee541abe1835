package install

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/module"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// builtInPrefix is what the products of built-in modules begin with; no outside service may have such a name.
const builtInPrefix = "cutroom-"

// ModulesMap gives all modules there are by id: built in ones and outside services. The map is the caller's own, the
// descriptors' slices are shared with others: read them only.
func (s *Store) ModulesMap(ctx context.Context) (map[string]module.Descriptor, error) {
	var all map[string]module.Descriptor
	err := s.DB.System(ctx, func(tx pgx.Tx) (err error) {
		all, err = s.known.read(ctx, tx)
		return err
	})
	return all, err
}

// Modules gives the same as a list, by id.
func (s *Store) Modules(ctx context.Context) ([]module.Descriptor, error) {
	all, err := s.ModulesMap(ctx)
	if err != nil {
		return nil, err
	}
	return listOf(all), nil
}

// Module gives one module by its whole id; a fault NotFound with the bare id as its text says that there is none.
func (s *Store) Module(ctx context.Context, id string) (module.Descriptor, error) {
	all, err := s.ModulesMap(ctx)
	if err != nil {
		return module.Descriptor{}, err
	}
	if d, there := all[id]; there {
		return d, nil
	}
	return module.Descriptor{}, registryFault(fault.NotFound, "%s", id)
}

// AddModules registers outside services, all or none. A module that is there already may come again if it says the same; with
// check false it may say anything, and stays as it was. With check, what a new one requires has to be there, among the modules
// that f lets through, or to come with it. Refusals have Okapi's texts. Operators only.
func (s *Store) AddModules(ctx context.Context, who user.Who, modules []module.Descriptor, check bool, f module.Filter) error {
	return s.changeRegistry(ctx, who, func(tx pgx.Tx) (done, error) {
		all, err := s.known.read(ctx, tx)
		if err != nil {
			return done{}, err
		}
		fresh, err := newModules(all, modules, check)
		if err != nil || len(fresh) == 0 {
			return done{}, err
		}
		if check {
			if unmet := unmetWith(filtered(all, f), fresh); unmet != "" {
				return done{}, registryFault(fault.Invalid, "%s", unmet)
			}
		}
		ids := make([]string, 0, len(fresh))
		for _, d := range fresh {
			ids = append(ids, d.ID)
			if err := addModule(ctx, tx, d); err != nil {
				return done{}, err
			}
		}
		return done{"module.add", strings.Join(ids, " ")}, nil
	})
}

// RemoveModule forgets an outside service and where it runs. One that a tenant has, an install still works on, or others
// require, stays; so do those that are built in. Operators only.
func (s *Store) RemoveModule(ctx context.Context, who user.Who, id string) error {
	return s.changeRegistry(ctx, who, func(tx pgx.Tx) (done, error) {
		all, err := s.known.read(ctx, tx)
		if err != nil {
			return done{}, err
		}
		if _, there := all[id]; !there {
			return done{}, registryFault(fault.NotFound, "delete: module %s does not exist", id)
		}
		if err := removable(ctx, tx, id); err != nil {
			return done{}, err
		}
		if unmet := unmetWithout(all, id); unmet != "" {
			return done{}, registryFault(fault.Invalid, "delete: module %s: %s", id, unmet)
		}
		_, err = tx.Exec(ctx, "delete from cutroom.module where id = $1", id)
		return done{"module.remove", id}, err
	})
}

// done is what the audit log says of a change; empty when nothing changed.
type done struct{ action, subject string }

// changeRegistry runs fn under the node's own role, one change at a time: a dependency that was seen stays until the end.
// Readers go on; whoever gives a tenant a module waits.
func (s *Store) changeRegistry(ctx context.Context, who user.Who, fn func(pgx.Tx) (done, error)) error {
	if !who.Operator() {
		return fault.Denied()
	}
	return s.DB.Tx(ctx, tenant.Operators, func(tx pgx.Tx) error {
		var did done
		err := tenant.AsSystem(ctx, tx, func() (err error) {
			if _, err = tx.Exec(ctx, "lock table cutroom.module in exclusive mode"); err == nil {
				did, err = fn(tx)
			}
			return err
		})
		if err != nil || did.action == "" {
			return err
		}
		return user.AuditTx(ctx, tx, who, did.action, did.subject, nil)
	})
}
