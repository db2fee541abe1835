package event

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// Right is what somebody wants to do with an event or a series.
type Right int

// ToRead: see metadata, ACL and public assets. ToWrite: change any of it, see internal assets, edit, run.
const (
	ToRead Right = iota
	ToWrite
)

// rightOf finds an event that somebody may read: $1 id, $2 admin, $3 roles; whether it lies in the bin is $4.
const rightOf = `
	select $2 or bool_or(a.action = 'write')
	from event e left join event_acl a on a.event_id = e.id and a.role = any($3) and a.action in ('read', 'write')
	where e.id = $1 and (e.deleted_at is not null) = $4
	group by e.id
	having $2 or count(a.role) > 0`

// RightTx checks a right: fault.Gone when who may not read the event, when it lies in the bin or is not there at all;
// fault.Denied when who may read but not write.
func RightTx(ctx context.Context, tx pgx.Tx, who user.Who, id ID, right Right) error {
	if !labelForm.MatchString(string(id)) {
		return fault.Gone()
	}
	var write bool
	err := tx.QueryRow(ctx, rightOf, id, who.Admin(), who.Roles, false).Scan(&write)
	return judge(write, err, right)
}

func judge(write bool, err error, right Right) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.Gone()
	}
	if err != nil {
		return refusal(err)
	}
	if right == ToWrite && !write {
		return fault.Denied()
	}
	return nil
}

// LockTx is RightTx holding the event's row until the transaction ends: of two writers one waits for the other. Rows may
// still be added that refer to the event.
func LockTx(ctx context.Context, tx pgx.Tx, who user.Who, id ID, right Right) error {
	return lockTx(ctx, tx, who, id, right, false)
}

// lockTx checks the right after the lock is there: the ACL may have changed while it waited.
func lockTx(ctx context.Context, tx pgx.Tx, who user.Who, id ID, right Right, bin bool) error {
	if !labelForm.MatchString(string(id)) {
		return fault.Gone()
	}
	batch := &pgx.Batch{}
	batch.Queue("select id from event where id = $1 for no key update", id)
	batch.Queue(rightOf, id, who.Admin(), who.Roles, bin)
	results := tx.SendBatch(ctx, batch)
	defer results.Close()
	if _, err := results.Exec(); err != nil {
		return refusal(err)
	}
	var write bool
	err := results.QueryRow().Scan(&write)
	if closing := results.Close(); err == nil && closing != nil {
		return refusal(closing)
	}
	return judge(write, err, right)
}
