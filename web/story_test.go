package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestStory is the main job as people do it: Ben uploads a recording and cuts it on one node while Chloe sees him from
// another, they publish, watch the progress, and a student plays the result. Pictures of each page go to SCREENSHOTS.
func TestStory(t *testing.T) {
	if testing.Short() {
		t.Skip("the story takes a minute: not with -short")
	}
	chrome := browser(t)
	clip := lecture(t)
	i := newInstallation(t)
	second := i.node("serve", "node-2")
	ben, chloe, vera := window(t, chrome, i.base, "ben"), window(t, chrome, second.base, "chloe"), window(t, chrome, i.base, "vera")

	ben.open("/")
	ben.until("the sign-in page", "location.pathname === '/sign-in'", 10*time.Second)
	ben.shots("sign-in")
	for _, s := range []*screen{ben, chloe, vera} {
		s.signIn(i.link(s.who))
	}

	id := upload(ben, clip)
	share(i, id)
	ben.open("/events/" + id)
	ben.until("the recording's page", "document.querySelector('h1')", 10*time.Second)
	ben.shots("event")

	edit := "/events/" + id + "/edit"
	ben.open(edit)
	ben.editorReady()
	chloe.open(edit)
	chloe.editorReady()
	chloe.until("a warning that Ben is here, before anything is touched", "document.querySelector('[data-row=presence]:not([hidden])')?.innerText.includes('Ben')", 5*time.Second)
	ben.until("Chloe's face", "document.querySelector('[data-row=presence]:not([hidden])')?.innerText.includes('Chloe')", 5*time.Second)

	cutOut(ben)
	parts := "document.querySelectorAll('[data-parts] > li').length"
	ben.until("the change to be saved", "document.querySelector('[data-pill-text]').innerText === 'Saved'", 10*time.Second)
	ben.until("three lines in the list", parts+" >= 3", 5*time.Second)
	chloe.until("Ben's cut on the other node", parts+" === "+strconv.Itoa(eval[int](ben, parts)), 5*time.Second)
	ben.shots("editor")
	chloe.shot("editor-other-node")

	chloe.press("z", chloe.ctrl())
	chloe.until("that Chloe cannot undo what Ben did", parts+" >= 3", 3*time.Second)
	ben.press("z", ben.ctrl())
	ben.until("undo", parts+" === 1", 5*time.Second)
	chloe.until("undo on the other node", parts+" === 1", 5*time.Second)
	ben.press("z", ben.ctrl(), chromedp.KeyModifiers(chromedp.ModifierCtrl, chromedp.ModifierShift))
	ben.until("redo", parts+" >= 3", 5*time.Second)

	ben.click("[data-publish]")
	ben.until("the question", "document.querySelector('#ed-publish')?.open", 5*time.Second)
	ben.shot("publish-dialog")
	ben.click("[data-publish-go]")
	ben.until("progress on the button", "/\\d+\\s*%|Publishing|Published/.test(document.querySelector('[data-publish]').innerText)", 10*time.Second)
	ben.click("[data-publish]")
	ben.until("the progress over the editor", "document.querySelector('#ed-run[open] #run-progress')", 10*time.Second)
	ben.shot("editor-run")
	run := newestRun(i, id)
	chloe.open("/runs/" + run)
	chloe.until("the run's page", "document.querySelector('h1')", 10*time.Second)
	chloe.shots("run")
	chloe.until("the run to be done, without a reload", "document.body.innerText.includes('Done')", 2*time.Minute)
	ben.until("the same fragment over the editor to say so", "document.querySelector('#ed-run #run-progress').innerText.includes('Done')", 20*time.Second)
	ben.click("#ed-run .dialog-foot [data-close]")
	ben.until("published, without a reload", "document.body.innerText.includes('Published')", 20*time.Second)

	vera.open("/events/" + id + "/watch")
	vera.until("the video to be there", "document.querySelector('video')?.readyState >= 2", 20*time.Second)
	vera.until("the length of the cut", "Math.abs(document.querySelector('video').duration - 17) < 0.3", 5*time.Second)
	eval[bool](vera, "document.querySelector('video').play().then(() => true)")
	vera.until("it to play", "document.querySelector('video').currentTime > 0.5", 20*time.Second)
	vera.shots("watch")
	vera.open(edit)
	vera.until("who may only watch to be told whom to ask", "location.pathname.endsWith('/watch') && document.body.innerText.includes('Ben')", 10*time.Second)

	for name, path := range map[string]string{"recordings": "/", "series": "/series", "jobs": "/jobs", "not-found": "/no-such-page", "api-docs": "/api/docs"} {
		ben.open(path)
		ben.until("the page "+path, "document.querySelector('h1')", 10*time.Second)
		ben.shots(name)
	}
	ben.open("/settings")
	ben.until("the refusal", "document.body.innerText.includes('You may not do this')", 10*time.Second)
	ben.shots("forbidden")
	if os.Getenv("SCREENSHOTS") != "" {
		picture(i, ben, chloe)
	}
}

// lecture is a film of twenty seconds with sound, its second half another picture.
func lecture(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "Rivers and seas.mp4")
	text, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25:duration=20", "-f", "lavfi",
		"-i", "sine=frequency=220:duration=20", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50", "-c:a", "aac", out).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg: %v %s", err, text)
	}
	return out
}

func (s *screen) ctrl() chromedp.KeyOption { return chromedp.KeyModifiers(chromedp.ModifierCtrl) }

// signIn follows a link and presses its button.
func (s *screen) signIn(link string) {
	s.t.Helper()
	path := link[strings.Index(link, "/sign-in/"):]
	s.open(path)
	s.click("form[action='/sign-in/link'] button")
	s.until("to be signed in", "!location.pathname.startsWith('/sign-in')", 10*time.Second)
}

// upload gives a file to the page, and waits until the recording is ready. It returns its id.
func upload(s *screen, path string) string {
	s.t.Helper()
	s.open("/")
	s.until("the upload button", "document.querySelector('[data-upload-files]')", 10*time.Second)
	s.do("choose a file", chromedp.SetUploadFiles(chromedp.CSS("[data-upload-files]"), []string{path}))
	s.sees("Rivers and seas", 20*time.Second)
	find := `fetch('/api/v1/events?q=rivers').then(r => r.json()).then(b => b.items.find(e => e.title === 'Rivers and seas' && e.state === 'ready')?.id ?? '')`
	id := ""
	waitFor(s.t, "the recording to be ready", time.Minute, func() bool {
		id = eval[string](s, find)
		return id != ""
	})
	return id
}

// share lets Chloe edit and Vera watch.
func share(i *installation, id string) {
	i.t.Helper()
	entry := func(who, action string) map[string]string {
		return map[string]string{"role": "ROLE_USER_" + strings.ToUpper(who), "action": action}
	}
	acl := []map[string]string{entry("ben", "read"), entry("ben", "write"), entry("chloe", "read"), entry("chloe", "write"), entry("vera", "read")}
	i.api("ben", i.base).call("PUT", "/api/v1/events/"+id+"/acl", acl, nil, http.StatusOK)
}

func (s *screen) editorReady() {
	s.t.Helper()
	s.until("the editor", "document.querySelector('#editor') && document.querySelector('[data-pill-text]')?.innerText === 'Saved'", 15*time.Second)
}

// cutOut marks from 2 s to 5 s by keyboard and cuts it out.
func cutOut(s *screen) {
	s.t.Helper()
	eval[bool](s, "(document.activeElement?.blur(), true)")
	s.press(kb.Home)
	for range 2 {
		s.press(kb.ArrowRight)
	}
	s.press("i")
	for range 3 {
		s.press(kb.ArrowRight)
	}
	s.press("o")
	s.until("a mark", "document.querySelector('[data-mark-length]')?.innerText.includes('3')", 5*time.Second)
	s.shot("editor-mark")
	s.press("x")
}

func newestRun(i *installation, id string) string {
	i.t.Helper()
	var list struct{ Items []struct{ ID string } }
	i.api("ben", i.base).call("GET", "/api/v1/runs?event="+id, nil, &list, http.StatusOK)
	if len(list.Items) == 0 {
		i.t.Fatal("no run was made")
	}
	return list.Items[0].ID
}
