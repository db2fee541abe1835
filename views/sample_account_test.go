package views

import "time"

// sampleAccount is of somebody with several devices and tokens.
func sampleAccount() AccountPage {
	page := samplePage()
	page.Host, page.Path = "Nordfjord University", "/account"
	return AccountPage{
		Page: page, Scope: "read", Days: "90", Password: PasswordForm{May: true, Asks: true, Errors: map[string]string{}},
		Devices: []Device{
			{ID: "a1", Agent: "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", How: "password", Address: "192.0.2.7", Since: day(8), Used: day(18), Current: true},
			{ID: "b2", Agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", How: "lti", Source: "Campus Moodle", Address: "2001:db8:85a3:1234:5678:8a2e:370:7334", Since: day(11), Used: day(16)},
			{ID: "c3", Agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", How: "oidc", Source: "University account", Address: "192.0.2.9", Since: day(8), Used: day(11)},
			{ID: "d4", Since: day(8), Used: day(8)},
		},
		Tokens: []Token{
			{ID: "kq3v7n2yfmz4a6wl5hxtejrd2c", Scope: "read", Made: day(11), Expires: day(18).AddDate(0, 3, 0)},
			{ID: "q5r2mzkd7yw3nvjt4xhc6apfle", Made: day(8)},
		},
	}
}

// sampleAccountNew is the same page when a token was made, and a password refused.
func sampleAccountNew() AccountPage {
	p := sampleAccount()
	p.Secret, p.Done = "V2hhdCBhIHNlY3JldCB0aGlzIGlzLCBhbmQgbG9uZyE", "elsewhere"
	p.Devices = p.Devices[:1]
	p.Tokens[0].Made = time.Now()
	p.Password.Errors = map[string]string{"current": "This is not your present password.", "password": "A password has 8 to 1024 signs.", "again": "The two are not alike."}
	return p
}

// sampleAccountCourse is of somebody who comes from a course, in its frame.
func sampleAccountCourse() AccountPage {
	p := sampleAccount()
	p.Devices, p.Tokens, p.Password = p.Devices[1:2], nil, PasswordForm{}
	p.Devices[0].Current = true
	return p
}
