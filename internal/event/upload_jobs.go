package event

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/user"
)

// Job is a file that is being taken in or was refused, as the list of jobs shows it.
type Job struct {
	ID         UploadID
	EventID    ID
	Title      string // of the event
	By         string // display name of who sent the file
	Node       string // where it is taken in; "" while it waits
	Attempt    int
	Progress   float64    // 0 to 1
	FinishedAt *time.Time // the last byte was in
	EndedAt    *time.Time // it was refused
	Error      *string
}

// State is the job's in the words of runs: queued, running, failed.
func (j Job) State() string {
	switch {
	case j.EndedAt != nil:
		return "failed"
	case j.Node == "":
		return "queued"
	}
	return "running"
}

// jobsShown is how many files that come in the list of jobs shows.
const jobsShown = 50

// Open lists files whose last byte is in and that are no assets yet, newest first, of events that who may write. text is
// looked for in title, person and node.
func (s *Uploads) Open(ctx context.Context, who user.Who, text string) ([]Job, error) {
	var all []Job
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select u.id, e.id, e.title, coalesce(p.display_name, u.created_by), coalesce(u.node, ''), u.attempt, u.progress,
			u.finished_at, u.ended_at, u.error
			from upload u join event e on e.id = u.event_id left join person p on p.name = u.created_by
			where u.finished_at is not null and (u.ended_at is null or u.error is not null) and e.deleted_at is null and `+mayWrite+`
			and ($3 = '' or position(lower($3) in lower(e.title || ' ' || coalesce(p.display_name, u.created_by) || ' ' || coalesce(u.node, ''))) > 0)
			order by u.finished_at desc limit $4`, who.Admin(), who.Roles, text, jobsShown)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Job])
		return err
	})
	return all, err
}
