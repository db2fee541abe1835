package lti

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// Course is where somebody came from: what they make is for it.
type Course struct {
	Title      string // its id where the platform told no title
	Instructor string // role of those who teach it
	Learner    string // role of those who learn in it
}

// CourseOf gives the course of a launch of this person. There being no such launch, or one outside of courses, is a fault NotFound.
func (s *Store) CourseOf(ctx context.Context, who user.Who, launch string) (Course, error) {
	var c courseRow
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select p.role_prefix, l.context, l.title, '{}'::text[] from lti_launch l join lti_platform p on p.id = l.platform_id and p.status = 'active'
			where l.id = $1 and l.user_name = $2 and l.context <> ''`, launch, who.User)
		if err != nil {
			return err
		}
		c, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[courseRow])
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Course{}, fault.New(fault.NotFound, "error.lti-launch-none", "You did not come from a course by this launch.")
	}
	return Course{Title: c.name(), Instructor: c.roleOf("Instructor"), Learner: c.roleOf("Learner")}, err
}
