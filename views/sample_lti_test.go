package views

// guestPage is one of nobody who is signed in.
func guestPage() Page { return Page{Host: "Nordfjord University", Framed: true} }

func sampleLaunchFailed() LaunchFailedPage {
	return LaunchFailedPage{Page: guestPage(), Status: 403, Request: "01JD4Q7M", Reason: "No learning platform with the issuer https://lms.nordfjord.example.edu/path/that/is/long and the client “Zx8kQ2pL0aV7mN4b” is registered here. An administrator can register it; if it is, compare both with what the platform tells, sign by sign."}
}

func sampleLaunchDenied() LaunchDeniedPage {
	return LaunchDeniedPage{Page: framedPage(), Request: "01JD4Q7M", Ask: "Amara Osei"}
}

func sampleLaunchStore() LaunchStorePage {
	return LaunchStorePage{Page: guestPage(), Next: "#", Frame: "keeper", Origin: "https://lms.example", Key: "lti-1", Value: "secret"}
}

func sampleLaunchLoad() LaunchLoadPage {
	return LaunchLoadPage{Page: guestPage(), IDToken: "x.y.z", State: "s", Frame: "keeper", Origin: "https://lms.example", Key: "lti-1", Window: "/lti/login?iss=x"}
}

func sampleEventFramed() EventPage {
	p := sampleEvent()
	p.Page = framedPage()
	return p
}
