package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// browser starts a Chromium for a test; people are its contexts, with cookies of their own.
func browser(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("no Chromium: apt-get install chromium")
		}
		t.Skip("no Chromium, the browser tests were not run: apt-get install chromium")
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("autoplay-policy", "no-user-gesture-required"), chromedp.Flag("mute-audio", true),
		chromedp.Flag("force-color-profile", "srgb"), chromedp.WSURLReadTimeout(60 * time.Second),
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewContext(ctx)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return ctx
}

// screen is one person's window.
type screen struct {
	t    *testing.T
	ctx  context.Context
	base string // of the node
	who  string
	top  *screen // of a frame: the window that it is in
}

// window opens a window with cookies of its own at a node.
func window(t *testing.T, browser context.Context, base, who string) *screen {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil { // the window lives as long as this context
		t.Fatal(err)
	}
	s := &screen{t: t, ctx: ctx, base: base, who: who}
	s.size(1440, 900)
	return s
}

func (s *screen) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		s.shot("failed-" + s.who)
		s.t.Fatalf("%s: %s: %v", s.who, what, err)
	}
}

func (s *screen) size(width, height int64) {
	s.t.Helper()
	s.do("size", chromedp.EmulateViewport(width, height))
}

// theme sets what the person's system prefers: light or dark.
func (s *screen) theme(name string) {
	s.t.Helper()
	s.do("theme", func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return chromedp.Void{}, err
	})
}

func (s *screen) open(path string) {
	s.t.Helper()
	url := path
	if strings.HasPrefix(path, "/") {
		url = s.base + path
	}
	s.do("open "+path, chromedp.Navigate(url))
}

// eval runs JavaScript and gives its value.
func eval[T any](s *screen, js string) T {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, 30*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		s.shot("failed-" + s.who)
		s.t.Fatalf("%s: %s: %v", s.who, js, err)
	}
	return v
}

// until waits until JavaScript gives true, and fails with a picture after a while.
func (s *screen) until(what, js string, within time.Duration) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, within)
	defer cancel()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+js+")"))
		if err == nil && ok {
			return
		}
		select {
		case <-ctx.Done():
			s.shot("failed-" + s.who)
			text, _ := chromedp.Run(s.ctx, chromedp.Evaluate[string]("document.title + ' | ' + document.body.innerText.slice(0, 1500)"))
			s.t.Fatalf("%s: %s did not come about in %s (%v)\n%s", s.who, what, within, err, text)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// sees waits until the page shows a text.
func (s *screen) sees(text string, within time.Duration) {
	s.t.Helper()
	s.until(fmt.Sprintf("the text %q", text), "document.body.innerText.includes("+quote(text)+")", within)
}

// click clicks the first visible element of a CSS selector, as a mouse does.
func (s *screen) click(css string) {
	s.t.Helper()
	s.until("a whole page with "+css, "document.readyState === 'complete' && document.querySelector("+quote(css)+")", 10*time.Second)
	s.do("click "+css, chromedp.Click(chromedp.CSS(css), chromedp.NodeVisible))
}

// press sends keys to what has the focus.
func (s *screen) press(keys string, options ...chromedp.KeyOption) {
	s.t.Helper()
	if s.top != nil { // the window gives keys to the frame that has the focus
		s.top.press(keys, options...)
		return
	}
	s.do("press "+keys, chromedp.KeyEvent(keys, options...))
}

// shot keeps a picture for people to judge, in the folder that SCREENSHOTS names, else nowhere.
func (s *screen) shot(name string) {
	s.t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	if s.top != nil {
		s.top.shot(name)
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, 20*time.Second)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		s.t.Logf("no picture %s: %v", name, err)
		return
	}
	if err = os.MkdirAll(dir, 0o755); err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// shots keeps pictures of the page wide and narrow, light and dark.
func (s *screen) shots(name string) {
	s.t.Helper()
	s.until("pictures", "document.readyState === 'complete' && [...document.images].every((i) => i.complete) && !document.querySelector('[aria-busy=true]')", 15*time.Second)
	for _, theme := range []string{"light", "dark"} {
		s.theme(theme)
		for _, size := range []struct {
			name string
			w, h int64
		}{{"wide", 1440, 900}, {"middle", 1000, 650}, {"phone", 390, 844}} {
			if os.Getenv("SCREENSHOTS") == "" {
				continue
			}
			s.size(size.w, size.h)
			s.until("a drawn page", "new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(true))))", 5*time.Second)
			s.shot(name + "-" + size.name + "-" + theme)
		}
	}
	s.theme("light")
	s.size(1440, 900)
}
