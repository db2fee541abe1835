package event

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/storage"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// MaxUpload is the largest file that is taken, in bytes.
const MaxUpload = 256 << 30

// Inserter enqueues a job in the transaction of the row that it is for; a river client does.
type Inserter interface {
	InsertTx(ctx context.Context, tx pgx.Tx, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
}

// Uploads takes files in: received piece by piece on any node, then made into assets by a job.
type Uploads struct {
	DB    *tenant.DB
	Bus   live.Publisher
	Files storage.Store
	Jobs  Inserter
	Node  string
}

// UploadID names an upload; it becomes the id of the asset that is made of it.
type UploadID string

// Upload is a file on its way in.
type Upload struct {
	ID         UploadID
	EventID    ID
	Flavor     string
	Filename   string
	Tags       []string
	Language   *string
	Size       int64 // bytes that will come
	Received   int64 // bytes that are safe
	CreatedBy  string
	FinishedAt *time.Time // the last byte is in
	Attempt    int
	Progress   float64 // of taking it in, 0 to 1
	Error      *string // why it was refused
	EndedAt    *time.Time
}

const uploadColumns = "id, event_id, flavor, filename, tags, language, size, received, created_by, finished_at, attempt, progress, error, ended_at"

// NewUpload says what is to come.
type NewUpload struct {
	Event    ID     // existing event to add to; "" makes a new one
	NewID    ID     // id of the new event; "" generates one
	Title    string // of the new event; "" takes the file's name
	Series   SeriesID
	ACL      []ACLEntry // of a new event without series; nil: as for every new event
	Flavor   string     // type/subtype; "" is presentation/source for a new event, else the first free of presentation, presenter
	Filename string
	Tags     []string
	Language string
	Size     int64    // bytes
	ID       UploadID // "" generates one
	received int64    // bytes that are there already
}

// path is where the bytes wait until they become an asset.
func (u Upload) path() string { return "uploads/" + string(u.ID) }

// Start makes the upload's row, and the event if it is a new one: it is there at once, empty until the last byte is in.
func (s *Uploads) Start(ctx context.Context, who user.Who, n NewUpload) (Upload, error) {
	if err := n.check(); err != nil {
		return Upload{}, err
	}
	u := Upload{ID: n.ID, Flavor: n.Flavor, Filename: n.Filename, Tags: n.Tags, Size: n.Size, Received: n.received, CreatedBy: who.User}
	if u.ID == "" {
		u.ID = UploadID(newID())
	}
	err := s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		var err error
		if u.EventID, err = n.eventTx(ctx, tx, who); err != nil {
			return err
		}
		if u.Flavor == "" {
			if u.Flavor, err = freeFlavor(ctx, tx, u.EventID, n.Filename); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `insert into upload (id, event_id, flavor, filename, tags, language, size, received, created_by, created)
			values ($1, $2, $3, $4, $5, nullif($6, ''), $7, $8, $9, case when $10 then (select modified from event where id = $2) else now() end)`,
			u.ID, u.EventID, u.Flavor, u.Filename, emptyNotNil(u.Tags), n.Language, u.Size, u.Received, who.User, n.Event == "")
		return err
	})
	if err != nil {
		return Upload{}, err
	}
	s.Bus.Publish(Notice(who.Tenant, u.EventID))
	return u, nil
}

// check names every wrong field of a new upload.
func (n *NewUpload) check() error {
	var wrong []fault.Field
	n.Filename = strings.TrimSpace(n.Filename)
	if n.Filename == "" && n.Event == "" && n.Title == "" {
		wrong = append(wrong, fault.Field{Path: "/filename", Rule: "NonBlankString", Message: "Say the file's name."})
	}
	if n.Filename == "" {
		n.Filename = "file"
	}
	if len(n.Filename) > 1024 {
		wrong = append(wrong, fault.Field{Path: "/filename", Rule: "NonBlankString", Message: "The file's name is longer than 1,024 bytes."})
	}
	if n.Flavor != "" && !ValidFlavor(n.Flavor) {
		wrong = append(wrong, fault.Field{Path: "/flavor", Rule: "Flavor", Message: "A flavor looks like presenter/source."})
	}
	if n.Size < 0 || n.Size > MaxUpload {
		wrong = append(wrong, fault.Field{Path: "/size", Rule: "UploadSize", Message: "A file may have up to 256 GiB."})
	}
	if n.Language != "" && !ValidLanguage(n.Language) {
		wrong = append(wrong, fault.Field{Path: "/language", Rule: "LangCode", Message: "Write a language like en or en-US."})
	}
	if len(wrong) > 0 {
		return fault.New(fault.Invalid, "error.upload", "The upload cannot be taken like this.").WithFields(wrong...)
	}
	return nil
}

// eventTx finds the event to add to, for writing, or makes the new one.
func (n NewUpload) eventTx(ctx context.Context, tx pgx.Tx, who user.Who) (ID, error) {
	if n.Event != "" {
		return n.Event, RightTx(ctx, tx, who, n.Event, ToWrite)
	}
	title := n.Title // blank ones are refused
	if title == "" {
		title = titleFromName(n.Filename)
	}
	d := Draft{ID: n.NewID, Title: title, ACL: n.ACL}
	if n.Series != "" {
		d.Series, d.ACL = &n.Series, nil
	}
	e, err := CreateTx(ctx, tx, who, d)
	return e.ID, err
}

// titleFromName makes a title of a file name: without its ending, _ as spaces.
func titleFromName(name string) string {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		name = name[i+1:]
	}
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	title := strings.TrimSpace(strings.ReplaceAll(name, "_", " "))
	if title == "" {
		return "Recording"
	}
	return title
}

// freeFlavor is the first of presentation, presenter, then numbered ones, that no original of the event has.
func freeFlavor(ctx context.Context, tx pgx.Tx, id ID, filename string) (string, error) {
	if isSubtitleName(filename) {
		return "captions/source", nil
	}
	rows, err := tx.Query(ctx, `select flavor from asset where event_id = $1 and source
		union select flavor from upload where event_id = $1 and ended_at is null`, id)
	if err != nil {
		return "", err
	}
	taken, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", err
	}
	for _, f := range []string{"presentation/source", "presenter/source", "presentation-2/source", "presenter-2/source"} {
		free := true
		for _, t := range taken {
			free = free && t != f
		}
		if free {
			return f, nil
		}
	}
	return "other/source", nil
}

func isSubtitleName(name string) bool {
	low := strings.ToLower(name)
	return strings.HasSuffix(low, ".vtt") || strings.HasSuffix(low, ".srt")
}

// Find gives an upload to those who may write its event.
func (s *Uploads) Find(ctx context.Context, who user.Who, id UploadID) (Upload, error) {
	var u Upload
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		var err error
		if u, err = findUploadTx(ctx, tx, id); err != nil {
			return err
		}
		return RightTx(ctx, tx, who, u.EventID, ToWrite)
	})
	return u, err
}

func findUploadTx(ctx context.Context, tx pgx.Tx, id UploadID) (Upload, error) {
	rows, err := tx.Query(ctx, "select "+uploadColumns+" from upload where id = $1", id)
	if err != nil {
		return Upload{}, err
	}
	u, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Upload])
	if errors.Is(err, pgx.ErrNoRows) {
		return Upload{}, fault.Gone()
	}
	return u, err
}

// Of lists the uploads of an event that are not assets yet, refused ones included, oldest first.
func (s *Uploads) Of(ctx context.Context, who user.Who, id ID) ([]Upload, error) {
	var all []Upload
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		if err := RightTx(ctx, tx, who, id, ToWrite); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, "select "+uploadColumns+" from upload where event_id = $1 and (ended_at is null or error is not null) order by created, id", id)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Upload])
		return err
	})
	return all, err
}

// Progress tells how far files that come in are, 0 to 1, for each of these events that who may write and that has any.
func (s *Uploads) Progress(ctx context.Context, who user.Who, ids []ID) (map[ID]float64, error) {
	found := map[ID]float64{}
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select e.id, min(u.progress) from upload u join event e on e.id = u.event_id
			where e.id = any($3) and u.finished_at is not null and u.ended_at is null and e.deleted_at is null and `+mayWrite+` group by e.id`,
			who.Admin(), who.Roles, ids)
		if err != nil {
			return err
		}
		var id ID
		var progress float64
		_, err = pgx.ForEachRow(rows, []any{&id, &progress}, func() error { found[id] = progress; return nil })
		return err
	})
	return found, err
}
