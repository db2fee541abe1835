package main

import (
	"context"
	"strings"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// frame waits for a frame of another site in this window whose address begins with a text, and gives it as a screen of its own:
// Chromium runs such frames in processes of their own.
func (s *screen) frame(address string) *screen {
	s.t.Helper()
	var found *target.Info
	waitFor(s.t, "a frame at "+address, 20*time.Second, func() bool {
		found = s.target("iframe", address)
		return found != nil
	})
	ctx, cancel := chromedp.NewContext(s.ctx, chromedp.WithTargetID(found.TargetID), chromedp.WithDetachOnCancel())
	s.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the frame is attached to as long as this context
		s.t.Fatal(err)
	}
	f := &screen{t: s.t, ctx: ctx, base: s.base, who: s.who + "-frame", top: s}
	f.until("a whole frame", "document.readyState === 'complete' && location.href.startsWith("+quote(address)+")", 15*time.Second)
	return f
}

// target finds a target of this window's browser context.
func (s *screen) target(kind, address string) *target.Info {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, 10*time.Second)
	defer cancel()
	all, err := chromedp.Targets(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	own := chromedp.FromContext(s.ctx).BrowserContextID
	for _, info := range all {
		if info.Type == kind && strings.HasPrefix(info.URL, address) && info.BrowserContextID == own {
			return info
		}
	}
	return nil
}

// touch clicks the first visible element of a CSS selector in a frame, as a mouse does: at its place in the window.
func (s *screen) touch(css string) {
	s.t.Helper()
	s.until("something to click at "+css, "document.readyState === 'complete' && "+visible(css), 10*time.Second)
	at := eval[[]float64](s, "(() => { const e = "+visible(css)+"; e.scrollIntoView({block: 'center', behavior: 'instant'}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()")
	frame := eval[[]float64](s.top, "(() => { const r = document.querySelector('iframe').getBoundingClientRect(); return [r.x, r.y] })()")
	s.top.do("click "+css+" in the frame", chromedp.MouseClickXY(at[0]+frame[0]+1, at[1]+frame[1]+1)) // 1: the frame's border
}

func visible(css string) string {
	return "[...document.querySelectorAll(" + quote(css) + ")].find((e) => e.checkVisibility())"
}

// tab waits for another page of this person's browser whose address begins with a text, and gives it as a window.
func (s *screen) tab(address string) *screen {
	s.t.Helper()
	var found *target.Info
	waitFor(s.t, "a window at "+address, 20*time.Second, func() bool {
		found = s.target("page", address)
		return found != nil
	})
	ctx, cancel := chromedp.NewContext(s.ctx, chromedp.WithTargetID(found.TargetID))
	s.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		s.t.Fatal(err)
	}
	return &screen{t: s.t, ctx: ctx, base: s.base, who: s.who + "-window"}
}

// another opens a second window of the same person: with the same cookies.
func (s *screen) another() *screen {
	s.t.Helper()
	ctx, cancel := chromedp.NewContext(s.ctx)
	s.t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		s.t.Fatal(err)
	}
	other := &screen{t: s.t, ctx: ctx, base: s.base, who: s.who + "-second"}
	other.size(1440, 900)
	return other
}
