package install

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// Instance is a place where an outside service runs: Okapi's DeploymentDescriptor without what launches it.
type Instance struct {
	Module string `json:"srvcId"`
	ID     string `json:"instId"` // one over all modules
	URL    string `json:"url"`    // http or https; the paths of the module's interfaces are put behind it
}

// AddInstance says where a module runs. Without an id it gets one. Operators only.
func (s *Store) AddInstance(ctx context.Context, who user.Who, i Instance) (Instance, error) {
	if i.Module == "" {
		return Instance{}, registryFault(fault.Invalid, "Needs srvcId")
	}
	err := s.changeRegistry(ctx, who, func(tx pgx.Tx) (done, error) {
		var builtIn bool
		err := tx.QueryRow(ctx, "select built_in from cutroom.module where id = $1", i.Module).Scan(&builtIn)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return done{}, registryFault(fault.NotFound, "Module %s not found", i.Module)
		case err != nil:
			return done{}, err
		case builtIn:
			return done{}, registryFault(fault.Invalid, "Module %s is built in: it needs no url", i.Module)
		}
		if err := checkInstance(i); err != nil {
			return done{}, err
		}
		err = tx.QueryRow(ctx, `insert into cutroom.discovery (instance_id, module_id, url)
			values (coalesce(nullif($1, ''), gen_random_uuid()::text), $2, $3) returning instance_id`, i.ID, i.Module, i.URL).Scan(&i.ID)
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == "23505" {
			err = registryFault(fault.Invalid, "Duplicate instId %s", i.ID).WithCause(err)
		}
		return done{"module.discover", i.Module + " " + i.ID}, err
	})
	return i, err
}

// checkInstance refuses ids that are too long and addresses that no module can be called at.
func checkInstance(i Instance) error {
	if len(i.ID) > 255 {
		return registryFault(fault.Invalid, "instId has more than 255 bytes")
	}
	if i.URL == "" {
		return registryFault(fault.Invalid, "Needs url: modules are not launched here")
	}
	at, err := url.Parse(i.URL)
	bad := err != nil || len(i.URL) > 2048 || at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "" || at.User != nil || at.RawQuery != "" || at.ForceQuery || at.Fragment != ""
	if !bad && at.Port() != "" {
		port, err := strconv.Atoi(at.Port())
		bad = err != nil || port < 1 || port > 65535
	}
	if bad {
		return registryFault(fault.Invalid, "Bad url: give http or https, a host, and no user, query or fragment")
	}
	return nil
}

// Instances gives where modules run, oldest first in each module: those of one module, or all with module "".
func (s *Store) Instances(ctx context.Context, moduleID string) ([]Instance, error) {
	var all []Instance
	err := s.DB.System(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select module_id, instance_id, url from cutroom.discovery where $1 in ('', module_id) order by module_id, created, instance_id", moduleID)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Instance])
		return err
	})
	return all, err
}

// RemoveInstances forgets where modules run: one instance of one module; all of a module with instance ""; all there are with
// module "" too. It gives how many there were. Operators only.
func (s *Store) RemoveInstances(ctx context.Context, who user.Who, moduleID, instance string) (int, error) {
	removed := 0
	err := s.changeRegistry(ctx, who, func(tx pgx.Tx) (done, error) {
		tag, err := tx.Exec(ctx, "delete from cutroom.discovery where $1 in ('', module_id) and $2 in ('', instance_id)", moduleID, instance)
		if removed = int(tag.RowsAffected()); removed == 0 {
			return done{}, err
		}
		return done{"module.undiscover", strings.TrimSpace(moduleID + " " + instance)}, err
	})
	return removed, err
}

// URL gives where a module is called, without a slash at its end; false when it runs nowhere. Of several instances it is the
// oldest: a module's own job is then asked for where it was begun.
func (s *Store) URL(ctx context.Context, moduleID string) (string, bool, error) {
	var at string
	err := s.DB.System(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select url from cutroom.discovery where module_id = $1 order by created, instance_id limit 1", moduleID).Scan(&at)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	return strings.TrimRight(at, "/"), err == nil, err
}
