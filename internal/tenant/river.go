package tenant

import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// RiverSchema is the schema of River's own tables, one for all tenants.
const RiverSchema = "river"

// NewInserter makes a River client that only inserts jobs; it needs no start and no stop. River tells its workers inside the
// inserting transaction (NOTIFY), at most once each 100 ms a queue and node. Such commits wait for each other over the whole database,
// which is bearable for the few that make a job and would not be for ops: those never do.
func NewInserter(pool *pgxpool.Pool) (*river.Client[pgx.Tx], error) {
	return river.NewClient(riverpgxv5.New(pool), &river.Config{Schema: RiverSchema})
}
