package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"cutroom/internal/lti/stubplatform"
)

// campus is a learning platform of the tests at one of the sites, with people of its own. Nodes ask it for keys on loopback.
type campus struct {
	*stubplatform.Platform
	sites *sites
	host  string
}

// campusPeople are in every course of every campus: their names, roles and languages.
var campusPeople = map[string][3]string{
	"tess": {"Tess Teacher", stubplatform.Instructor, "en"}, "tom": {"Tom Teacher", stubplatform.Instructor, "en"}, "leo": {"Leo Learner", stubplatform.Learner, "de-DE"},
}

// newCampus makes a platform at a host, and registers it with the installation under a role prefix.
func newCampus(s *sites, i *installation, host, prefix string) *campus {
	s.t.Helper()
	c := &campus{Platform: stubplatform.At("https://" + host), sites: s, host: host}
	c.ClientID, c.Tool, c.Client = "client-of-"+host, stubplatform.ToolAt("https://"+toolHost), s.client()
	mux := http.NewServeMux()
	mux.Handle("/", c.Handler())
	mux.HandleFunc("GET /back", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "The course again") })
	s.serve(host, mux)
	loopback := httptest.NewServer(mux)
	s.t.Cleanup(loopback.Close)
	_, errs, code := i.cutroom("lti", "add", "--tenant", "demo", "--issuer", c.URL, "--client-id", c.ClientID, "--deployment", c.Deployment, "--name", "Campus at "+host,
		"--auth-url", c.AuthURL(), "--jwks-url", loopback.URL+"/jwks", "--role-prefix", prefix)
	if code != 0 {
		s.t.Fatalf("lti add: %d %s", code, errs)
	}
	return c
}

// click is somebody's click on a link of a course to a path of the tool; "" is the course's button for choosing a recording.
func (c *campus) click(who, course, path string) stubplatform.Click {
	p, known := campusPeople[who]
	if !known {
		p = [3]string{"New " + who, stubplatform.Learner, "en"}
	}
	click := stubplatform.Click{Target: "https://" + toolHost + path, Subject: who, Name: p[0], Roles: []string{p[1]}, Locale: p[2], Context: course, Title: "Course " + strings.ToUpper(course),
		Return: c.URL + "/back", Storage: "_parent"}
	if path == "" {
		click.Message, click.Target, click.Data = stubplatform.DeepLinking, "https://"+toolHost+"/lti/deep-link", "data of "+course
	}
	return click
}

// page is the address of a course's page that opens such a link in a frame.
func (c *campus) page(who, course, path string) string {
	return c.CourseURL(c.Offer(c.click(who, course, path)))
}
