package lti_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/lti"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// courses gives a store that knows some courses of two platforms.
func courses(t *testing.T) *lti.Store {
	t.Helper()
	db := dbtest.New(t)
	run(t, db, `insert into lti_platform (id, version, status, name, issuer, client_id, auth_url, jwks_url, role_prefix, created_by, approved_at) values
		('moodle', '1.3', 'active', 'Moodle', 'https://m.example', 'c', 'https://m.example/auth', 'https://m.example/jwks', '', 'ada', now()),
		('canvas', '1.3', 'active', 'Canvas', 'https://c.example', 'c', 'https://c.example/auth', 'https://c.example/jwks', 'CANVAS_', 'ada', now()),
		('waits', '1.3', 'waiting', 'Waits', 'https://w.example', 'c', 'https://w.example/auth', 'https://w.example/jwks', 'W_', 'ada', null)`)
	run(t, db, `insert into lti_course (platform_id, context, title, roles) values
		('moodle', '101', 'Biology 101', '{101_Learner,101_TeachingAssistant,ROLE_STAFF}'),
		('moodle', '101_2', 'Biology, advanced', '{}'),
		('moodle', '7', '', '{}'),
		('canvas', '101', 'Chemistry', '{}'),
		('canvas', 'a b/ü', 'Odd one', '{}'),
		('waits', '9', 'Biology elsewhere', '{}')`)
	return &lti.Store{DB: db}
}

func run(t *testing.T, db *tenant.DB, sql string, args ...any) {
	t.Helper()
	err := db.Tx(context.Background(), dbtest.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), sql, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCoursesAreFoundByTitle(t *testing.T) {
	t.Parallel()
	s, ada := courses(t), user.System(dbtest.Tenant)
	found, err := s.FindCourses(t.Context(), ada, "biology", 20)
	if err != nil {
		t.Fatal(err)
	}
	want := []lti.CourseRole{
		{"101_Instructor", "Biology 101", "Instructor"}, {"101_Learner", "Biology 101", "Learner"}, {"101_TeachingAssistant", "Biology 101", "TeachingAssistant"},
		{"101_2_Instructor", "Biology, advanced", "Instructor"}, {"101_2_Learner", "Biology, advanced", "Learner"},
	}
	if len(found) != len(want) {
		t.Fatalf("found %v", found)
	}
	for i := range want {
		if found[i] != want[i] {
			t.Errorf("%d: %v, want %v", i, found[i], want[i])
		}
	}
	if found, err = s.FindCourses(t.Context(), ada, "biology", 3); err != nil || len(found) != 3 {
		t.Errorf("limit 3: %v, %v", found, err)
	}
	if found, err = s.FindCourses(t.Context(), ada, "50%_off", 3); err != nil || len(found) != 0 {
		t.Errorf("signs of LIKE: %v, %v", found, err)
	}
}

func TestCoursesAreForThoseWhoShare(t *testing.T) {
	t.Parallel()
	_, err := courses(t).FindCourses(t.Context(), user.Who{Tenant: dbtest.Tenant, User: "vera", Role: "viewer"}, "", 20)
	if fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a viewer: %v", err)
	}
}

func TestRolesOfCoursesHaveNames(t *testing.T) {
	t.Parallel()
	s := courses(t)
	names, err := s.CourseRoles(t.Context(), user.Anonymous(dbtest.Tenant), []string{
		"101_Instructor", "101_2_Learner", "7_Learner", "CANVAS_101_Learner", "CANVAS_a%20b%2F%C3%BC_Instructor", "W_9_Learner", "ROLE_STAFF", "ROLE_USER_ADA", "101_", ""})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]lti.CourseRole{
		"101_Instructor": {"101_Instructor", "Biology 101", "Instructor"}, "101_2_Learner": {"101_2_Learner", "Biology, advanced", "Learner"}, "7_Learner": {"7_Learner", "7", "Learner"},
		"CANVAS_101_Learner": {"CANVAS_101_Learner", "Chemistry", "Learner"}, "CANVAS_a%20b%2F%C3%BC_Instructor": {"CANVAS_a%20b%2F%C3%BC_Instructor", "Odd one", "Instructor"},
	}
	if len(names) != len(want) {
		t.Errorf("named: %v", names)
	}
	for role, name := range want {
		if names[role] != name {
			t.Errorf("%s is %v, want %v", role, names[role], name)
		}
	}
	if names, err = s.CourseRoles(t.Context(), user.Anonymous(dbtest.Tenant), nil); err != nil || len(names) != 0 {
		t.Errorf("no roles: %v, %v", names, err)
	}
}
