package tenant

import (
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Build makes a node of another build, with other migrations.
func Build(pool *pgxpool.Pool, files fs.FS) (*DB, error) {
	b, err := readBuild(files)
	return &DB{Pool: pool, build: b}, err
}
