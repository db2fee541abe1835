package main

import (
	"time"

	"github.com/chromedp/chromedp/kb"
)

// picture takes the README's picture of the editor, editor.png in the folder that SCREENSHOTS names: the sample lecture with
// two people, a removed range and a mark.
func picture(i *installation, ben, chloe *screen) {
	i.t.Helper()
	waitFor(i.t, "the sample lecture's first publishing", 4*time.Minute, func() bool {
		return eval[bool](ben, "fetch('/api/v1/runs?event="+string(demoLecture)+"').then(r => r.json()).then(runs => runs.items?.[0]?.state === 'done')")
	})
	for _, s := range []*screen{ben, chloe} {
		s.theme("light")
		s.size(1440, 900)
		s.open("/events/" + string(demoLecture) + "/edit")
		s.editorReady()
		s.until("the sound picture and the pauses", "document.querySelector('[data-pauses]:not([hidden])')", 15*time.Second)
	}
	mark(chloe, "10.9", "15.2")
	chloe.press("x")
	goTo(chloe, "1:41.5")
	ben.until("Chloe's cut", "document.querySelector('[data-parts]').innerText.includes('Put back')", 5*time.Second)
	mark(ben, "1:12.6", "1:17.9")
	goTo(ben, "60")
	ben.until("pictures and sound at one place, and Chloe", `[...document.querySelectorAll('video')].filter(v => v.checkVisibility()).every(v => v.readyState >= 2 && !v.seeking)
		&& !document.querySelector('[data-row=presence]').hidden && !document.querySelector('[data-row=conflict]:not([hidden])')`, 20*time.Second)
	ben.until("Chloe's change to be no news any more", "!document.querySelector('.ed-other-flash')", 10*time.Second)
	ben.shot("editor")
}

// goTo moves the playhead to a time as people type it.
func goTo(s *screen, time string) {
	s.t.Helper()
	eval[bool](s, "(document.querySelector('[data-time]').focus(), true)")
	s.press(time + kb.Enter)
}

// mark marks a range by keyboard.
func mark(s *screen, from, to string) {
	s.t.Helper()
	goTo(s, from)
	s.press("i")
	goTo(s, to)
	s.press("o")
}
