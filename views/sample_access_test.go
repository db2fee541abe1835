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
