package views

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"cutroom/internal/edit"
)

// clip is ten seconds with sound in its first and last three.
const clipLength = 10_000

// window is the editor's page in a browser.
type window struct {
	t    *testing.T
	ctx  context.Context
	fake *fakeEditor
}

// openEditor opens the page of an uncut clip of ten seconds; Jonas is there.
func openEditor(t *testing.T) *window {
	t.Helper()
	chromium := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	_, err := exec.LookPath("ffmpeg")
	if chromium == "" || err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the editor's browser tests need Chromium and ffmpeg: apt-get install chromium ffmpeg")
		}
		t.Skip("no Chromium or no ffmpeg, the editor was not tried in a browser: apt-get install chromium ffmpeg")
	}
	dir := t.TempDir()
	film := filepath.Join(dir, "clip.mp4")
	out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=10", "-f", "lavfi", "-i", "sine=frequency=220:duration=10",
		"-af", "volume=enable='between(t,3,7)':volume=0", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-c:a", "aac", film).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg: %v %s", err, out)
	}
	fakeMedia(t, film, dir, "clip", 1)
	page := samplePageOfEditor()
	page.Peaks = []EditorPeaks{{Asset: "a1", URL: "/media/clip.peaks"}}
	page.Storyboards = []EditorStoryboard{{Asset: "a1", URL: "/media/clip.jpg", Columns: 10, Rows: 10, Width: 160, Height: 90, Count: 10, Interval: 1000}}
	w := &window{t: t, fake: startFakeEditor(t, page, dir)}

	alloc, cancel := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(chromium), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()), chromedp.Flag("autoplay-policy", "no-user-gesture-required"), chromedp.Flag("mute-audio", true),
		chromedp.Flag("disable-background-networking", true), chromedp.WSURLReadTimeout(60*time.Second))
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewContext(alloc)
	t.Cleanup(stop)
	w.ctx = ctx
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil { // the context of the first step is the browser's
		t.Fatalf("Chromium does not start: %v", err)
	}
	w.do("size", chromedp.EmulateViewport(1440, 900))
	go w.watchErrors()
	w.open()
	return w
}

// samplePageOfEditor is the page of a clip with one track.
func samplePageOfEditor() EditorPage {
	page := EditorPage{
		Event: EditorEvent{ID: "clip", Title: "Rivers and seas", State: "ready"}, Mode: "together", RunsPolicy: "queue", You: EditorYou{User: "ben", Name: "Ben Adler"},
		Editors: []EditorPerson{jonas}, Details: Details{Action: "/events/clip/metadata", MayEdit: true, Title: "Rivers and seas"},
	}
	page.Source.Duration = clipLength
	page.Source.Tracks = []EditorTrack{{
		SourceTrack: edit.SourceTrack{Asset: "a1", Flavor: "presenter/source", Video: true, Audio: true, Duration: clipLength, FrameRate: 25},
		Label:       "Presenter", Src: "/media/clip.mp4", Type: "video/mp4", Playable: true, Width: 320, Height: 180,
	}}
	return page
}

var jonas = EditorPerson{Session: "s1", User: "jonas", Name: "Jonas Weber", State: "active", Place: "cutting", Playhead: 8000}

// watchErrors fails the test when a script throws.
func (w *window) watchErrors() {
	for event, err := range chromedp.Events(w.ctx, runtime.ExceptionThrown) {
		if err != nil {
			return
		}
		w.t.Errorf("a script threw: %s %s:%d %v", event.ExceptionDetails.Text, event.ExceptionDetails.URL, event.ExceptionDetails.LineNumber, event.ExceptionDetails.Exception)
	}
}

func (w *window) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
}

// open loads the page, anew when it is there, and waits until it is saved.
func (w *window) open() {
	w.t.Helper()
	w.do("open", chromedp.Navigate(w.fake.URL))
	w.until("the editor", `document.querySelector("[data-pill-text]")?.textContent === "Saved" && document.querySelector("[data-heads] button")`)
}

func (w *window) press(keys ...string) {
	w.t.Helper()
	for _, key := range keys {
		w.do("press "+key, chromedp.KeyEvent(key))
	}
}

func (w *window) click(css string) {
	w.t.Helper()
	w.do("click "+css, chromedp.Click(chromedp.CSS(css), chromedp.NodeVisible))
}

// js runs JavaScript whose value does not matter.
func (w *window) js(source string) {
	w.t.Helper()
	if _, err := chromedp.Run(w.ctx, chromedp.Evaluate[any](source)); err != nil {
		w.t.Fatalf("%s: %v", source, err)
	}
}

// until waits until JavaScript gives true.
func (w *window) until(what, js string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 15*time.Second)
	defer cancel()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+js+")"))
		if err == nil && ok {
			return
		}
		select {
		case <-ctx.Done():
			text, _ := chromedp.Run(w.ctx, chromedp.Evaluate[string]("document.body.innerText.slice(0, 1200)"))
			w.t.Fatalf("%s did not come about: %v\n%s", what, err, text)
		case <-time.After(40 * time.Millisecond):
		}
	}
}

// sees waits for words in a part of the page.
func (w *window) sees(css, words string) {
	w.t.Helper()
	w.until(fmt.Sprintf("%q in %s", words, css), fmt.Sprintf(`[...document.querySelectorAll(%q)].some((n) => !n.closest("[hidden]") && n.textContent.replaceAll("\u00a0", " ").includes(%q))`, css, words))
}

// server waits until the log's state is as wanted.
func (w *window) server(what string, fine func(st edit.State, ops int) bool) {
	w.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		st, ops := w.fake.present()
		if fine(st, ops) {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s: the server has %+v after %d ops", what, st, ops)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// mark marks from one second to another by keys.
func (w *window) mark(from, to int) {
	w.t.Helper()
	w.press(kb.Home)
	for range from {
		w.press(kb.ArrowRight)
	}
	w.press("i")
	for range to - from {
		w.press(kb.ArrowRight)
	}
	w.press("o")
}
