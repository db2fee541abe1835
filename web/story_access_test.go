package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestAccessStory shares a recording by name on one node, by keyboard alone, while the other person's open page on another
// node follows: it may edit, it may not even watch any more, it is signed out, and it keeps what was typed.
func TestAccessStory(t *testing.T) {
	if testing.Short() {
		t.Skip("the story takes half a minute: not with -short")
	}
	chrome := browser(t)
	i := newInstallation(t)
	second := i.node("serve", "node-2")
	var made struct {
		ID string `json:"id"`
	}
	i.api("ben", i.base).call("POST", "/api/v1/events", map[string]string{"title": "Waves"}, &made, http.StatusCreated)
	ben, chloe := window(t, chrome, i.base, "ben"), window(t, chrome, second.base, "chloe")
	for _, s := range []*screen{ben, chloe} {
		s.signIn(i.link(s.who))
	}
	path := "/events/" + made.ID
	ben.open(path)
	ben.until("the card", "document.querySelector('#who-may')", 10*time.Second)
	ben.sees("Your own right to edit comes from here alone.", time.Second)

	ben.typeInto("#acl-add", "chlo")
	ben.until("Chloe to be found", "document.querySelector('#acl-found button[value=ROLE_USER_CHLOE]')", 5*time.Second)
	ben.shots("acl-found")
	ben.press(kb.ArrowDown)
	ben.press(kb.Enter)
	row := "document.querySelector('[data-role=ROLE_USER_CHLOE] select')"
	ben.until("her row, saved, and the field to go on", row+"?.value === 'watch' && document.activeElement?.id === 'acl-add' && document.querySelector('.acl .field-saved')", 5*time.Second)

	chloe.open(path)
	chloe.until("the page to read", "document.querySelector('h1') && !document.querySelector('#who-may') && document.querySelector('[data-pulse]')", 10*time.Second)
	choose := func(value string) {
		t.Helper()
		eval[bool](ben, "("+row+".focus(), "+row+".value = "+quote(value)+", "+row+".dispatchEvent(new Event('change', { bubbles: true })))")
	}
	choose("edit")
	chloe.until("the page to edit, by itself", "document.querySelector('#who-may')", 5*time.Second)
	chloe.typeInto("#acl-add", "somebody")
	choose("watch")
	chloe.until("the line, for something is typed", "document.querySelector('[data-pulse]:not([hidden])')?.innerText.includes('What you may do here has changed.') && document.querySelector('#acl-add').value === 'somebody'", 5*time.Second)
	chloe.shots("pulse")
	chloe.click("[data-pulse-reload]")
	chloe.until("the page to read", "document.querySelector('h1') && !document.querySelector('#who-may')", 5*time.Second)
	choose("none")
	chloe.sees("There is nothing at this address", 5*time.Second)

	ben.typeInto("#acl-check", "chloe"+kb.Enter)
	ben.until("what she may", "document.querySelector('#acl-checked').innerText.includes('may neither watch nor edit')", 5*time.Second)
	ben.typeInto("#acl-add", "Nobody Knows"+kb.Enter)
	ben.until("the question", "document.querySelector('#who-may').innerText.includes('Nobody and no course here is called')", 5*time.Second)
	ben.shots("acl-unknown")

	chloe.open("/")
	chloe.until("her list", "document.querySelector('[data-pulse]')", 10*time.Second)
	again := window(t, chrome, i.base, "chloe")
	again.signIn(i.link("chloe"))
	again.open("/account")
	again.until("her account", "document.querySelector('h1')", 10*time.Second)
	eval[bool](again, "fetch('/account/sessions/end', { method: 'POST', body: new URLSearchParams({ where: 'elsewhere' }) }).then((r) => r.ok)")
	chloe.until("the sign-in page, by itself", "location.pathname === '/sign-in'", 5*time.Second)

	ada := window(t, chrome, i.base, "ada")
	ada.signIn(i.link("ada"))
	ada.open("/audit")
	ada.sees("changed who may watch and edit “Waves”.", 10*time.Second)
	ada.shots("audit")
	ada.open("/audit?what=access&from=2026-03-02&until=2026-03-01")
	ada.sees("This day lies before the first one.", 10*time.Second)
	ada.shot("audit-wrong")
	ada.do("German", chromedp.Navigate(i.base+"/audit"))
	eval[bool](ada, "fetch('/language', { method: 'POST', body: new URLSearchParams({ lang: 'de', back: '/' }) }).then((r) => r.ok)")
	ada.open("/audit?what=access")
	ada.sees("hat geändert, wer „Waves“ ansehen und bearbeiten darf.", 10*time.Second)
	ada.shot("audit-german")
	ada.open(path)
	ada.sees("Wer genau darf, und warum", 10*time.Second)
	eval[bool](ada, "(document.querySelector('.acl-words').open = true, document.querySelector('.acl-words').scrollIntoView({ block: 'center' }), true)")
	ada.shot("acl-german")
}

// typeInto gives keys to a field of a page that is whole.
func (s *screen) typeInto(css, keys string) {
	s.t.Helper()
	s.until("a whole page with "+css, "document.readyState === 'complete' && document.querySelector("+quote(css)+")", 10*time.Second)
	eval[bool](s, "(document.querySelector("+quote(css)+").focus(), true)")
	s.press(keys)
}
