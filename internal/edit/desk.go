package edit

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// desk is an edit with all that a change of it needs, read in one round trip.
type desk struct {
	event event.ID
	src   Source
	paths map[string]string // asset -> file of a text track
	rev   Rev
	state State
	there bool           // the edit's row is there
	known map[string]Rev // ids of ops, of those asked for, that are in the log
	now   time.Time      // of the transaction
}

const (
	// rights of somebody on an event: $1 id, $2 roles, $3 admin. Nothing where it is not there or in the bin.
	rightsOf = `
		select coalesce(bool_or($3 or a.action in ('read', 'write')), false), coalesce(bool_or($3 or a.action = 'write'), false), now()
		from event e left join event_acl a on a.event_id = e.id and a.role = any($2)
		where e.id = $1 and e.deleted_at is null`
	editOf       = `select rev, state from edit where event_id = $1`
	lockedEditOf = editOf + ` for update`
	assetsOf     = `
		select id, flavor, kind, coalesce(duration, 0), streams, path from asset
		where event_id = $1 and (kind = 'track' and source or kind = 'attachment' and mime_type like 'image/%')
		order by flavor collate "C", id collate "C"`
	knownOf = `select op_id, rev from edit_op where event_id = $1 and op_id = any($2)`
)

// openTx checks the right to write and reads the edit; ids are those of ops that may be in the log already. With lock,
// nobody else changes the edit until the transaction ends, and its row is made if need be.
func openTx(ctx context.Context, tx pgx.Tx, who user.Who, id event.ID, ids []string, lock bool) (*desk, error) {
	d := &desk{event: id}
	batch := &pgx.Batch{}
	batch.Queue(rightsOf, id, who.Roles, who.Admin()).QueryRow(d.readRights)
	d.queue(batch, ids, lock)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return nil, err
	}
	if d.there || !lock {
		return d, nil
	}
	batch = &pgx.Batch{}
	batch.Queue("insert into edit (event_id) values ($1) on conflict do nothing", id)
	d.queue(batch, ids, lock)
	return d, tx.SendBatch(ctx, batch).Close()
}

// readTx reads the edit without asking for rights.
func readTx(ctx context.Context, tx pgx.Tx, id event.ID) (*desk, error) {
	d := &desk{event: id}
	batch := &pgx.Batch{}
	d.queue(batch, nil, false)
	return d, tx.SendBatch(ctx, batch).Close()
}

// queue asks for the edit before all else: what comes after sees what was committed while the lock was waited for.
func (d *desk) queue(batch *pgx.Batch, ids []string, lock bool) {
	query := editOf
	if lock {
		query = lockedEditOf
	}
	batch.Queue(query, d.event).QueryRow(d.readEdit)
	batch.Queue(assetsOf, d.event).Query(d.readSource)
	if len(ids) > 0 {
		batch.Queue(knownOf, d.event, ids).Query(d.readKnown)
	}
}

func (d *desk) readRights(row pgx.Row) error {
	var read, write bool
	if err := row.Scan(&read, &write, &d.now); err != nil {
		return err
	}
	switch {
	case write:
		return nil
	case read:
		return fault.Denied()
	}
	return fault.Gone()
}

func (d *desk) readEdit(row pgx.Row) error {
	d.state = State{}
	err := row.Scan(&d.rev, &d.state)
	d.there = err == nil
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

func (d *desk) readKnown(rows pgx.Rows) error {
	d.known = map[string]Rev{}
	var id string
	var rev Rev
	_, err := pgx.ForEachRow(rows, []any{&id, &rev}, func() error {
		d.known[id] = rev
		return nil
	})
	return err
}

// readSource makes the source of the originals. Subtitles do not make it longer.
func (d *desk) readSource(rows pgx.Rows) error {
	d.src = Source{Tracks: []SourceTrack{}, Pictures: []string{}}
	d.paths = map[string]string{}
	var t SourceTrack
	var kind, path string
	var raw []byte
	_, err := pgx.ForEachRow(rows, []any{&t.Asset, &t.Flavor, &kind, &t.Duration, &raw, &path}, func() error {
		if kind != "track" {
			d.src.Pictures = append(d.src.Pictures, t.Asset)
			return nil
		}
		var streams []event.Stream
		if err := json.Unmarshal(raw, &streams); err != nil {
			return err
		}
		track := trackOf(t, streams)
		if track.Text {
			d.paths[t.Asset] = path
		} else {
			d.src.Duration = max(d.src.Duration, track.Duration)
		}
		d.src.Tracks = append(d.src.Tracks, track)
		return nil
	})
	return err
}

func trackOf(t SourceTrack, streams []event.Stream) SourceTrack {
	t.Video, t.Audio, t.FrameRate = false, false, 0
	for _, s := range streams {
		switch s.Kind {
		case "video":
			t.Video = true
			t.FrameRate = max(t.FrameRate, s.FrameRate)
		case "audio":
			t.Audio = true
		}
	}
	t.Text = !t.Video && !t.Audio
	return t
}
