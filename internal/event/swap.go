package event

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/jackc/pgx/v5"
)

// Swap is the result of a run: what readers see from its commit on.
type Swap struct {
	Assets   []Asset      // the new public assets; those without an id get one
	Duration Milliseconds // of the event and of every public track
	Rev      int64        // the edit's rev that they show
}

// MadeFolder begins the paths of all that runs make of an event, with a slash at its end. The id's own signs are not used:
// it may be "..".
func MadeFolder(id ID) string {
	sum := sha256.Sum256([]byte(id))
	return "cuts/" + hex.EncodeToString(sum[:16]) + "/"
}

// SwapTx replaces all public assets of an event that were made (not uploaded), sets its duration and what is published, in
// the caller's transaction: at every instant all durations match. The old ones are kept as retired for players that are in
// the middle of one. The caller has checked the right.
func SwapTx(ctx context.Context, tx pgx.Tx, id ID, swap Swap) error {
	tag, err := tx.Exec(ctx, "update event set duration = $2, published_rev = $3, published_at = date_trunc('milliseconds', clock_timestamp()) where id = $1",
		id, swap.Duration, swap.Rev)
	if err := oneRow(tag.RowsAffected(), err); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		with old as (delete from asset where event_id = $1 and not source and not internal
		             returning id, event_id, mime_type, size, checksum, path)
		insert into retired_asset (id, event_id, mime_type, size, checksum, path)
		select id, event_id, mime_type, size, checksum, path from old`, id)
	if err != nil {
		return refusal(err)
	}
	for _, a := range swap.Assets {
		a.EventID = id
		if _, err := AddAssetTx(ctx, tx, a); err != nil {
			return err
		}
	}
	return nil
}
