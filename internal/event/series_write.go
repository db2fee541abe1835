package event

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// SeriesDraft is a series that is to be made.
type SeriesDraft struct {
	ID            SeriesID // a new one when empty
	Title         string
	Description   string
	Creators      []string
	Language      *string
	ExtraMetadata json.RawMessage
	ACL           []ACLEntry    // nil: the creator's own role with read and write
	Wrong         []fault.Field // what the reader of the request found wrong; refused together with the rest
}

// SeriesPatch changes the fields that it names.
type SeriesPatch struct {
	Title         Change[string]
	Description   Change[string]
	Creators      Change[[]string]
	Language      Change[string]
	ExtraMetadata Change[json.RawMessage]
	ACL           Change[[]ACLEntry]
	Confirm       bool // an ACL may take away one's own write
	Wrong         []fault.Field
}

// CreateSeries makes a series; faults as Create.
func (s *Store) CreateSeries(ctx context.Context, who user.Who, d SeriesDraft) (Series, error) {
	if !who.MayCreate() {
		return Series{}, fault.Denied()
	}
	as := Draft{ID: ID(d.ID), Title: d.Title, Description: d.Description, Creators: d.Creators, Language: d.Language, ExtraMetadata: d.ExtraMetadata, ACL: d.ACL}
	as.fill(who)
	w := wrong(d.Wrong)
	as.check(&w)
	if err := w.fault(); err != nil {
		return Series{}, err
	}
	if as.ACL == nil {
		as.ACL = ownACL(who)
	}
	var made Series
	err := s.tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into series (id, title, description, creators, language, extra_metadata, created_by) values ($1, $2, $3, $4, $5, $6, $7)`,
			as.ID, as.Title, as.Description, as.Creators, as.Language, withoutNulls(as.ExtraMetadata), who.User)
		if err != nil {
			return err
		}
		if err := addSeriesACL(ctx, tx, SeriesID(as.ID), as.ACL); err != nil {
			return err
		}
		made, err = findSeriesTx(ctx, tx, who, SeriesID(as.ID), ToRead)
		return err
	})
	return made, refusal(err)
}

// PatchSeries changes a series; its events stay as they are. ifMatch and faults as Patch. Its creator may always write it, so
// that only others can lock themselves out.
func (s *Store) PatchSeries(ctx context.Context, who user.Who, id SeriesID, p SeriesPatch, ifMatch string) (Series, error) {
	var found Series
	err := s.tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		if err := lockSeries(ctx, tx, who, id); err != nil {
			return err
		}
		now, err := findSeriesTx(ctx, tx, who, id, ToWrite)
		if err != nil {
			return err
		}
		if err := matches(ifMatch, now.ETag(), now); err != nil {
			return err
		}
		if err := p.applyTx(ctx, tx, who, now); err != nil {
			return err
		}
		all := who
		all.Role = "admin"
		found, err = findSeriesTx(ctx, tx, all, id, ToRead)
		return err
	})
	if err != nil {
		return found, refusal(err)
	}
	s.changedSeries(who.Tenant, id)
	return found, nil
}

func (p SeriesPatch) applyTx(ctx context.Context, tx pgx.Tx, who user.Who, now Series) error {
	as := Patch{Title: p.Title, Description: p.Description, Creators: p.Creators, Language: p.Language, ExtraMetadata: p.ExtraMetadata, ACL: p.ACL, Wrong: p.Wrong}
	next, w := as.on(Event{Title: now.Title, Description: now.Description, Creators: now.Creators, Language: now.Language, ExtraMetadata: now.ExtraMetadata})
	if err := w.fault(); err != nil {
		return err
	}
	if p.ACL.Set && !p.Confirm && !who.Admin() && now.CreatedBy != who.User && !writes(who, p.ACL.Value) {
		return lockedOut()
	}
	_, err := tx.Exec(ctx, "update series set title = $2, description = $3, creators = $4, language = $5, extra_metadata = $6 where id = $1",
		now.ID, next.Title, next.Description, next.Creators, next.Language, next.ExtraMetadata)
	if err != nil || !p.ACL.Set {
		return err
	}
	roles, actions := split(p.ACL.Value)
	_, err = tx.Exec(ctx, `delete from series_acl where series_id = $1
		and not exists (select 1 from unnest($2::text[], $3::text[]) as wanted(r, a) where r = role and a = action)`, now.ID, roles, actions)
	if err != nil {
		return err
	}
	if err := addSeriesACL(ctx, tx, now.ID, p.ACL.Value); err != nil {
		return err
	}
	return auditACLTx(ctx, tx, who, ofSeries, string(now.ID), now.Title, now.ACL, p.ACL.Value)
}

func addSeriesACL(ctx context.Context, tx pgx.Tx, id SeriesID, acl []ACLEntry) error {
	roles, actions := split(acl)
	_, err := tx.Exec(ctx, `insert into series_acl (series_id, role, action)
		select $1, r, a from unnest($2::text[], $3::text[]) as wanted(r, a) on conflict do nothing`, id, roles, actions)
	return err
}
