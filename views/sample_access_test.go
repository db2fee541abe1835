package views

import "strconv"

var sampleWords = []ACLSentence{
	{All: "Administrators may do all."}, {Who: "Amara Osei", May: "edit", Why: []string{"by name", "Linear Algebra I, teachers"}}, {Who: "Lena Petrova", May: "watch", Why: []string{"Linear Algebra I, students"}},
}

// sampleACL is the event's page with its list in a state.
func sampleACL(state string) EventPage {
	p := sampleEvent()
	p.ACL.State, p.Details.Outcome = state, FieldOutcome{}
	switch state {
	case "choose":
		p.ACL.Typed = "Kim"
		p.ACL.Choices = []ACLChoice{{"ROLE_USER_KIM1", "Kim Adeyemi", "kadeyemi"}, {"ROLE_USER_KIM2", "Kim Adeyemi", "kim"}, {"la1_Learner", "Kimberlite geology, learners", ""}}
	case "unknown":
		p.ACL.Typed, p.ACL.Choices = "hamster", []ACLChoice{{"hamster", "hamster", ""}}
		p.ACL.Checked = ACLCheck{Typed: "hamster", Error: "Nobody here is called “hamster”."}
	case "error":
		p.ACL.Typed, p.ACL.Message = "x", "Somebody else changed this list meanwhile; this is how it stands now."
	}
	return p
}

// sampleACLMany has 200 rows.
func sampleACLMany() EventPage {
	p := sampleACL("saved")
	for i := range 200 {
		n := strconv.Itoa(i)
		p.ACL.Rows = append(p.ACL.Rows, ACLRow{Role: "ROLE_USER_" + n, Text: "Participant " + n, May: "watch"})
	}
	return p
}

// sampleAudit is the log with lines of several kinds; wrong is what does not fit in its filter.
func sampleAudit(wrong map[string]string) AuditPage {
	p := AuditPage{Page: samplePage(), Groups: []string{"sign-ins", "access", "pen", "runs", "installs", "settings", "people", "recordings", "lti"}, List: AuditList{Wrong: wrong}}
	p.Page.Who.Role, p.Page.Pulse = "admin", "/pulse?seen=x"
	if len(wrong) > 0 {
		p.List.What, p.List.From, p.List.Until = "access", "2026-11-20", "2026-11-01"
		return p
	}
	for i, text := range []string{
		"Amara Osei changed who may watch and edit “Lecture 5: Eigenvalues and eigenvectors”.", "Somebody tried to sign in as Jonas Weber with a wrong password.", "Jonas Weber published “Lecture 5: Eigenvalues and eigenvectors”.",
		"Rosa Lind changed settings: bin.days = 30, edit.runs = queue.", "Lena Petrova came from a course of Nordfjord Moodle.",
	} {
		row := AuditRow{ID: int64(100 - i), At: day(i), Actor: "amara", Action: "acl.change", Subject: "l5", Text: text, Raw: "{\n  \"of\": \"event\",\n  \"title\": \"Lecture 5: Eigenvalues and eigenvectors\"\n}"}
		if i == 0 {
			row.Href, row.More = "/events/l5", []string{"Linear Algebra I, students may watch now.", "Everybody may not watch any more."}
		}
		p.List.Rows = append(p.List.Rows, row)
	}
	p.List.Next = "95"
	return p
}
