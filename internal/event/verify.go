package event

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/storage"
	"cutroom/internal/tenant"
)

// Violation is a broken promise.
type Violation struct {
	Event   ID
	Asset   AssetID // "" when it is not about one
	Promise string  // what should hold
	Found   string  // what is there instead
}

// String is the line that verify prints.
func (v Violation) String() string {
	if v.Asset == "" {
		return fmt.Sprintf("event %s: %s: %s", v.Event, v.Promise, v.Found)
	}
	return fmt.Sprintf("event %s asset %s: %s: %s", v.Event, v.Asset, v.Promise, v.Found)
}

// promises are the properties of rows, each as a query that gives those that break it: event, asset, what was found. The
// schema refuses such rows; verify looks again, also at what a superuser or a broken disk did.
var promises = []struct{ says, sql string }{
	{"a public track is as long as its event", `select a.event_id, a.id, a.duration || ' ms instead of ' || coalesce(e.duration::text, 'none')
		from asset a join event e on e.id = a.event_id where a.kind = 'track' and not a.internal and a.duration is distinct from e.duration`},
	{"a public track has at most one picture", `select event_id, id, 'more than one video stream' from asset
		where not internal and jsonb_array_length(jsonb_path_query_array(streams, '$[*] ? (@.kind == "video")')) > 1`},
	{"the title is not blank", `select id, '', 'blank' from event where not all_nonblank(array[title::text])`},
	{"creators are not blank", `select id, '', 'blank' from event where not all_nonblank(creators)`},
	{"the end is not before the start", `select id, '', 'ends before it starts' from event where end_time < start_time`},
	{"modified is not before created", `select id, '', 'modified ' || modified || ' is before created ' || created from event where modified < created`},
	{"an event is ready only with an original", `select id, '', 'ready without original' from event e where state = 'ready'
		and not exists (select 1 from asset a where a.event_id = e.id and a.source)`},
	{"a published event has public tracks", `select id, '', 'no public track' from event e where published_rev is not null
		and not exists (select 1 from asset a where a.event_id = e.id and a.kind = 'track' and not a.internal)`},
	{"every change has its rev, without gaps", `select e.event_id, '', 'rev ' || e.rev || ', ' || count(o.rev) || ' changes, last ' || coalesce(max(o.rev), 0)
		from edit e left join edit_op o on o.event_id = e.event_id group by e.event_id, e.rev having count(o.rev) <> e.rev or coalesce(max(o.rev), 0) <> e.rev`},
	{"one run of an event at a time", `select event_id, '', count(*) || ' active runs' from run where state in ('dispatched', 'running') group by event_id having count(*) > 1`},
}

// Verify re-checks every promise of a tenant's rows and, with withFiles, that each asset's file is there with its size and
// checksum. found is called for each violation.
func Verify(ctx context.Context, db *tenant.DB, files storage.Store, t tenant.ID, withFiles bool, found func(Violation)) error {
	for _, p := range promises {
		err := db.Read(ctx, t, func(tx pgx.Tx) error {
			rows, err := tx.Query(ctx, p.sql)
			if err != nil {
				return err
			}
			var v Violation
			_, err = pgx.ForEachRow(rows, []any{&v.Event, &v.Asset, &v.Found}, func() error {
				v.Promise = p.says
				found(v)
				return nil
			})
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", p.says, err)
		}
	}
	if !withFiles {
		return nil
	}
	return verifyFiles(ctx, db, files, t, found)
}

func verifyFiles(ctx context.Context, db *tenant.DB, files storage.Store, t tenant.ID, found func(Violation)) error {
	var after AssetID
	for {
		var page []Asset
		err := db.Read(ctx, t, func(tx pgx.Tx) error {
			rows, err := tx.Query(ctx, "select "+assetColumns+" from asset where id > $1 order by id limit 200", after)
			if err != nil {
				return err
			}
			page, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Asset])
			return err
		})
		if err != nil || len(page) == 0 {
			return err
		}
		for _, a := range page {
			what, err := fileFault(ctx, files, t, a)
			if err != nil {
				return err
			}
			if what != "" {
				still, err := stillThere(ctx, db, t, a)
				if err != nil {
					return err
				}
				if still {
					found(Violation{Event: a.EventID, Asset: a.ID, Promise: "the file is the one that was stored", Found: what})
				}
			}
		}
		after = page[len(page)-1].ID
	}
}

// stillThere tells a broken file from one whose asset was deleted while we looked.
func stillThere(ctx context.Context, db *tenant.DB, t tenant.ID, a Asset) (bool, error) {
	var there bool
	err := db.Read(ctx, t, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select exists (select 1 from asset where id = $1)", a.ID).Scan(&there)
	})
	return there, err
}

// fileFault says what is wrong with an asset's file; "" when nothing is.
func fileFault(ctx context.Context, files storage.Store, t tenant.ID, a Asset) (string, error) {
	f, err := files.Open(ctx, string(t), a.Path)
	if fault.KindOf(err) == fault.NotFound {
		return "the file is gone", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	if f.Size() != a.Size {
		return fmt.Sprintf("%d bytes instead of %d", f.Size(), a.Size), nil
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "cannot be read", nil
	}
	if sum := "sha256:" + hex.EncodeToString(hash.Sum(nil)); sum != a.Checksum {
		return "the checksum is another one", nil
	}
	return "", nil
}
