package lti

import (
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/lti/stubplatform"
	"cutroom/internal/tenant"
)

// river asks River's own tables for one number.
func (l launches) river(t *testing.T, what string) int {
	t.Helper()
	var n int
	if err := l.DB.Pool.QueryRow(t.Context(), "select "+what+" from "+tenant.RiverSchema+".river_job where kind = 'course_members'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (l launches) change(t *testing.T, sql string) {
	t.Helper()
	if _, err := l.DB.Pool.Exec(t.Context(), "update "+tenant.RiverSchema+".river_job set "+sql+" where kind = 'course_members'"); err != nil {
		t.Fatal(err)
	}
}

func TestTeachersLetMembersBeAskedFor(t *testing.T) {
	t.Parallel()
	l := setupMembers(t)
	jobs, err := tenant.NewInserter(l.DB.Pool)
	if err != nil {
		t.Fatal(err)
	}
	l.Jobs = jobs
	learner, silent := usual(), usual()
	learner.Subject, learner.Roles = "learner", []string{stubplatform.Learner}
	silent.Context, silent.Members = "course-9", false
	l.enter(t, learner)
	l.enter(t, silent)
	if n := l.river(t, "count(*)"); n != 0 {
		t.Errorf("%d jobs without a teacher or a list", n)
	}
	l.enter(t, usual())
	l.enter(t, usual())
	if n := l.river(t, "count(*)"); n != 1 {
		t.Errorf("%d jobs for one course", n)
	}
	if n := l.river(t, `count(*) filter (where queue = 'members' and max_attempts = 6 and args @> '{"tenant": "`+string(dbtest.Tenant)+`", "course": "course-1"}')`); n != 1 {
		t.Error("the job is not the course's")
	}

	l.change(t, "state = 'running', attempted_at = now() - interval '1 minute'")
	l.enter(t, usual())
	if n := l.river(t, "count(*)"); n != 1 {
		t.Errorf("%d jobs beside one that runs", n)
	}
	l.change(t, "attempted_at = now() - interval '11 minutes'") // its node was killed
	l.enter(t, usual())
	if n := l.river(t, "count(*) filter (where state = 'available')"); n != 1 {
		t.Errorf("%d jobs in place of a lost one", n)
	}

	l.change(t, "state = 'completed', finalized_at = now()")
	l.exec(t, "update lti_course set synced_at = now() - interval '9 minutes'")
	l.enter(t, usual())
	if n := l.river(t, "count(*) filter (where state = 'available')"); n != 0 {
		t.Error("asked again after nine minutes")
	}
	l.exec(t, "update lti_course set synced_at = now() - interval '11 minutes'")
	l.enter(t, usual())
	if n := l.river(t, "count(*) filter (where state = 'available')"); n != 1 {
		t.Error("not asked again after eleven minutes")
	}
}
