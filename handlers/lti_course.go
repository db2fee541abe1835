package handlers

import (
	"context"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/lti"
	"cutroom/internal/user"
)

// courseOf is the course that somebody works for: of the launch that they name, else of the one that their session began with. nil
// outside of courses; naming a launch that is not theirs is a fault Invalid.
func (s *Server) courseOf(ctx context.Context, who user.Who, named string) (*lti.Course, error) {
	launch := named
	if launch == "" {
		launch = who.Launch
	}
	if launch == "" {
		return nil, nil
	}
	c, err := s.LTI.CourseOf(ctx, who, launch)
	switch {
	case err == nil:
		return &c, nil
	case fault.KindOf(err) != fault.NotFound:
		return nil, err
	case named == "":
		return nil, nil
	}
	text := "You have no launch from a course of this id."
	return nil, fault.New(fault.Invalid, "error.upload", text).WithFields(fault.Field{Path: "/launch", Rule: "OwnLaunch", Message: text}).WithCause(err)
}

// courseACL is that of a new recording which is made for a course: who makes it and who teaches there may change it, who takes the
// course may watch. nil outside of courses.
func (s *Server) courseACL(ctx context.Context, who user.Who, named string) ([]event.ACLEntry, error) {
	c, err := s.courseOf(ctx, who, named)
	if c == nil || err != nil {
		return nil, err
	}
	var acl []event.ACLEntry
	for _, role := range []string{user.OwnRole(who.User), c.Instructor} {
		acl = append(acl, event.ACLEntry{Role: role, Action: "read"}, event.ACLEntry{Role: role, Action: "write"})
	}
	return append(acl, event.ACLEntry{Role: c.Learner, Action: "read"}), nil
}
