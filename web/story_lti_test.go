package main

import (
	"context"
	"encoding/json"
	"fmt"
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
	lecture := "/events/" + c.forCourses(processes[0].base, lecture(t), "bio_Instructor", "chem_Instructor", "bio_Learner", "strict-bio_Instructor")
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
	player.touch("a[target=_top]")
	leo.until("the course again", "location.pathname === '/back'", 10*time.Second)

	choose(tess, campus, lecture)
	refusing(t, chrome, newCampus(s, c.installation, strictHost, "strict-"), lecture)
	strangers(s, chrome)

	here, there := tess.another(), tess.another()
	here.open(campus.page("tess", "bio", lecture+"/edit"))
	open := here.frame(tool + lecture + "/edit")
	open.editorReady()
	there.open(campus.page("tess", "bio", "/"))
	eval[bool](there.frame(tool+"/"), "(location.assign('/account'), true)")
	account := there.frame(tool + "/account")
	there.shots("frame-account")
	account.touch("button[name=where][value=everywhere]")
	open.sees("You are signed out", 10*time.Second)
	here.shot("frame-signed-out")
	other.until("Tom to be there still", "document.querySelector('[data-pill-text]').innerText === 'Saved'", 5*time.Second)
}

// choose puts the lecture into the course by the picker in the frame; the link that comes to the course opens the player.
func choose(s *screen, campus *campus, lecture string) {
	s.t.Helper()
	s.open(campus.page("tess", "bio", ""))
	picker := s.frame("https://" + toolHost + "/lti/deep-link")
	picker.sees("Rivers and seas", 10*time.Second)
	s.shots("frame-picker")
	picker.touch("[data-choose]")
	picker.until("the choice", "document.querySelector('[data-picked]')", 10*time.Second)
	s.shots("frame-picker-chosen")
	picker.touch("[data-add]")
	waitFor(s.t, "a link in the course", 15*time.Second, func() bool { return len(campus.Choices()) == 1 })
	items := campus.Choices()[0].Items
	if len(items) != 1 || items[0]["url"] != "https://"+toolHost+lecture+"/watch" || items[0]["type"] != "ltiResourceLink" {
		s.t.Errorf("the course got %v", items)
	}
	s.shot("frame-picker-added")
	s.open(campus.page("tess", "bio", lecture+"/watch"))
	s.frame("https://" + toolHost + lecture + "/watch")
}

// refusing is somebody whose browser keeps no cookies at all in frames: the platform keeps the state, a window of its own the session.
func refusing(t *testing.T, chrome context.Context, strict *campus, lecture string) {
	t.Helper()
	tina := window(t, chrome, "https://"+toolHost, "tina")
	tina.open(strict.page("tess", "bio", lecture+"/edit"))
	blocked := tina.frame("https://" + toolHost + "/lti/launch")
	blocked.until("the ticket of a window of its own", "document.querySelector('form[action=\"/lti/window\"]')", 10*time.Second)
	tina.shots("frame-no-cookies")
	blocked.touch("form[action='/lti/window'] button")
	own := tina.tab("https://" + toolHost + lecture + "/edit")
	own.editorReady()
	own.shot("window-of-its-own")
}

// strangers show the tool in a frame of a page that no platform registered: the browser draws nothing of it.
func strangers(s *sites, chrome context.Context) {
	s.t.Helper()
	s.serve(alienHost, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><title>strangers</title><iframe src="https://%s/sign-in" width="900" height="600"></iframe>`, toolHost)
	}))
	mallory := window(s.t, chrome, "https://"+alienHost, "mallory")
	mallory.open("/")
	mallory.attach("https://"+toolHost).until("the frame to be refused", "location.href === 'chrome-error://chromewebdata/'", 10*time.Second)
	mallory.shot("frame-refused")
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
