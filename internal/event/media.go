package event

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// MediaFile is an asset's file as it is handed out.
type MediaFile struct {
	Path         string
	MimeType     string
	Size         int64
	Checksum     string // sha256:<hex>
	Modified     time.Time
	Downloadable bool // may be kept: the event says so (ocx:downloadable), or the person may write
}

// MediaFileTx finds the file of an asset for somebody who may have it: fault.Gone when the event is not theirs to read or
// lies in the bin, and when the asset is an original or internal and they may not write. Tracks that a newer version has
// replaced are still found, for players in the middle of one.
func MediaFileTx(ctx context.Context, tx pgx.Tx, who user.Who, id AssetID) (MediaFile, error) {
	rows, err := tx.Query(ctx, `
		select f.path, f.mime_type, f.size, f.checksum, f.modified, r.write or coalesce(e.extra_metadata -> 'ocx:downloadable' = 'true', false)
		from (select event_id, path, mime_type, size, checksum, modified, internal or source as hidden from asset where id = $1
		      union all
		      select event_id, path, mime_type, size, checksum, retired_at, false from retired_asset where id = $1) f
		join event e on e.id = f.event_id and e.deleted_at is null
		cross join lateral (
			select $2 or count(*) > 0 as read, $2 or coalesce(bool_or(a.action = 'write'), false) as write
			from event_acl a where a.event_id = e.id and a.role = any($3) and a.action in ('read', 'write')) r
		where r.read and (r.write or not f.hidden)
		limit 1`, id, who.Admin(), who.Roles)
	if err != nil {
		return MediaFile{}, err
	}
	f, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[MediaFile])
	if errors.Is(err, pgx.ErrNoRows) {
		return MediaFile{}, fault.Gone()
	}
	return f, err
}
