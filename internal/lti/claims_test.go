package lti

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestClaimsOfRealPlatforms reads payloads as the platforms' own documents show them.
func TestClaimsOfRealPlatforms(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]claims{
		"moodle": {
			Issuer: "https://moodle.example", Audience: []string{"PZPPAkY9HzsmZ8E"}, Subject: "2", Message: ResourceLink, Deployment: "1",
			Roles:    []string{"http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator", "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"},
			HasRoles: true, ResourceLink: "1", Context: "2", Title: "Biology", Custom: map[string]string{"event": "event-1", "view": "edit"}, Name: "Admin User", Locale: "en",
			ReturnURL: "https://moodle.example/mod/lti/return.php?course=2&launch_container=3&instanceid=1&sesskey=x", Shown: "iframe",
			MembersURL: "https://moodle.example/mod/lti/services.php/CourseSection/2/bindings/1/memberships",
		},
		"canvas": {
			Issuer: "https://canvas.instructure.com", Audience: []string{"10000000000013"}, Party: "10000000000013", Subject: "535fa085f22b4655f48cd5a36a9215f64c062838", Message: ResourceLink,
			Deployment: "6:8865aa05b4b79b64a91a86042e43af5ea8ae79eb",
			Roles:      []string{"http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor", "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant", "http://purl.imsglobal.org/vocab/lis/v2/system/person#User"},
			HasRoles:   true, ResourceLink: "4dde05e8ca1973bcca9bffc13e1548820eee93a3", Context: "4dde05e8ca1973bcca9bffc13e1548820eee93a3", Title: "Example course",
			Custom: map[string]string{"user_id": "123", "published": "true"}, Name: "Ann Example", Locale: "de", ReturnURL: "https://canvas.example/courses/1/external_content/success/external_tool_redirect",
			Shown: "iframe", MembersURL: "https://canvas.example/api/lti/courses/1/names_and_roles",
		},
		"blackboard": {
			Issuer: "https://blackboard.com", Audience: []string{"a2b5bb6d"}, Party: "a2b5bb6d", Subject: "d8a1c1f5", Message: DeepLinking, Deployment: "fe3ebd13",
			Roles: []string{"http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"}, HasRoles: true, Context: "8e2b", Title: "Course 1", Custom: map[string]string{}, Name: "Ann Example", Locale: "de-DE",
			ReturnURL: "https://school.example/webapps/blackboard/execute/content/return", Shown: "",
			Links: &DeepLinkSettings{ReturnURL: "https://school.example/webapps/blackboard/deepLinking.do", Types: []string{"ltiResourceLink", "html"}, Multiple: true, Data: "_63", Targets: []string{"embed", "iframe"}, Text: "text"},
		},
		"sakai": {
			Issuer: "https://sakai.example", Audience: []string{"client"}, Subject: "https://sakai.example/user/7", Message: ResourceLink, Deployment: "1", Roles: []string{"Learner"}, HasRoles: true,
			ResourceLink: "content:1", Context: "site/1", Title: "Site 1", Custom: map[string]string{"section": "12", "rate": "1.5"}, Name: "Ann Example", Locale: "en_GB", Shown: "frame",
		},
	} {
		payload, err := os.ReadFile(filepath.Join("testdata", "claims", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseClaims(payload)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !got.HasExpires || !got.HasIssued || !got.Expires.After(got.Issued) || got.Nonce == "" || got.Version != "1.3.0" || got.Target == "" {
			t.Errorf("%s: times, nonce, version or target: %+v", name, got)
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(claims{}, "Expires", "Issued", "NotBefore", "HasExpires", "HasIssued", "HasNotBefore", "Nonce", "Version", "Target")); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestClaimsThatAreOdd(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]claims{
		`{}`:                                    {},
		`{"sub":null,"aud":null,"exp":null}`:    {},
		`{"sub":7,"aud":"a"}`:                   {Subject: "7", Audience: []string{"a"}},
		`{"sub":["a"],"aud":{"a":1}}`:           {},
		`{"aud":["a",5,null,"b"]}`:              {Audience: []string{"a", "b"}},
		`{"SUB":"a","Sub":"b"}`:                 {},
		`{"given_name":"Ann","family_name":""}`: {Name: "Ann"},
		`{"name":" \n ","given_name":"Ann","family_name":"Example"}`: {Name: "Ann Example"},
		`{"name":"Ann\u0000\u202f\tExample"}`:                        {Name: "Ann Example"},
		`{"https://purl.imsglobal.org/spec/lti/claim/roles":"Learner","https://purl.imsglobal.org/spec/lti/claim/custom":"x","https://purl.imsglobal.org/spec/lti/claim/context":5}`: {Roles: []string{"Learner"}, HasRoles: true},
	} {
		got, err := parseClaims([]byte(payload))
		if err != nil {
			t.Errorf("%s: %v", payload, err)
			continue
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s:\n%s", payload, diff)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"0": 0, "1700000000": 1700000000, "1700000000.5": 1700000000, "1.7e9": 1700000000, "-1": -1, "1e20": -1, "1e400": -1, `"1700000000"`: -1, "true": -1, "null": -1, "[]": -1} {
		got, err := parseClaims([]byte(`{"exp":` + text + `}`))
		if err != nil || got.HasExpires != (want >= 0) || want >= 0 && got.Expires.Unix() != want {
			t.Errorf("%s: got %v %v, %v", text, got.HasExpires, got.Expires, err)
		}
	}
}

func TestLinesFit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", " a\x00 \r\n b ": "a b", "äöü": "äö", "aäöü": "aä", "a\xffb": "a\uFFFD"} {
		if got := line(text, 4); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func FuzzClaims(f *testing.F) {
	files, err := filepath.Glob("testdata/claims/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal("no payloads", err)
	}
	for _, file := range files {
		payload, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(payload)
	}
	f.Add([]byte(`{"exp":1e308,"aud":["a"],"https://purl.imsglobal.org/spec/lti/claim/roles":[null]}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		c, err := parseClaims(payload)
		if err != nil {
			return
		}
		for _, text := range []string{c.Name, c.Title} {
			if len(text) > 1024 || !identifier(text+"x", len(text)+1) {
				t.Errorf("%q does not fit", text)
			}
		}
		l := Launch{Platform: Platform{Version: V13, Issuer: "https://lms.example"}}
		_ = c.checkTimes(time.Unix(1700000000, 0))
		_ = c.checkParties(l.Platform)
		if c.fill(&l, ourOrigin, c.Target) == nil {
			if !strings.HasPrefix(l.Target, "/") || strings.HasPrefix(l.Target, "//") || l.Subject == "" || !utf8.ValidString(l.Subject) || strings.ContainsRune(l.Context+l.Title+l.Name, 0) {
				t.Errorf("a launch %+v of %q", l, payload)
			}
		}
	})
}
