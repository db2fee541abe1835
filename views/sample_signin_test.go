package views

// sampleSignIn is the sign-in page of an institution with services of its own, after a try that failed.
func sampleSignIn() SignInPage {
	return SignInPage{Page: Page{Host: "Nordfjord University"}, Next: "/events/l4", Institutions: []Institution{{"sso", "Nordfjord account"}, {"guests", "DFN-AAI"}},
		Trouble: "Nordfjord account does not answer as a sign-in service does. Try again later, or sign in another way."}
}

func sampleProviders() ProvidersPage {
	page := samplePage()
	page.Who.Role = "admin"
	return ProvidersPage{Page: page, Notice: "DFN-AAI was removed.",
		Rows: []ProviderRow{{"sso", "Nordfjord account", "https://login.nordfjord.example/realms/main", true}, {"guests", "Guests of the faculty of mathematics and natural sciences", "https://guests.nordfjord.example", false}},
		New: ProviderForm{ID: "sso2", Issuer: "http://idp.example", Redirect: "https://nordfjord.cutroom.example/sign-in/oidc/sso2/callback", Groups: "staff",
			Errors: map[string]string{"issuer": "Use the service's issuer address; it begins with https.", "groupRoles": "Use at most 1,000 lines, each as: group = role, role."}}}
}

func sampleProvider() ProviderPage {
	return ProviderPage{Page: sampleProviders().Page, Saved: true, Form: ProviderForm{ID: "sso", Name: "Nordfjord account", Issuer: "https://login.nordfjord.example/realms/main", ClientID: "cutroom",
		Scopes: "profile email groups", NameClaim: "preferred_username", GroupClaim: "realm_access.roles", Groups: "staff = editor, ROLE_STAFF\nmedia-centre = admin\n", Kept: true, HasSecret: true, Active: true,
		Redirect: "https://nordfjord.cutroom.example/sign-in/oidc/sso/callback",
		Trial:    ProviderTrial{[]ProviderFinding{{"done", "https://login.nordfjord.example/realms/main answers"}, {"done", "It publishes 2 keys"}, {"waits", "It does not say whether it takes PKCE with S256; Cutroom sends it"}, {"failed", "It does not take this client or secret"}}}}}
}

func sampleProviderOff() ProviderPage {
	p := sampleProvider()
	p.Saved, p.Form.Active, p.Form.HasSecret, p.Form.Scopes, p.Form.Trial = false, false, false, "profile email", ProviderTrial{}
	return p
}
