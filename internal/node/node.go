// Package node keeps the list of running processes: each writes its row every few seconds, so everybody sees who is
// there, and an operator can ask one to drain before it is stopped.
package node

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

// Roles of a node: it answers pages, it works jobs, or both.
const (
	Pages = "pages"
	Jobs  = "jobs"
)

// Beat is how often a node writes its row, and Lost how long after its last beat it counts as gone. A row is forgotten an
// hour after its last beat.
const (
	Beat = 5 * time.Second
	Lost = 15 * time.Second
)

// Node is one running process.
type Node struct {
	Name      string
	Roles     []string // pages, jobs
	Version   string
	Address   string // where it listens; "" when it answers no pages
	Started   time.Time
	Heartbeat time.Time
	Draining  bool // finishes what it has, takes nothing new
	Alive     bool // its last beat is younger than Lost, by the database's clock
}

// Store reads and writes the list.
type Store struct{ DB *tenant.DB }

// List gives all nodes by name, also those that were lost within the last hour.
func (s *Store) List(ctx context.Context) ([]Node, error) {
	var nodes []Node
	err := s.DB.System(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select name, roles, version, address, started_at, heartbeat_at, draining, heartbeat_at > clock_timestamp() - $1::interval
			from node order by name`, Lost)
		if err != nil {
			return err
		}
		nodes, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Node])
		return err
	})
	return nodes, err
}

// Drain asks a node to finish what it has and take nothing new; it hears of it at its next beat. NotFound when there is no
// such node. log writes who asked for it, in the same transaction, among the people above the tenants; nil where nobody did.
func (s *Store) Drain(ctx context.Context, name string, log func(context.Context, pgx.Tx) error) error {
	return s.DB.Tx(ctx, tenant.Operators, func(tx pgx.Tx) error {
		err := tenant.AsSystem(ctx, tx, func() error {
			tag, err := tx.Exec(ctx, "update cutroom.node set draining = true where name = $1", name)
			if err == nil && tag.RowsAffected() == 0 {
				return fault.Newf(fault.NotFound, "error.no-node", "There is no node %s.", name).With(map[string]any{"Name": name})
			}
			return err
		})
		if err != nil || log == nil {
			return err
		}
		return log(ctx, tx)
	})
}

// beat writes the node's row and says whether it was asked to drain. first starts a new life of the name.
func (s *Store) beat(ctx context.Context, n Node, first bool) (draining bool, err error) {
	err = s.DB.System(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "delete from node where heartbeat_at < clock_timestamp() - interval '1 hour' and name <> $1", n.Name); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `insert into node as was (name, roles, version, address, started_at, heartbeat_at) values ($1, $2, $3, $4, $5, clock_timestamp())
			on conflict (name) do update set roles = excluded.roles, version = excluded.version, address = excluded.address, started_at = excluded.started_at,
			heartbeat_at = excluded.heartbeat_at, draining = was.draining and not $6
			returning draining`, n.Name, n.Roles, n.Version, n.Address, n.Started, first).Scan(&draining)
	})
	return draining, err
}

// remove forgets a node that ends in order.
func (s *Store) remove(ctx context.Context, name string) error {
	return s.DB.System(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "delete from node where name = $1", name)
		return err
	})
}
