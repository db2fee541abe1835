package lti

import (
	"testing"

	"cutroom/internal/dbtest"
)

// The first platform has no prefix: it must not reach the courses of the second by the names of its own.
func TestCoursesOfTwoPlatformsStayApart(t *testing.T) {
	t.Parallel()
	l := setupLaunches(t)
	other := l.add(t, NewPlatform{Issuer: "https://north.example", ClientID: "c", Deployment: "d", AuthURL: "https://north.example/auth", JWKSURL: "https://north.example/keys", RolePrefix: "north_"})
	c := usual()
	c.Context = "north_101"
	launch, p, err := l.launch(t, c)
	if err != nil {
		t.Fatal(err)
	}
	before := l.created(t)
	_, _, err = l.Enter(t.Context(), dbtest.Tenant, launch, &p)
	wantID(t, "a course that begins like another platform's", err, "lti.course-apart")
	if l.created(t) != before {
		t.Error("something was made")
	}
	c.Context = "northern_101"
	if who, _ := l.enter(t, c); !who.Has("northern_101_Instructor") {
		t.Errorf("got %v", who.Roles)
	}
	if err := l.Remove(t.Context(), l.admin, other.ID); err != nil {
		t.Fatal(err)
	}
	c.Context = "north_101"
	if who, _ := l.enter(t, c); !who.Has("north_101_" + "Instructor") {
		t.Errorf("with the other gone: %v", who.Roles)
	}
}
