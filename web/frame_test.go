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
