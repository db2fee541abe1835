package tenant

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cutroom/internal/fault"
)

// level is how far a scope's schema is, and which migration a build has to know at least to serve it.
type level struct {
	version int
	needs   int
	known   int // to the build that asks
}

// fits says whether the build can serve the schema: it must have all migrations that the build knows, and may have more as long as
// those only added.
func (l level) fits() (behind, ahead bool) { return l.version < l.known, l.needs > l.known }

// Serves says whether this build can answer for the tenant: nil, or a fault Unavailable with the reason in a sentence.
func (t Tenant) Serves() error {
	if t.ID == Operators {
		return nil // comes with the system
	}
	behind, ahead := t.level.fits()
	switch {
	case ahead:
		return fault.New(fault.Unavailable, "error.tenant-ahead", "The data of this institution is newer than this node. Another node answers; try again in a moment.")
	case behind:
		return fault.New(fault.Unavailable, "error.tenant-behind", "The data of this institution is being brought to the newest version. Try again in a few minutes.")
	}
	return nil
}

// Version is how many of the tenants' migrations the tenant has had.
func (t Tenant) Version() int { return t.level.version }

// Unservable says whether an error is that of a database that is newer or older than this build can serve.
func Unservable(err error) bool {
	f := fault.As(err)
	return f != nil && strings.HasPrefix(f.ID, "error.schema-")
}

// Behind says whether an error is that of a database that has to be migrated first.
func Behind(err error) bool {
	f := fault.As(err)
	return f != nil && f.ID == "error.schema-behind"
}

// Serves says whether this build can work on the database: nil, a fault for which Unservable holds, or that the database is away.
func (db *DB) Serves(ctx context.Context) error {
	rows, err := db.Pool.Query(ctx, systemLevels)
	if err != nil {
		return served(err)
	}
	return db.systemServes(rows)
}

// systemLevels gives how far what stands above the tenants is.
const systemLevels = `select scope, max(version), max(coalesce(needs, version)) from cutroom.migration
	where scope in ('system', 'operators') group by scope`

func (db *DB) systemServes(rows pgx.Rows) error {
	levels := map[string]level{}
	var name string
	var l level
	_, err := pgx.ForEachRow(rows, []any{&name, &l.version, &l.needs}, func() error {
		levels[name] = l
		return nil
	})
	if err != nil {
		return served(err)
	}
	for _, s := range []scope{systemScope, operatorsScope} {
		l := levels[s.name]
		l.known = db.migrations().known(s.folder)
		behind, ahead := l.fits()
		switch {
		case ahead:
			return fault.New(fault.Unavailable, "error.schema-ahead", "The database is newer than this node can serve. Start the newer version of Cutroom here.")
		case behind:
			return schemaBehind()
		}
	}
	return nil
}

func schemaBehind() *fault.Error {
	return fault.New(fault.Unavailable, "error.schema-behind", "The database is not at the version of this node yet: run cutroom migrate.")
}

// served turns what Postgres says of a database that was never migrated, or before this build, into words.
func served(err error) error {
	if fault.As(err) != nil {
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "42P01", "42703", "3F000":
			return schemaBehind().WithCause(err)
		}
	}
	return unavailable(err)
}
