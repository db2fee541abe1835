package views

func sampleAddresses() PlatformAddresses {
	at := "https://nordfjord.cutroom.example"
	return PlatformAddresses{Login: at + "/lti/login", Launch: at + "/lti/launch", Keys: at + "/lti/jwks.json", DeepLink: at + "/lti/deep-link", Target: at + "/", Register: at + "/lti/register", V11: at + "/lti"}
}

// samplePlatforms has two that wait, and three that launch.
func samplePlatforms() PlatformsPage {
	page := samplePage()
	page.Host, page.Path, page.Who.Role = "Nordfjord University", "/settings/platforms", "admin"
	return PlatformsPage{Page: page, At: sampleAddresses(), Done: "approved", Name: "Nordfjord Moodle", Rows: []PlatformRow{
		{ID: "k3q7v2nyfm", Version: "1.3", Waiting: true, Name: "moodle.medicine.nordfjord.example", Issuer: "https://moodle.medicine.nordfjord.example", ClientID: "hU2s8dPq1Zx0Lm3", Prefix: "moodle.medicine.nordfjord.example_", Created: day(18)},
		{ID: "z4a6wl5hxt", Version: "1.3", Waiting: true, Name: "lms.unknown.example", Issuer: "https://lms.unknown.example", ClientID: "10000000000042", Created: day(16)},
		{ID: "ejrd2cq5r2", Version: "1.3", Name: "Nordfjord Moodle", Issuer: "https://moodle.nordfjord.example", ClientID: "Wd9f3kQ", Created: day(8), CreatedBy: "Amara Osei"},
		{ID: "mzkd7yw3nv", Version: "1.3", Name: "Canvas of the school of continuing education and professional development", Issuer: "https://canvas.instructure.com", ClientID: "10000000000017", Prefix: "canvas_", Created: day(8), CreatedBy: "Amara Osei"},
		{ID: "jt4xhc6apf", Version: "1.1", Name: "Old ILIAS", Key: "ilias", Prefix: "ilias_", Created: day(8), CreatedBy: "Cutroom"},
	}}
}

func samplePlatformsEmpty() PlatformsPage {
	p := samplePlatforms()
	p.Rows, p.Done = nil, ""
	return p
}

// samplePlatform waits, and knows no deployment yet.
func samplePlatform() PlatformPage {
	p := samplePlatforms()
	return PlatformPage{Page: p.Page, At: p.At, Saved: true, Form: PlatformForm{ID: "k3q7v2nyfm", Version: "1.3", Waiting: true, Name: "moodle.medicine.nordfjord.example", Issuer: "https://moodle.medicine.nordfjord.example",
		ClientID: "hU2s8dPq1Zx0Lm3", AuthURL: "https://moodle.medicine.nordfjord.example/mod/lti/auth.php", TokenURL: "https://moodle.medicine.nordfjord.example/mod/lti/token.php",
		JWKSURL: "https://moodle.medicine.nordfjord.example/mod/lti/certs.php", Prefix: "moodle.medicine.nordfjord.example_", Created: day(18),
		RoleMap: "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator = LMS_ADMINS, STAFF"}}
}

// samplePlatformNew was refused.
func samplePlatformNew() PlatformPage {
	p := samplePlatform()
	p.Saved = false
	p.Form = PlatformForm{Version: "1.3", Issuer: "http://lms.example", ClientID: "a", Deployment: "1", AuthURL: "https://lms.example/auth", JWKSURL: "", Frames: "https://lms.example/course", Errors: map[string]string{
		"issuer": "The address has to begin with https:// (http:// is for this computer itself alone).", "jwksUrl": "Copy this address from the learning platform; it is needed.",
		"rolePrefix": "There is a learning platform already: give this one a prefix of its own, so that the roles of their courses stay apart.", "frameOrigins": "https://lms.example/course: Each line is https:// and a host name."}}
	return p
}

func samplePlatform11() PlatformPage {
	p := samplePlatform()
	p.Saved = false
	p.Form = PlatformForm{ID: "jt4xhc6apf", Version: "1.1", Name: "Old ILIAS", Key: "ilias", Trusted: true, Prefix: "ilias_", Frames: "https://ilias.nordfjord.example", Created: day(8), CreatedBy: "Amara Osei"}
	return p
}

func samplePlatformSecret() PlatformSecretPage {
	return PlatformSecretPage{Page: samplePlatforms().Page, ID: "jt4xhc6apf", Name: "Old ILIAS", Key: "ilias", Secret: "V2hhdCBhIHNlY3JldCB0aGlzIGlzLCBhbmQgbG9uZyE", V11: sampleAddresses().V11}
}

func samplePlatformRemove() PlatformRemovePage {
	return PlatformRemovePage{Page: samplePlatforms().Page, ID: "ejrd2cq5r2", Name: "Nordfjord Moodle"}
}

func sampleRegister() RegisterPage {
	return RegisterPage{Page: Page{Host: "Nordfjord University", Path: "/lti/register"}, Issuer: "https://moodle.medicine.nordfjord.example", Product: "moodle", Endpoint: "https://moodle.medicine.nordfjord.example/mod/lti/openid-registration.php",
		Ticket: "t", Sent: "{\n  \"application_type\": \"web\",\n  \"initiate_login_uri\": \"https://nordfjord.cutroom.example/lti/login\",\n  \"scope\": \"https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly\"\n}"}
}

func sampleRegistered() RegisteredPage {
	return RegisteredPage{Page: sampleRegister().Page, Name: "moodle.medicine.nordfjord.example", ID: "k3q7v2nyfm"}
}
