package lti

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"cutroom/internal/tenant"
)

// QueueMembers is River's queue of lists of members.
const QueueMembers = "members"

// Members of a course are asked for again after membersEvery; a job ends after MembersTime, and is tried membersTries times.
const (
	membersEvery = 10 * time.Minute
	MembersTime  = 5 * time.Minute
	membersTries = 6
)

// Inserter enqueues a job in the transaction of what it is for; a river client does.
type Inserter interface {
	InsertTx(ctx context.Context, tx pgx.Tx, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
}

// MembersArgs is the job that makes the people of a course known: one for each course at a time.
type MembersArgs struct {
	Tenant   tenant.ID  `json:"tenant" river:"unique"`
	Platform PlatformID `json:"platform" river:"unique"`
	Course   string     `json:"course" river:"unique"`
}

// Kind names the job.
func (MembersArgs) Kind() string { return "course_members" }

// wantMembersTx lets a worker ask for the people of a course, in the transaction of a launch of somebody who teaches it, when they
// are not known or that is some time ago.
func (s *Store) wantMembersTx(ctx context.Context, tx pgx.Tx, t tenant.ID, l Launch) error {
	if s.Jobs == nil || !l.Teaches || l.Context == "" || l.MembersURL == "" || l.Platform.TokenURL == "" {
		return nil
	}
	var due bool
	err := tx.QueryRow(ctx, "select coalesce(synced_at < now() - $3::interval, true) from lti_course where platform_id = $1 and context = $2",
		string(l.Platform.ID), l.Context, membersEvery).Scan(&due)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !due {
		return nil
	}
	if err != nil {
		return err
	}
	args := MembersArgs{t, l.Platform.ID, l.Context}
	return tenant.AsSystem(ctx, tx, func() error { return s.insertMembersTx(ctx, tx, args) })
}

// insertMembersTx inserts the job unless there is one. One that a killed node has left running is ended first.
func (s *Store) insertMembersTx(ctx context.Context, tx pgx.Tx, args MembersArgs) error {
	opts := &river.InsertOpts{Queue: QueueMembers, MaxAttempts: membersTries, UniqueOpts: river.UniqueOpts{
		ByArgs: true,
		ByState: []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning,
			rivertype.JobStateScheduled},
	}}
	res, err := s.Jobs.InsertTx(ctx, tx, args, opts)
	if err != nil || !res.UniqueSkippedAsDuplicate {
		return err
	}
	tag, err := tx.Exec(ctx, `update `+tenant.RiverSchema+`.river_job set state = 'cancelled', finalized_at = now()
		where id = $1 and state = 'running' and attempted_at < now() - $2::interval`, res.Job.ID, 2*MembersTime)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	_, err = s.Jobs.InsertTx(ctx, tx, args, opts)
	return err
}
