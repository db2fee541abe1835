package tenant

import "context"

// MigrateTenant brings one tenant to this build's version, as Migrate does for all. A tenant that is not there, or is being deleted, is
// left alone.
func (db *DB) MigrateTenant(ctx context.Context, id ID) error {
	_, _, err := db.migrateTenant(ctx, scopeOf(id), true)
	return err
}
