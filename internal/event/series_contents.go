package event

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/user"
)

// Contents is what somebody finds in a series.
type Contents struct {
	Events  int    // at most Counted
	Picture *Asset // of the newest event that has one: id, event, flavor, type and path; nil: none has
}

// seriesContents counts the events seen in each series and picks a picture: of the newest, the public one first.
const seriesContents = `
	pictures as (
		select distinct on (s.series_id) s.series_id, a.id, a.event_id, a.flavor, a.mime_type, a.path
		from seen s join asset a on a.event_id = s.id and a.flavor = 'oc/thumbnail' and (not a.internal or s.may_write)
		order by s.series_id, s.created desc, s.id desc, a.internal, a.id)
	select c.series_id, c.events, p.id, coalesce(p.event_id, ''), coalesce(p.flavor, ''), coalesce(p.mime_type, ''), coalesce(p.path, '')
	from (select series_id, least(count(*), $4) as events from seen group by series_id) c left join pictures p using (series_id)`

// Contents tells what who finds in each of some series, in one query; a series in which who finds nothing is left out.
func (s *Store) Contents(ctx context.Context, who user.Who, series []SeriesID) (map[SeriesID]Contents, error) {
	where, err := Query{}.where(who)
	if err != nil {
		return nil, err
	}
	where.add("e.series_id = any(%s)", where.arg(series))
	where.arg(Counted)
	query := `with seen as (select e.id, e.series_id, e.created, ` + mayWrite + ` as may_write from event e where ` + where.sql() + `),` + seriesContents
	found := map[SeriesID]Contents{}
	err = s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, query, where.args...)
		if err != nil {
			return err
		}
		var id SeriesID
		var n int
		var picture *AssetID
		var a Asset
		_, err = pgx.ForEachRow(rows, []any{&id, &n, &picture, &a.EventID, &a.Flavor, &a.MimeType, &a.Path}, func() error {
			one := Contents{Events: n}
			if picture != nil {
				shown := a
				shown.ID, one.Picture = *picture, &shown
			}
			found[id] = one
			return nil
		})
		return err
	})
	return found, err
}
