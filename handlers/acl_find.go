package handlers

import (
	"net/http"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/lti"
	"cutroom/internal/user"
	"cutroom/views"
)

// suggestions are how many people, and how many roles of courses, are offered at once.
const suggestions = 8

// findACL offers whom somebody may mean while they type.
func (s *Server) findACL(w http.ResponseWriter, r *http.Request) error {
	if !s.who(r).MayCreate() {
		return s.render(w, r, http.StatusOK, views.ACLFound(nil, false))
	}
	found, err := s.findRoles(r, strings.TrimSpace(r.FormValue("add")), suggestions)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.ACLFound(found, false))
}

// findRoles finds roles by what people call them: those that everybody has, people, and courses.
func (s *Server) findRoles(r *http.Request, text string, limit int) (found []views.ACLChoice, err error) {
	ctx, who := r.Context(), s.who(r)
	for _, all := range everybodysRoles(r) {
		if text == "" || strings.Contains(strings.ToLower(all.Text), strings.ToLower(text)) {
			found = append(found, all)
		}
	}
	if text == "" {
		return found, nil
	}
	people, err := s.Users.Search(ctx, who, text, limit)
	if err != nil && fault.KindOf(err) != fault.Forbidden {
		return nil, err
	}
	for _, p := range people {
		found = append(found, views.ACLChoice{Role: user.OwnRole(p.Name), Text: p.DisplayName, Note: p.Name})
	}
	courses, err := s.findCourses(r, text, limit)
	for _, c := range courses {
		found = append(found, views.ACLChoice{Role: c.Role, Text: views.CourseRole(ctx, c.Course, c.Kind)})
	}
	return found, err
}

func (s *Server) findCourses(r *http.Request, text string, limit int) ([]lti.CourseRole, error) {
	if s.LTI == nil {
		return nil, nil
	}
	courses, err := s.LTI.FindCourses(r.Context(), s.who(r), text, limit)
	if fault.KindOf(err) == fault.Forbidden && err != nil {
		return nil, nil
	}
	return courses, err
}

func everybodysRoles(r *http.Request) []views.ACLChoice {
	return []views.ACLChoice{
		{Role: user.RoleUser, Text: views.T(r.Context(), "acl.everyoneSignedIn")},
		{Role: user.RoleAnonymous, Text: views.T(r.Context(), "acl.everyone")},
	}
}

// roleMeant finds the role that somebody means by what they typed, in full: a user name, what a person or course is called,
// or a role that somebody has. Else it is "", with what it may be; nil where nothing fits.
func (s *Server) roleMeant(r *http.Request, text string) (role string, choices []views.ACLChoice, err error) {
	found, err := s.findRoles(r, text, 20)
	if err != nil {
		return "", nil, err
	}
	var same []views.ACLChoice
	for _, c := range found {
		switch {
		case strings.EqualFold(c.Note, text) && c.Note != "", c.Role == text:
			return c.Role, nil, nil
		case strings.EqualFold(c.Text, text):
			same = append(same, c)
		}
	}
	switch len(same) {
	case 1:
		return same[0].Role, nil, nil
	case 0:
		if known, err := s.roleKnown(r, text); err != nil || known {
			return text, nil, err
		}
		return "", found, nil
	}
	return "", same, nil
}

// roleKnown says whether a role is one that everybody, a person or a course has or gives.
func (s *Server) roleKnown(r *http.Request, role string) (bool, error) {
	if role == user.RoleUser || role == user.RoleAnonymous || role == user.RoleAdmin {
		return true, nil
	}
	called, err := s.rolesCalled(r, []string{role})
	if err != nil || called[role] != "" || !s.who(r).MayCreate() {
		return called[role] != "", err
	}
	holders, err := s.Users.Holders(r.Context(), s.who(r), []string{role}, 1)
	return len(holders) > 0, err
}

// rolesCalled gives what roles are called, for access lists; those of nobody are left out.
func (s *Server) rolesCalled(r *http.Request, roles []string) (map[string]string, error) {
	ctx, who := r.Context(), s.who(r)
	called, err := s.Users.RoleNames(ctx, who, roles)
	if err != nil {
		return nil, err
	}
	if s.LTI != nil {
		courses, err := s.LTI.CourseRoles(ctx, who, roles)
		if err != nil {
			return nil, err
		}
		for role, c := range courses {
			called[role] = views.CourseRole(ctx, c.Course, c.Kind)
		}
	}
	for _, all := range everybodysRoles(r) {
		called[all.Role] = all.Text
	}
	return called, nil
}
