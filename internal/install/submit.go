package install

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/module"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Install works out what a call asks for and, unless it is simulated, makes the install that does it; Wait waits for that. A
// simulated one has modules alone, and no ID. h are the caller's headers: what Passed lets through goes on to the modules.
// Only operators may. Faults: NotFound with the tenant's id as text; Malformed with Okapi's text for wrong options and
// for what cannot be resolved.
func (s *Store) Install(ctx context.Context, who user.Who, t tenant.ID, wanted []module.TenantModule, o Options, h http.Header) (Job, error) {
	asked, err := cleaned(wanted)
	if err != nil {
		return Job{}, err
	}
	return s.submit(ctx, who, t, Install, o, h, func(available, enabled map[string]module.Descriptor) ([]module.TenantModule, error) {
		return module.Resolve(available, enabled, asked, o.resolving())
	})
}

// Upgrade is Install of the newest version of all that the tenant has.
func (s *Store) Upgrade(ctx context.Context, who user.Who, t tenant.ID, o Options, h http.Header) (Job, error) {
	return s.submit(ctx, who, t, Upgrade, o, h, func(available, enabled map[string]module.Descriptor) ([]module.TenantModule, error) {
		return module.Resolve(available, enabled, module.Upgrades(available, enabled, o.resolving()), o.resolving())
	})
}

// cleaned is what a caller may say about modules: which, and what to do with each. The rest is ours.
func cleaned(wanted []module.TenantModule) ([]module.TenantModule, error) {
	asked := make([]module.TenantModule, len(wanted))
	for i, m := range wanted {
		if m.ID == "" {
			return nil, refusal("missing id for module")
		}
		switch m.Action {
		case "":
			m.Action = module.Enable
		case module.Enable, module.Disable, module.UpToDate:
		default:
			return nil, refusal(fmt.Sprintf("Not supported action: %s", m.Action))
		}
		asked[i] = module.TenantModule{ID: m.ID, Action: m.Action}
	}
	return asked, nil
}

type resolver func(available, enabled map[string]module.Descriptor) ([]module.TenantModule, error)

func (s *Store) submit(ctx context.Context, who user.Who, t tenant.ID, kind Kind, o Options, h http.Header, resolve resolver) (Job, error) {
	if !who.Operator() {
		return Job{}, fault.Denied()
	}
	if !t.Valid() {
		return Job{}, noTenant(t)
	}
	if err := o.Check(); err != nil {
		return Job{}, err
	}
	// Before the transaction: nobody holds a lock and a connection while it waits for a second one.
	available, err := s.ModulesMap(ctx)
	if err != nil {
		return Job{}, err
	}
	made := Job{Tenant: t, Kind: kind, State: Queued, Options: o, StartedBy: who.User, StartedName: who.Name}
	if o.Simulate {
		return made, s.simulate(ctx, &made, available, resolve)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Job{}, err
	}
	made.ID = ID(id.String())
	var next ID
	err = s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		err := tenant.AsSystem(ctx, tx, func() (err error) {
			if err := s.resolveTx(ctx, tx, &made, available, resolve); err != nil {
				return err
			}
			if err := insertTx(ctx, tx, &made, Passed(h)); err != nil {
				return err
			}
			next, err = s.promoteTx(ctx, tx, t)
			return err
		})
		if err != nil {
			return err
		}
		return user.AuditTx(ctx, tx, who, string(kind)+".start", string(made.ID), map[string]any{"modules": named(made.Modules), "options": o})
	})
	if fault.KindOf(err) == fault.NotFound {
		return Job{}, noTenant(t)
	}
	if err != nil {
		return Job{}, err
	}
	if next == made.ID {
		made.State = Dispatched
	}
	s.tell(t, made.ID, next)
	return made, nil
}

// simulate works out what an install would be, and writes nothing.
func (s *Store) simulate(ctx context.Context, made *Job, available map[string]module.Descriptor, resolve resolver) error {
	return s.DB.System(ctx, func(tx pgx.Tx) error { return s.resolveTx(ctx, tx, made, available, resolve) })
}

// resolveTx fills in the modules of an install, by what the tenant has. It holds the tenant's lock from then on.
func (s *Store) resolveTx(ctx context.Context, tx pgx.Tx, made *Job, available map[string]module.Descriptor, resolve resolver) error {
	deleting, err := lockTx(ctx, tx, made.Tenant)
	if deleting || fenced(err) {
		return noTenant(made.Tenant)
	}
	if err != nil {
		return err
	}
	ids, err := s.EnabledTx(ctx, tx, made.Tenant)
	if err != nil {
		return err
	}
	enabled := map[string]module.Descriptor{}
	for _, id := range ids {
		enabled[id] = available[id]
	}
	list, err := resolve(available, enabled)
	if err != nil {
		return refusal(err.Error())
	}
	made.Modules = make([]Step, len(list))
	for i, m := range list {
		m.Stage, m.Message = stagePending, ""
		made.Modules[i] = Step{TenantModule: m, Errors: []Problem{}, Warnings: []Problem{}}
	}
	return nil
}

func insertTx(ctx context.Context, tx pgx.Tx, made *Job, headers http.Header) error {
	name := made.StartedName
	if name == "" {
		name = made.StartedBy
	}
	made.StartedName = name
	err := tx.QueryRow(ctx, `insert into cutroom.install (id, tenant_id, kind, state, options, headers, started_by, started_name)
		values ($1, $2, $3, 'queued', $4, $5, $6, $7) returning start_date`,
		made.ID, made.Tenant, made.Kind, made.Options, headers, made.StartedBy, name).Scan(&made.Started)
	if err != nil {
		return err
	}
	var ids, froms, actions []string
	for _, m := range made.Modules {
		ids, froms, actions = append(ids, m.ID), append(froms, m.From), append(actions, string(m.Action))
	}
	_, err = tx.Exec(ctx, `insert into cutroom.install_module (install_id, ordinal, module_id, from_id, action)
		select $1, n - 1, id, nullif(before, ''), act from unnest($2::text[], $3::text[], $4::text[]) with ordinality as m (id, before, act, n)`,
		made.ID, ids, froms, actions)
	return err
}

// named lists modules for the audit log.
func named(steps []Step) []string {
	list := make([]string, len(steps))
	for i, m := range steps {
		list[i] = string(m.Action) + " " + m.ID
	}
	return list
}
