package lti

import (
	"net/url"
	"strings"
	"testing"
)

func parsed(t *testing.T, address, form string) (*url.URL, url.Values) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	values, err := url.ParseQuery(form)
	if err != nil {
		t.Fatal(err)
	}
	return u, values
}

// TestTheBaseStringOfTheStandard is the example of RFC 5849, 3.4.1.1: parameters in query, header and body, one name twice,
// empty values, signs that are encoded twice.
func TestTheBaseStringOfTheStandard(t *testing.T) {
	t.Parallel()
	u, form := parsed(t, "http://EXAMPLE.com:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
		"c2&a3=2+q&oauth_consumer_key=9djdj82h48djs9d2&oauth_token=kkk9d7dh3k39sjv7&oauth_signature_method=HMAC-SHA1&oauth_timestamp=137131201&oauth_nonce=7d8f3e4a&oauth_signature=bYT5CMsGcbgUdFHObYMEfcx6bsw%3D")
	const want = "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2" +
		"%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
	got, err := signatureBase("post", u, form)
	if err != nil || got != want {
		t.Errorf("%v\n%s\n%s", err, got, want)
	}
	// The signature as erratum 2550 corrects it.
	if got, err := signature("POST", u, form, "j49sk3j29djd", "dh893hdasih9"); err != nil || got != "r6/TJjbCOr97/+UU0NsvSne7s5g=" {
		t.Errorf("signed: %s, %v", got, err)
	}
}

// TestTheSignaturesOfTheStandard are the examples of RFC 5849, 1.2.
func TestTheSignaturesOfTheStandard(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, address, form, token, want string }{
		{"POST", "https://photos.example.net/token", "oauth_consumer_key=dpf43f3p2l4k3l03&oauth_token=hh5s93j4hdidpola&oauth_signature_method=HMAC-SHA1&oauth_timestamp=137131201&oauth_nonce=walatlh&oauth_verifier=hfdp7dh39dks9884",
			"hdhd0244k9j7ao03", "gKgrFCywp7rO0OXSjdot/IHF7IU="},
		{"GET", "http://photos.example.net/photos?file=vacation.jpg&size=original", "oauth_consumer_key=dpf43f3p2l4k3l03&oauth_token=nnch734d00sl2jdk&oauth_signature_method=HMAC-SHA1&oauth_timestamp=137131202&oauth_nonce=chapoH",
			"pfkkdhi9sl3r4s00", "MdpQcU8iPSUjWoN/UDMsK2sui9I="},
	} {
		u, form := parsed(t, c.address, c.form)
		if got, err := signature(c.method, u, form, "kd94hf93k423kf44", c.token); err != nil || got != c.want {
			t.Errorf("%s: %s, %v, want %s", c.address, got, err, c.want)
		}
	}
}

func TestTheAddressThatIsSigned(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://Demo.Example.EDU:443/lti?x=1": "https://demo.example.edu/lti", "http://demo.localhost:8080/lti": "http://demo.localhost:8080/lti",
		"https://demo.example.edu:80/lti": "https://demo.example.edu:80/lti", "https://demo.example.edu": "https://demo.example.edu/", "http://[::1]:80/a%20b": "http://[::1]/a%20b",
	} {
		u, _ := parsed(t, address, "")
		if got := baseAddress(u); got != want {
			t.Errorf("%s is signed as %s, want %s", address, got, want)
		}
	}
}

func TestParametersAreSortedByNameFirst(t *testing.T) {
	t.Parallel()
	u, form := parsed(t, "https://x.example/lti", "a-=1&a=2&a=10&A=3&a%20=4&%C3%BC=5")
	got, err := signatureBase("POST", u, form)
	if err != nil || !strings.HasSuffix(got, "&"+percent("%C3%BC=5&A=3&a=10&a=2&a%20=4&a-=1")) {
		t.Errorf("%s, %v", got, err)
	}
	if got := percent("aZ09-._~ !*'()/ü"); got != "aZ09-._~%20%21%2A%27%28%29%2F%C3%BC" {
		t.Error(got)
	}
}

func FuzzSignature(f *testing.F) {
	f.Add("https://x.example/lti?a=1", "b=2&b=1&oauth_signature_method=HMAC-SHA1", "secret")
	f.Add("http://[::1]:80/%zz?%zz", "%00=%ff&oauth_signature_method=HMAC-SHA256&=", "")
	f.Fuzz(func(t *testing.T, address, body, secret string) {
		u, err := url.Parse(address)
		if err != nil {
			return
		}
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		base, err := signatureBase("POST", u, form)
		if err != nil {
			return
		}
		if strings.Count(base, "&") != 2 || strings.ContainsAny(base, "\x00 ") {
			t.Errorf("no base string: %q", base)
		}
		one, err := signature("POST", u, form, secret, "")
		two, again := signature("POST", u, form, secret, "")
		if one != two || (err == nil) != (again == nil) {
			t.Error("the same request has two signatures")
		}
	})
}
