package views

import "context"

// CourseRole is how a role of a course is called: "Biology 101, students". kind is the last part of the learning platform's role.
func CourseRole(ctx context.Context, course, kind string) string {
	switch kind {
	case "Instructor":
		return T(ctx, "course.instructors", "Course", course)
	case "Learner":
		return T(ctx, "course.learners", "Course", course)
	}
	return T(ctx, "course.others", "Course", course, "Kind", kind)
}
