package lti

import (
	"regexp"
	"slices"
	"strings"

	"cutroom/internal/fault"
)

// mostRoles is how many roles a platform may name.
const mostRoles = 200

// inContext stands in a registration's role map for <prefix><context>: {context}_Instructor makes somebody a teacher of the course.
const inContext = "{context}"

// kindForm is a role's name: without underscore, so that the role of one course is never that of another.
var kindForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,63}$`)

// knownKinds are the context roles of the LIS vocabulary, in its spelling: LTI 1.1 does not care for upper case.
var knownKinds = []string{"Administrator", "ContentDeveloper", "Instructor", "Learner", "Manager", "Member", "Mentor", "Officer", "TeachingAssistant"}

// teaching are the kinds who may make recordings.
var teaching = []string{"Administrator", "ContentDeveloper", "Instructor"}

// Beginnings of context roles: URLs of LTI 1.3 and URNs of LTI 1.1.
var contextRoles = []string{"http://purl.imsglobal.org/vocab/lis/v2/membership", "https://purl.imsglobal.org/vocab/lis/v2/membership", "urn:lti:role:ims/lis"}

// kindOf is the name of a context role, given as URL, URN or short name; a sub-role gives its own. Roles at the institution and
// in the system, and what is not known, give "".
func kindOf(role string) string {
	rest := strings.TrimSpace(role)
	if strings.ContainsAny(rest, ":/#") {
		short := ""
		for _, begin := range contextRoles {
			if len(rest) > len(begin) && strings.EqualFold(rest[:len(begin)], begin) {
				short = rest[len(begin):]
			}
		}
		if short == "" && !strings.Contains(rest, ":") {
			short = "/" + rest // Instructor/TeachingAssistant, Instructor#TeachingAssistant
		}
		if short == "" || !strings.ContainsAny(short[:1], "#/") {
			return ""
		}
		parts := strings.FieldsFunc(short, func(r rune) bool { return r == '#' || r == '/' })
		if len(parts) == 0 || len(parts) > 2 {
			return ""
		}
		rest = parts[len(parts)-1]
	}
	if !kindForm.MatchString(rest) {
		return ""
	}
	for _, known := range knownKinds {
		if strings.EqualFold(known, rest) {
			return known
		}
	}
	return rest
}

// rolesOf gives the roles of ours for those that a platform names: <prefix><context>_<Kind> for each role in the course, and what the
// registration maps. teaches says whether its bearer may make recordings. A role that would begin with ROLE_ is refused.
func (p Platform) rolesOf(context string, theirs []string) (ours []string, teaches bool, err error) {
	course := p.RolePrefix + labelOf(context)
	add := func(role string) {
		if isSystemRole(role) && err == nil {
			err = reserved(role)
		}
		ours = appendNew(ours, role)
	}
	for _, their := range theirs {
		kind := kindOf(their)
		if kind != "" {
			teaches = teaches || slices.Contains(teaching, kind)
			if context != "" {
				add(course + "_" + kind)
			}
		}
		for _, mapped := range p.mapped(their, kind) {
			if strings.Contains(mapped, inContext) {
				if context == "" {
					continue
				}
				mapped = strings.ReplaceAll(mapped, inContext, course)
			}
			add(mapped)
		}
	}
	if context != "" {
		teaches = teaches || slices.ContainsFunc(teaching, func(kind string) bool { return slices.Contains(ours, course+"_"+kind) })
	}
	if err != nil {
		return nil, false, err
	}
	return ours, teaches, nil
}

// mapped are the roles that the registration gives for one of the platform's, named as the platform does, or by its short name.
func (p Platform) mapped(their, kind string) []string {
	all := p.RoleMap[their]
	if kind != "" && kind != their {
		all = append(slices.Clip(all), p.RoleMap[kind]...)
	}
	return all
}

func reserved(role string) error {
	return fault.Newf(fault.Forbidden, "lti.role-reserved", "This course would give the role %s. Roles that begin with ROLE_ are Cutroom's own: an administrator has to give the learning platform a role prefix, or correct its role map.",
		shown(role)).With(map[string]any{"Role": shown(role)})
}
