package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// frame waits for a frame of another site in this window whose address begins with a text, and gives it as a screen of its own:
// Chromium runs such frames in processes of their own.
func (s *screen) frame(address string) *screen {
	s.t.Helper()
	f := s.attach(address)
	f.until("a whole frame", "document.readyState === 'complete' && location.href.startsWith("+quote(address)+")", 15*time.Second)
	return f
}

// attach waits for such a frame, whatever is drawn in it.
func (s *screen) attach(address string) *screen {
	s.t.Helper()
	found := s.wait("iframe", address)
	ctx, cancel := chromedp.NewContext(s.ctx, chromedp.WithTargetID(found.TargetID), chromedp.WithDetachOnCancel())
	s.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the frame is attached to as long as this context
		s.t.Fatal(err)
	}
	return &screen{t: s.t, ctx: ctx, base: s.base, who: s.who + "-frame", top: s}
}

// wait waits for a target of this window's browser context, and fails with those that are there.
func (s *screen) wait(kind, address string) *target.Info {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		if found := s.target(kind, address); found != nil {
			return found
		}
	}
	s.shot("failed-" + s.who)
	s.t.Fatalf("%s: no %s at %s, but %s", s.who, kind, address, strings.Join(s.addresses(), ", "))
	return nil
}

// addresses are those of all targets of this window's browser context.
func (s *screen) addresses() (all []string) {
	s.t.Helper()
	for _, info := range s.targets() {
		all = append(all, info.Type+" "+info.URL)
	}
	return all
}

// target finds a target of this window's browser context; of frames, those of this window alone, where they stay.
func (s *screen) target(kind, address string) *target.Info {
	s.t.Helper()
	for _, info := range s.targets() {
		mine := kind != "iframe" || string(info.ParentFrameID) == string(chromedp.FromContext(s.ctx).Target.TargetID)
		passing := strings.HasPrefix(info.URL, "https://"+toolHost+"/lti/login") // on the way to the platform
		if mine && !passing && info.Type == kind && strings.HasPrefix(info.URL, address) {
			return info
		}
	}
	return nil
}

func (s *screen) targets() (own []*target.Info) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, 10*time.Second)
	defer cancel()
	all, err := chromedp.Targets(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, info := range all {
		if info.BrowserContextID == chromedp.FromContext(s.ctx).BrowserContextID {
			own = append(own, info)
		}
	}
	return own
}

// touch clicks the first visible element of a CSS selector in a frame, as a mouse does: at its place in the window. Chromium knows
// where a frame is a moment after the frame does; a click that did not come to it is made again.
func (s *screen) touch(css string) {
	s.t.Helper()
	s.until("something to click at "+css, "document.readyState === 'complete' && "+visible(css), 10*time.Second)
	s.until("the frame's size", fmt.Sprintf("innerWidth === %d", eval[int](s.top, "document.querySelector('iframe').clientWidth")), 10*time.Second)
	for range 5 {
		at := eval[[]float64](s, `(() => { const e = `+visible(css)+`; e.scrollIntoView({block: 'center', behavior: 'instant'}); const r = e.getBoundingClientRect();
			window.touched = 'no'; addEventListener('click', () => { window.touched = 'yes' }, {capture: true, once: true}); return [r.x + r.width / 2, r.y + r.height / 2] })()`)
		frame := eval[[]float64](s.top, "(() => { const e = document.querySelector('iframe'), r = e.getBoundingClientRect(); return [r.x + e.clientLeft, r.y + e.clientTop] })()")
		s.top.do("click "+css+" in the frame", chromedp.MouseClickXY(at[0]+frame[0], at[1]+frame[1]))
		if s.touched() {
			return
		}
	}
	s.shot("failed-" + s.who)
	s.t.Fatalf("%s: no click came to %s", s.who, css)
}

// touched says whether a click came to the frame: it is known there, or the frame has gone on to another page.
func (s *screen) touched() bool {
	ctx, cancel := context.WithTimeout(s.ctx, time.Second)
	defer cancel()
	for ctx.Err() == nil {
		said, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String(window.touched)"))
		if err == nil && said == "no" {
			<-time.After(20 * time.Millisecond)
			continue
		}
		return ctx.Err() == nil
	}
	return false
}

func visible(css string) string {
	return "[...document.querySelectorAll(" + quote(css) + ")].find((e) => e.checkVisibility())"
}

// tab waits for another page of this person's browser whose address begins with a text, and gives it as a window.
func (s *screen) tab(address string) *screen {
	s.t.Helper()
	found := s.wait("page", address)
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
