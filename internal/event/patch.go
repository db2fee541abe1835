package event

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// Change is what a merge patch says about one field: nothing (not Set), remove (Null), or Value.
type Change[T any] struct {
	Set   bool
	Null  bool
	Value T
}

// To is a change to a value.
func To[T any](value T) Change[T] { return Change[T]{Set: true, Value: value} }

// Removed is a change to nothing.
func Removed[T any]() Change[T] { return Change[T]{Set: true, Null: true} }

// apply gives the new value; nothing is T's zero value.
func (c Change[T]) apply(now T) T {
	if !c.Set {
		return now
	}
	return c.Value
}

// applyTo likewise for a field that may be absent.
func (c Change[T]) applyTo(now *T) *T {
	switch {
	case !c.Set:
		return now
	case c.Null:
		return nil
	}
	return &c.Value
}

// Patch changes the fields that it names and leaves the others (RFC 7396).
type Patch struct {
	Title         Change[string]
	Description   Change[string]
	Creators      Change[[]string]
	Language      Change[string]
	Series        Change[SeriesID]
	Owner         Change[string]
	StartTime     Change[time.Time]
	EndTime       Change[time.Time]
	ExtraMetadata Change[json.RawMessage] // a merge patch of its own; null removes all
	ACL           Change[[]ACLEntry]      // the whole list
	Confirm       bool                    // an ACL may take away one's own write
	Wrong         []fault.Field           // what the reader of the request found wrong; refused together with the rest
}

// Patch changes an event and returns it as it is then. ifMatch holds the ETags of an If-Match header, "" for any: when the
// present one is not among them, fault.Precondition carries the present event as Current. fault.Invalid names all wrong
// fields at once. Writing what is there already changes nothing.
func (s *Store) Patch(ctx context.Context, who user.Who, id ID, p Patch, ifMatch string) (Event, error) {
	var e Event
	changed := false
	err := s.tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		if err := LockTx(ctx, tx, who, id, ToWrite); err != nil {
			return err
		}
		now, err := FindTx(ctx, tx, who, id, ToWrite)
		if err != nil {
			return err
		}
		if err := matches(ifMatch, ETag(now), now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "select set_config('cutroom.who', $1, true)", who.User); err != nil {
			return err
		}
		if err := p.applyTx(ctx, tx, who, now); err != nil {
			return err
		}
		e, err = s.afterTx(ctx, tx, who, id)
		changed = !e.Modified.Equal(now.Modified)
		return err
	})
	if err != nil {
		return Event{}, refusal(err)
	}
	if changed {
		s.changed(who.Tenant, id)
	}
	return e, nil
}

// afterTx reads an event after a change that may have taken away the right to read it.
func (s *Store) afterTx(ctx context.Context, tx pgx.Tx, who user.Who, id ID) (Event, error) {
	e, err := FindTx(ctx, tx, who, id, ToRead)
	if fault.KindOf(err) == fault.NotFound {
		return madeTx(ctx, tx, who, id)
	}
	return e, err
}

func (p Patch) applyTx(ctx context.Context, tx pgx.Tx, who user.Who, now Event) error {
	next, w := p.on(now)
	named := p.Owner.Set && next.Owner != now.Owner
	var series *SeriesID
	if p.Series.Set && !p.Series.Null && (now.Series == nil || *now.Series != p.Series.Value) {
		series = next.Series
	}
	if err := checkNamed(ctx, tx, who, &w, next.Owner, named, series); err != nil {
		return err
	}
	if err := w.fault(); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		update event set title = $2, description = $3, creators = $4, language = $5, series_id = $6, owner = $7, start_time = $8, end_time = $9, extra_metadata = $10
		where id = $1`,
		now.ID, next.Title, next.Description, next.Creators, next.Language, next.Series, next.Owner, next.StartTime, next.EndTime, next.ExtraMetadata)
	if err != nil || !p.ACL.Set {
		return refusal(err)
	}
	return putACLTx(ctx, tx, who, now, p.ACL.Value, p.Confirm)
}

// on gives the event as the patch wants it, and what is wrong with it.
func (p Patch) on(now Event) (Event, wrong) {
	next := now
	next.Title = p.Title.apply(now.Title)
	next.Description = p.Description.apply(now.Description)
	next.Creators = emptyNotNil(p.Creators.apply(now.Creators))
	next.Language = p.Language.applyTo(now.Language)
	next.Series = p.Series.applyTo(now.Series)
	next.Owner = p.Owner.apply(now.Owner)
	next.StartTime = p.StartTime.applyTo(now.StartTime)
	next.EndTime = p.EndTime.applyTo(now.EndTime)
	next.ExtraMetadata = p.metadata(now.ExtraMetadata)
	w := wrong(p.Wrong)
	p.check(&w, next)
	return next, w
}

func (p Patch) metadata(now json.RawMessage) json.RawMessage {
	switch {
	case !p.ExtraMetadata.Set:
		return now
	case p.ExtraMetadata.Null:
		return json.RawMessage("{}")
	}
	merged := mergePatch(now, p.ExtraMetadata.Value)
	if sameJSON(merged, now) {
		return now
	}
	return merged
}

// check looks at the fields that the patch names.
func (p Patch) check(w *wrong, next Event) {
	if p.Title.Set {
		w.nonBlank("/title", next.Title)
	}
	if p.Description.Set {
		w.description("/description", next.Description)
	}
	if p.Creators.Set {
		w.names("/creators", next.Creators)
	}
	if p.Language.Set && !p.Language.Null {
		w.language("/language", p.Language.Value)
	}
	if p.Owner.Set {
		w.nonBlank("/owner", next.Owner)
	}
	if p.StartTime.Set || p.EndTime.Set {
		w.span(next.StartTime, next.EndTime)
	}
	if p.ExtraMetadata.Set && !p.ExtraMetadata.Null {
		before := len(*w)
		w.metadata("/extraMetadata", p.ExtraMetadata.Value)
		if len(*w) == before && len(next.ExtraMetadata) > maxMetadata {
			w.add("/extraMetadata", "ExtraMetadata", "May have at most 1 MB together.")
		}
	}
	if p.ACL.Set {
		w.acl("/acl", p.ACL.Value)
	}
}

// matches checks an If-Match header against the present ETag; current goes into the fault.
func matches(ifMatch, etag string, current any) error {
	if ifMatch == "" {
		return nil
	}
	for _, wanted := range strings.Split(ifMatch, ",") {
		if wanted = strings.TrimSpace(wanted); wanted == "*" || wanted == etag {
			return nil
		}
	}
	e := fault.New(fault.Precondition, "error.changed-meanwhile", "Somebody else has changed this meanwhile. The present value comes with this answer.")
	e.Current = current
	return e
}
