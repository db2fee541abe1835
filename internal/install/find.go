package install

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// columns of an install.
const columns = `i.id, i.tenant_id, i.kind, i.state, i.options, i.started_by, i.started_name, coalesce(i.node, ''), i.attempt,
	i.abort_requested and i.end_date is null, i.start_date, i.end_date from cutroom.install i `

func scanJob(row pgx.CollectableRow) (j Job, err error) {
	return j, row.Scan(&j.ID, &j.Tenant, &j.Kind, &j.State, &j.Options, &j.StartedBy, &j.StartedName, &j.Node, &j.Attempt, &j.Aborting, &j.Started, &j.Ended)
}

// jobsTx gives the installs of a query that goes on after the columns, each with its modules.
func jobsTx(ctx context.Context, tx pgx.Tx, rest string, args ...any) ([]Job, error) {
	rows, err := tx.Query(ctx, "select "+columns+rest, args...)
	if err != nil {
		return nil, err
	}
	jobs, err := pgx.CollectRows(rows, scanJob)
	if err != nil || len(jobs) == 0 {
		return nil, err
	}
	at, ids := map[ID]int{}, make([]ID, len(jobs))
	for i, j := range jobs {
		at[j.ID], ids[i] = i, j.ID
	}
	rows, err = tx.Query(ctx, `select install_id, module_id, coalesce(from_id, ''), action, coalesce(message, ''), stage, coalesce(status, ''), errors, warnings,
		start_date, end_date from cutroom.install_module where install_id = any($1) order by install_id, ordinal`, ids)
	if err != nil {
		return nil, err
	}
	var id ID
	var m Step
	_, err = pgx.ForEachRow(rows, []any{&id, &m.ID, &m.From, &m.Action, &m.Message, &m.Stage, &m.Status, &m.Errors, &m.Warnings, &m.Started, &m.Ended}, func() error {
		jobs[at[id]].Modules = append(jobs[at[id]].Modules, m)
		m = Step{} // its slices are the job's now
		return nil
	})
	return jobs, err
}

// find gives an install whoever asks.
func (s *Store) find(ctx context.Context, t tenant.ID, id ID) (Job, error) {
	var jobs []Job
	err := s.DB.System(ctx, func(tx pgx.Tx) (err error) {
		jobs, err = jobsTx(ctx, tx, "where i.id = $1 and i.tenant_id = $2", id, t)
		return err
	})
	if err == nil && len(jobs) == 0 {
		err = noInstall(t, id)
	}
	if err != nil {
		return Job{}, err
	}
	return jobs[0], nil
}

// mayRead says whether somebody may see a tenant's installs: operators, and the tenant's own admins. To people of another
// tenant there is none.
func mayRead(who user.Who, t tenant.ID) error {
	switch {
	case who.Operator(), who.Tenant == t && who.Admin():
		return nil
	case who.Tenant == t:
		return fault.Denied()
	}
	return fault.Gone()
}

// Find gives an install to operators and to the tenant's admins. Faults: NotFound with the text "<tenant>", or "<tenant>/<id>".
func (s *Store) Find(ctx context.Context, who user.Who, t tenant.ID, id ID) (Job, error) {
	if err := mayRead(who, t); err != nil {
		return Job{}, err
	}
	if err := s.there(ctx, t); err != nil {
		return Job{}, err
	}
	if uuid.Validate(string(id)) != nil {
		return Job{}, noInstall(t, id)
	}
	return s.find(ctx, t, id)
}

// List gives the installs of a tenant, oldest first, to operators and to the tenant's admins. kind "": all.
func (s *Store) List(ctx context.Context, who user.Who, t tenant.ID, kind Kind) ([]Job, error) {
	if err := mayRead(who, t); err != nil {
		return nil, err
	}
	if err := s.there(ctx, t); err != nil {
		return nil, err
	}
	var jobs []Job
	err := s.DB.System(ctx, func(tx pgx.Tx) (err error) {
		jobs, err = jobsTx(ctx, tx, "where i.tenant_id = $1 and ($2 = '' or i.kind = $2) order by i.seq", t, kind)
		return err
	})
	return jobs, err
}

// there refuses tenants that are not there.
func (s *Store) there(ctx context.Context, t tenant.ID) error {
	var one int
	err := s.DB.System(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select 1 from tenant where id = $1 and deleting_at is null", t).Scan(&one)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return noTenant(t)
	}
	return err
}

// Active gives the install that is under way in each tenant that has one.
func (s *Store) Active(ctx context.Context) (map[tenant.ID]ID, error) {
	all := map[tenant.ID]ID{}
	err := s.DB.System(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select tenant_id, id from install where state in ('dispatched', 'running')")
		if err != nil {
			return err
		}
		var t tenant.ID
		var id ID
		_, err = pgx.ForEachRow(rows, []any{&t, &id}, func() error {
			all[t] = id
			return nil
		})
		return err
	})
	return all, err
}
