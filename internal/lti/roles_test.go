package lti

import (
	"slices"
	"strings"
	"testing"
)

func TestKindsOfRoles(t *testing.T) {
	t.Parallel()
	for role, want := range map[string]string{
		"http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor":                   "Instructor",
		"https://purl.imsglobal.org/vocab/lis/v2/membership#Learner":                     "Learner",
		"http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant": "TeachingAssistant",
		"http://purl.imsglobal.org/vocab/lis/v2/membership/Learner#GuestLearner":         "GuestLearner",
		"urn:lti:role:ims/lis/Instructor":                                                "Instructor",
		"URN:LTI:ROLE:IMS/LIS/instructor":                                                "Instructor",
		"urn:lti:role:ims/lis/Learner/NonCreditLearner":                                  "NonCreditLearner",
		"Instructor":                   "Instructor",
		" learner ":                    "Learner",
		"Instructor#TeachingAssistant": "TeachingAssistant",
		"Instructor/TeachingAssistant": "TeachingAssistant",
		"Dozent":                       "Dozent",

		"http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor": "",
		"http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator":   "",
		"http://purl.imsglobal.org/vocab/lis/v2/membershipInstructor":          "",
		"http://purl.imsglobal.org/vocab/lis/v2/membership":                    "",
		"http://purl.imsglobal.org/vocab/lis/v2/membership#":                   "",
		"http://purl.imsglobal.org/vocab/lis/v2/membership#A_B":                "",
		"http://purl.imsglobal.org/vocab/lis/v2/membership/a/b#c":              "",
		"http://purl.imsglobal.org/vocab/lti/system/person#TestUser":           "",
		"urn:lti:instrole:ims/lis/Instructor":                                  "",
		"urn:lti:sysrole:ims/lis/Administrator":                                "",
		"http://else.example/vocab#Instructor":                                 "",
		"course_Instructor":                                                    "", "": "", "#": "", "Dozent*in": "", "1st": "", strings.Repeat("a", 65): "",
	} {
		if got := kindOf(role); got != want {
			t.Errorf("%q: got %q, want %q", role, got, want)
		}
	}
}

func TestRolesInACourse(t *testing.T) {
	t.Parallel()
	const instructor, sub = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor", "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"
	const staff = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Staff"
	mapped := Platform{RolePrefix: "m_", RoleMap: map[string][]string{staff: {"staff", "{context}_Guest"}, "TeachingAssistant": {"{context}_Instructor"}, "Learner": {"learners"}}}
	for _, is := range []struct {
		name    string
		p       Platform
		context string
		theirs  []string
		want    []string
		teaches bool
	}{
		{"a teacher", Platform{}, "c1", []string{instructor}, []string{"c1_Instructor"}, true},
		{"with a prefix", Platform{RolePrefix: "moodle_"}, "c1", []string{instructor}, []string{"moodle_c1_Instructor"}, true},
		{"each once", Platform{}, "c1", []string{instructor, "Instructor", "urn:lti:role:ims/lis/Instructor"}, []string{"c1_Instructor"}, true},
		{"an assistant", Platform{}, "c1", []string{sub}, []string{"c1_TeachingAssistant"}, false},
		{"an assistant who teaches", Platform{}, "c1", []string{sub, instructor}, []string{"c1_TeachingAssistant", "c1_Instructor"}, true},
		{"an assistant whom the map makes a teacher", mapped, "c1", []string{sub}, []string{"m_c1_TeachingAssistant", "m_c1_Instructor"}, true},
		{"who writes content", Platform{}, "c1", []string{"ContentDeveloper"}, []string{"c1_ContentDeveloper"}, true},
		{"who manages the course", Platform{}, "c1", []string{"Administrator"}, []string{"c1_Administrator"}, true},
		{"a learner and a mentor", Platform{}, "c1", []string{"Learner", "Mentor"}, []string{"c1_Learner", "c1_Mentor"}, false},
		{"a role that is mapped by its short name", mapped, "c1", []string{"urn:lti:role:ims/lis/Learner"}, []string{"m_c1_Learner", "learners"}, false},
		{"staff of the institution", Platform{}, "c1", []string{staff}, nil, false},
		{"staff that is mapped", mapped, "c1", []string{staff}, []string{"staff", "m_c1_Guest"}, false},
		{"staff outside of courses", mapped, "", []string{staff}, []string{"staff"}, false},
		{"a teacher outside of courses", Platform{}, "", []string{instructor}, nil, true},
		{"no role", Platform{}, "c1", nil, nil, false},
		{"a course that is no label", Platform{}, "a/b ü%", []string{"Learner"}, []string{"a%2Fb%20%C3%BC%25_Learner"}, false},
		{"a course that is a label", Platform{}, "a.b_~!*:@,;-", []string{"Learner"}, []string{"a.b_~!*:@,;-_Learner"}, false},
	} {
		got, teaches, err := is.p.rolesOf(is.context, is.theirs)
		if err != nil || !slices.Equal(got, is.want) || teaches != is.teaches {
			t.Errorf("%s: got %q, teaches %v, %v", is.name, got, teaches, err)
		}
	}
}

func TestRolesThatAreOurs(t *testing.T) {
	t.Parallel()
	for name, is := range map[string]struct {
		p       Platform
		context string
	}{
		"by the course":             {Platform{}, "ROLE"},
		"by the course's begin":     {Platform{}, "role_user_ada"},
		"by prefix and course":      {Platform{RolePrefix: "RO"}, "LE"},
		"by the map":                {Platform{RoleMap: map[string][]string{"Learner": {"ROLE_ADMIN"}}}, "c1"},
		"by the map, lower case":    {Platform{RoleMap: map[string][]string{"Learner": {"role_admin"}}}, "c1"},
		"by the map and the course": {Platform{RoleMap: map[string][]string{"Learner": {"{context}ADMIN"}}}, "ROLE_"},
	} {
		got, teaches, err := is.p.rolesOf(is.context, []string{"Learner", "Instructor"})
		wantID(t, name, err, "lti.role-reserved")
		if got != nil || teaches {
			t.Errorf("%s: got %v", name, got)
		}
	}
	if _, _, err := (Platform{RolePrefix: "m_"}).rolesOf("ROLE_ADMIN", []string{"Learner"}); err != nil {
		t.Errorf("with a prefix: %v", err)
	}
}

// FuzzRoles: no role of ours, and no two courses with one role.
func FuzzRoles(f *testing.F) {
	for _, role := range []string{"Instructor", "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant", "urn:lti:role:ims/lis/Learner", "A_B", "#/"} {
		f.Add("", "course-1", "course_1", role)
		f.Add("ROLE", "_a/b", "a%2Fb", role)
	}
	f.Fuzz(func(t *testing.T, prefix, one, two, role string) {
		p := Platform{RolePrefix: prefix}
		first, _, err := p.rolesOf(one, []string{role})
		if err != nil {
			return
		}
		for _, given := range first {
			if isSystemRole(given) || strings.ContainsAny(strings.TrimPrefix(given, prefix), "/\\ \x00\n") {
				t.Errorf("%q %q %q give %q", prefix, one, role, given)
			}
		}
		second, _, err := p.rolesOf(two, []string{role})
		if err == nil && one != two && len(first) > 0 && slices.Equal(first, second) {
			t.Errorf("%q and %q both give %q", one, two, first)
		}
	})
}
