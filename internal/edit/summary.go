package edit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Summary is what lists show of an edit.
type Summary struct {
	Rev      Rev
	Duration int64 // ms of the source
	Kept     []Range
}

// Summaries gives the edits of those events that who may write; one that nobody has changed is left out.
func Summaries(ctx context.Context, db *tenant.DB, who user.Who, ids []event.ID) (map[event.ID]*Summary, error) {
	found := map[event.ID]*Summary{}
	err := db.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select d.event_id, d.rev, d.state, coalesce(max(a.duration), 0) as duration
			from edit d join event e on e.id = d.event_id and e.deleted_at is null
			left join asset a on a.event_id = d.event_id and a.source and a.kind = 'track'
			  and jsonb_path_exists(a.streams, '$[*] ? (@.kind == "video" || @.kind == "audio")')
			where d.event_id = any($1) and d.rev > 0
			  and ($3 or exists (select 1 from event_acl w where w.event_id = d.event_id and w.role = any($2) and w.action = 'write'))
			group by d.event_id`, ids, who.Roles, who.Admin())
		if err != nil {
			return err
		}
		var id event.ID
		var st State
		var sum Summary
		_, err = pgx.ForEachRow(rows, []any{&id, &sum.Rev, &st, &sum.Duration}, func() error {
			found[id] = &Summary{sum.Rev, sum.Duration, Kept(Source{Duration: sum.Duration}, st)}
			st = State{}
			return nil
		})
		return err
	})
	return found, err
}

// Revs gives the present revs of edits, without asking for rights: for who compares them with what they have. Events whose
// edit nobody has changed are left out.
func (s *Store) Revs(ctx context.Context, who user.Who, ids []event.ID) (map[event.ID]Rev, error) {
	found := map[event.ID]Rev{}
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select event_id, rev from edit where event_id = any($1) and rev > 0", ids)
		if err != nil {
			return err
		}
		var id event.ID
		var rev Rev
		_, err = pgx.ForEachRow(rows, []any{&id, &rev}, func() error {
			found[id] = rev
			return nil
		})
		return err
	})
	return found, err
}
