package event

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// announced is how long a file may wait for the row that names it.
const announced = "1 day"

// AnnounceTx names files that are about to be made. Who makes one may die before a row names it: then it is swept after a
// day. Commit this before the first byte is there.
func AnnounceTx(ctx context.Context, tx pgx.Tx, paths ...string) error {
	_, err := tx.Exec(ctx, `insert into file_garbage (path, after) select p, now() + $2::text::interval from unnest($1::text[]) p order by p
		on conflict (path) do update set after = greatest(file_garbage.after, excluded.after)`, paths, announced)
	return err
}

// garbageTx hands a file to the sweeper, which removes it if no row names it then.
func garbageTx(ctx context.Context, tx pgx.Tx, path string) error {
	_, err := tx.Exec(ctx, `insert into file_garbage (path) values ($1)
		on conflict (path) do update set after = least(file_garbage.after, excluded.after)`, path)
	return err
}
