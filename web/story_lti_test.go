package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestLaunchStory is a lecture that people of courses cut and watch inside their learning platform's pages, in a browser that
// keeps no cookies of other sites: on two nodes, the login on one of them and the launch on the other. Pictures go to SCREENSHOTS.
func TestLaunchStory(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the story of a launch takes half a minute: not with -short")
	}
	s := newSites(t)
	chrome := browser(t, s.chromiumOf()...)
	c, processes, nodes := s.cluster(2)
	worker := c.start("work", "worker", freePort(t))
	t.Cleanup(worker.end)
	campus := newCampus(s, c.installation, campusHost, "")
	tool := "https://" + toolHost
	lecture := "/events/" + c.forCourses(processes[0].base, lecture(t), "bio_Instructor", "chem_Instructor", "bio_Learner")
	nodes.pin("/lti/login", 0)
	nodes.pin("/lti/launch", 1)

	tess := window(t, chrome, tool, "tess")
	tess.open(campus.page("tess", "bio", lecture+"/edit"))
	cutter := tess.frame(tool + lecture + "/edit")
	cutter.editorReady()
	tess.shots("frame-editor")
	cutter.touch("[data-timeline], #editor h1, .banner")
	cutOut(cutter)
	parts := "document.querySelectorAll('[data-parts] > li').length"
	cutter.until("the change to be saved", "document.querySelector('[data-pill-text]').innerText === 'Saved'", 10*time.Second)
	cutter.until("three lines in the list", parts+" >= 3", 5*time.Second)
	tess.shot("frame-editor-cut")

	tom := window(t, chrome, tool, "tom")
	tom.open(campus.page("tom", "chem", lecture+"/edit"))
	other := tom.frame(tool + lecture + "/edit")
	other.editorReady()
	other.until("Tess' cut", parts+" === "+strconv.Itoa(eval[int](cutter, parts)), 5*time.Second)
	cutter.until("Tom to be seen by Tess", "document.querySelector('[data-row=presence]:not([hidden])')?.innerText.includes('Tom')", 5*time.Second)

	leo := window(t, chrome, tool, "leo")
	leo.open(campus.page("leo", "bio", lecture+"/watch"))
	player := leo.frame(tool + lecture + "/watch")
	player.until("the video to be there", "document.querySelector('video')?.readyState >= 2", 20*time.Second)
	leo.shots("frame-player")
}

// forCourses brings in a film and publishes it uncut, for teachers of courses to cut and learners to watch. It gives its id.
func (c *crashCluster) forCourses(base, film string, roles ...string) string {
	c.t.Helper()
	out, errs, code := c.cutroom("import", "--tenant", "demo", film)
	var made struct{ Event string }
	if err := json.Unmarshal([]byte(out), &made); code != 0 || err != nil {
		c.t.Fatalf("import: %s %s %v", out, errs, err)
	}
	ada := c.api("ada", base)
	acl := []map[string]string{}
	for _, role := range roles {
		acl = append(acl, map[string]string{"role": role, "action": "read"})
		if !strings.HasSuffix(role, "_Learner") {
			acl = append(acl, map[string]string{"role": role, "action": "write"})
		}
	}
	path := "/api/v1/events/" + made.Event
	ada.call("PUT", path+"/acl?confirm=true", acl, nil, http.StatusOK)
	waitFor(c.t, "the film to be taken in", time.Minute, func() bool {
		var e struct{ State string }
		ada.call("GET", path, nil, &e, http.StatusOK)
		return e.State == "ready"
	})
	var run struct{ ID, State string }
	ada.call("POST", path+"/runs", map[string]string{"workflow": "publish"}, &run, http.StatusAccepted)
	waitFor(c.t, "the film to be published", time.Minute, func() bool {
		ada.call("GET", "/api/v1/runs/"+run.ID, nil, &run, http.StatusOK)
		return run.State == "done"
	})
	return made.Event
}
