package event

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// Draft is an event that is to be made.
type Draft struct {
	ID            ID // a new one when empty
	Title         string
	Description   string
	Creators      []string
	Language      *string
	Series        *SeriesID
	Owner         string // who makes it when empty
	StartTime     *time.Time
	EndTime       *time.Time
	ExtraMetadata json.RawMessage // absent: {}
	ACL           []ACLEntry      // nil: the series' ACL, else the creator's own role with read and write
	State         State           // empty when ""
	Confirm       bool            // an ACL may leave who makes it without write
	ImportReport  []Finding       // what import repaired
	Wrong         []fault.Field   // what the reader of the request found wrong; refused together with the rest
}

// Create makes an event. fault.Invalid names all wrong fields at once, fault.Conflict a taken id; fault.Denied when who may
// not make events.
func (s *Store) Create(ctx context.Context, who user.Who, d Draft) (Event, error) {
	var e Event
	err := s.tx(ctx, who.Tenant, func(tx pgx.Tx) (err error) {
		e, err = CreateTx(ctx, tx, who, d)
		return err
	})
	if err != nil {
		return Event{}, err
	}
	s.changed(who.Tenant, e.ID)
	return e, nil
}

// CreateTx is Create in the caller's transaction; the caller tells the bus.
func CreateTx(ctx context.Context, tx pgx.Tx, who user.Who, d Draft) (Event, error) {
	if !who.MayCreate() {
		return Event{}, fault.Denied()
	}
	d.fill(who)
	w := wrong(d.Wrong)
	d.check(&w)
	if err := checkNamed(ctx, tx, who, &w, d.Owner, d.Owner != who.User, d.Series); err != nil {
		return Event{}, err
	}
	if err := w.fault(); err != nil {
		return Event{}, err
	}
	if d.ACL == nil {
		acl, err := firstACL(ctx, tx, who, d.Series)
		if err != nil {
			return Event{}, err
		}
		d.ACL = acl
	} else if !d.Confirm && !who.Admin() && !writes(who, d.ACL) {
		return Event{}, lockedOut()
	}
	if err := d.insert(ctx, tx, who); err != nil {
		return Event{}, refusal(err)
	}
	return madeTx(ctx, tx, who, d.ID)
}

func (d *Draft) fill(who user.Who) {
	if d.ID == "" {
		d.ID = ID(newID())
	}
	if d.Owner == "" {
		d.Owner = who.User
	}
	if d.State == "" {
		d.State = Empty
	}
	if d.ImportReport == nil {
		d.ImportReport = []Finding{}
	}
	d.Creators = emptyNotNil(d.Creators)
}

// check adds what is wrong with the fields, those left out that the reader of the request named already.
func (d *Draft) check(w *wrong) {
	var own wrong
	own.label("/id", string(d.ID))
	own.nonBlank("/title", d.Title)
	own.description("/description", d.Description)
	own.names("/creators", d.Creators)
	if d.Language != nil {
		own.language("/language", *d.Language)
	}
	own.nonBlank("/owner", d.Owner)
	own.span(d.StartTime, d.EndTime)
	own.metadata("/extraMetadata", d.ExtraMetadata)
	own.acl("/acl", d.ACL)
	for _, f := range own {
		if !slices.ContainsFunc(*w, func(known fault.Field) bool { return known.Path == f.Path }) {
			*w = append(*w, f)
		}
	}
}

func (d *Draft) insert(ctx context.Context, tx pgx.Tx, who user.Who) error {
	_, err := tx.Exec(ctx, `
		insert into event (id, title, description, creators, language, series_id, owner, created_by, start_time, end_time, state, error, extra_metadata, import_report)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		d.ID, d.Title, d.Description, d.Creators, d.Language, d.Series, d.Owner, who.User, d.StartTime, d.EndTime, d.State, nil,
		withoutNulls(d.ExtraMetadata), d.ImportReport)
	if err != nil {
		return err
	}
	return addACL(ctx, tx, d.ID, d.ACL)
}

// madeTx reads an event that was just made, whoever may read it by its ACL: its maker sees what was made.
func madeTx(ctx context.Context, tx pgx.Tx, who user.Who, id ID) (Event, error) {
	maker := who
	maker.Role = "admin"
	return FindTx(ctx, tx, maker, id, ToRead)
}

// checkNamed looks up what a request names: the owner has to be a person, the series one that who may read.
func checkNamed(ctx context.Context, tx pgx.Tx, who user.Who, w *wrong, owner string, named bool, series *SeriesID) error {
	if named && cleanText(owner) {
		var there bool
		if err := tx.QueryRow(ctx, "select exists (select 1 from person where name = $1)", owner).Scan(&there); err != nil {
			return refusal(err)
		}
		if !there && !slices.ContainsFunc(*w, func(f fault.Field) bool { return f.Path == "/owner" }) {
			w.add("/owner", "ExistingPerson", "There is nobody of this name.")
		}
	}
	if series == nil {
		return nil
	}
	err := seriesRightTx(ctx, tx, who, *series, ToRead)
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	w.add("/series", "ExistingSeries", "There is no such series.")
	return nil
}

// firstACL is the ACL of a new event: its series', else the own role of who makes it. Nobody is locked out of what he
// makes: where the series' ACL gives him no write, his own role is added.
func firstACL(ctx context.Context, tx pgx.Tx, who user.Who, series *SeriesID) ([]ACLEntry, error) {
	own := ownACL(who)
	if series == nil {
		return own, nil
	}
	rows, err := tx.Query(ctx, "select role, action from series_acl where series_id = $1", *series)
	if err != nil {
		return nil, err
	}
	acl, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ACLEntry])
	if err != nil {
		return nil, err
	}
	if len(acl) == 0 {
		return own, nil
	}
	if !who.Admin() && !writes(who, acl) {
		for _, e := range own {
			if !slices.Contains(acl, e) {
				acl = append(acl, e)
			}
		}
	}
	return acl, nil
}

func ownACL(who user.Who) []ACLEntry {
	role := user.OwnRole(who.User)
	return []ACLEntry{{role, "read"}, {role, "write"}}
}

// writes says whether an ACL lets somebody write.
func writes(who user.Who, acl []ACLEntry) bool {
	return slices.ContainsFunc(acl, func(e ACLEntry) bool { return e.Action == "write" && who.Has(e.Role) })
}
