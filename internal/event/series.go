package event

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// seriesColumns are the columns of Series in their order, without MayWrite.
const seriesColumns = `e.id, e.title, e.description, e.creators, e.language, e.extra_metadata, e.created_by, e.created, e.modified`

// Who may write or read a series: $1 admin, $2 roles, $3 user name. Its creator may do both.
const (
	mayWriteSeries = `($1 or e.created_by = $3 or exists (select 1 from series_acl w where w.series_id = e.id and w.role = any($2) and w.action = 'write'))`
	mayReadSeries  = `($1 or e.created_by = $3 or exists (select 1 from series_acl r where r.series_id = e.id and r.role = any($2) and r.action in ('read', 'write')))`
)

var seriesSorts = map[string]order{
	"created": {"e.created", "timestamptz"}, "modified": {"e.modified", "timestamptz"}, "title": {`lower(e.title) collate "C"`, `text collate "C"`},
}

// SeriesPage is a part of the list of series. Next is "" on the last page.
type SeriesPage struct {
	Items []Series
	Next  string
}

// seriesRightTx checks a right on a series, as RightTx does for events.
func seriesRightTx(ctx context.Context, tx pgx.Tx, who user.Who, id SeriesID, right Right) error {
	if !labelForm.MatchString(string(id)) {
		return fault.Gone()
	}
	var write bool
	err := tx.QueryRow(ctx, `select `+mayWriteSeries+` from series e where e.id = $4 and `+mayReadSeries, who.Admin(), who.Roles, who.User, id).Scan(&write)
	return judge(write, err, right)
}

// FindSeries gives one series to somebody who has the right.
func (s *Store) FindSeries(ctx context.Context, who user.Who, id SeriesID, right Right) (Series, error) {
	var found Series
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) (err error) {
		found, err = findSeriesTx(ctx, tx, who, id, right)
		return err
	})
	return found, err
}

func findSeriesTx(ctx context.Context, tx pgx.Tx, who user.Who, id SeriesID, right Right) (Series, error) {
	if !labelForm.MatchString(string(id)) {
		return Series{}, fault.Gone()
	}
	found, err := selectSeries(ctx, tx, `select `+seriesColumns+`, `+mayWriteSeries+` from series e where e.id = $4 and `+mayReadSeries,
		who.Admin(), who.Roles, who.User, id)
	if err != nil {
		return Series{}, err
	}
	if len(found) == 0 {
		return Series{}, fault.Gone()
	}
	if right == ToWrite && !found[0].MayWrite {
		return Series{}, fault.Denied()
	}
	return found[0], nil
}

// ListSeries gives a page of the series that who may read; Q, Sort (created, modified, title), Limit and Cursor count.
func (s *Store) ListSeries(ctx context.Context, who user.Who, q Query) (SeriesPage, error) {
	limit, err := limitOf(q.Limit)
	if err != nil {
		return SeriesPage{}, err
	}
	sort, err := sortOf(q.Sort, "title", seriesSorts)
	if err != nil {
		return SeriesPage{}, err
	}
	where := &conditions{parts: []string{mayReadSeries}, args: []any{who.Admin(), who.Roles, who.User}}
	if words := Words(q.Q); len(words) > 0 {
		where.add("to_tsvector('simple', e.title || ' ' || array_to_string(e.creators, ' ') || ' ' || e.description) @@ to_tsquery('simple', %s)",
			where.arg(strings.Join(words, ":* & ")+":*"))
	}
	if err := sort.after(where, q.Cursor); err != nil {
		return SeriesPage{}, err
	}
	query := `select ` + seriesColumns + `, ` + mayWriteSeries + ` from series e where ` + where.sql() + sort.orderBy() + fmt.Sprintf(" limit %d", limit+1)
	var page SeriesPage
	err = s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) (err error) {
		page.Items, err = selectSeries(ctx, tx, query, where.args...)
		if err == nil && len(page.Items) > limit {
			page.Items = page.Items[:limit]
			page.Next, err = sort.cursor(ctx, tx, "series", string(page.Items[limit-1].ID))
		}
		return err
	})
	return page, err
}

// selectSeries runs a query for series and fills in their ACLs.
func selectSeries(ctx context.Context, tx pgx.Tx, query string, args ...any) ([]Series, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, refusal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Series])
	if err != nil {
		return nil, refusal(err)
	}
	ids, at := make([]SeriesID, len(found)), map[SeriesID]*Series{}
	for i := range found {
		ids[i], at[found[i].ID], found[i].ACL = found[i].ID, &found[i], []ACLEntry{}
	}
	rows, err = tx.Query(ctx, `select series_id, role, action from series_acl where series_id = any($1) order by role collate "C", action collate "C"`, ids)
	if err != nil {
		return nil, err
	}
	var id SeriesID
	var entry ACLEntry
	_, err = pgx.ForEachRow(rows, []any{&id, &entry.Role, &entry.Action}, func() error {
		at[id].ACL = append(at[id].ACL, entry)
		return nil
	})
	return found, err
}

// DeleteSeries deletes a series. In the same transaction its events, those in the bin too, lose it; their own ACLs stay.
func (s *Store) DeleteSeries(ctx context.Context, who user.Who, id SeriesID) error {
	var touched []ID
	err := s.tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		if err := lockSeries(ctx, tx, who, id); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, "update event set series_id = null where series_id = $1 returning id", id)
		if err != nil {
			return err
		}
		if touched, err = pgx.CollectRows(rows, pgx.RowTo[ID]); err != nil {
			return err
		}
		var title string
		if err := tx.QueryRow(ctx, "delete from series where id = $1 returning title", id).Scan(&title); err != nil {
			return err
		}
		return user.AuditTx(ctx, tx, who, "series.delete", string(id), map[string]any{"title": title, "recordings": len(touched)})
	})
	if err != nil {
		return err
	}
	s.changed(who.Tenant, touched...)
	s.changedSeries(who.Tenant, id)
	return nil
}

// lockSeries holds a series' row, against new events in it too, and checks the right to write.
func lockSeries(ctx context.Context, tx pgx.Tx, who user.Who, id SeriesID) error {
	if !labelForm.MatchString(string(id)) {
		return fault.Gone()
	}
	if _, err := tx.Exec(ctx, "select 1 from series where id = $1 for update", id); err != nil {
		return refusal(err)
	}
	return seriesRightTx(ctx, tx, who, id, ToWrite)
}
