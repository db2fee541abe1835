package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestOperatorStory is what operators do: Olga makes a tenant, looks what an install would do and installs, watches it from two
// nodes, sees one fail and aborts one, upgrades, and deletes the tenant. Pictures of each page go to SCREENSHOTS.
func TestOperatorStory(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the operator's story takes half a minute: not with -short")
	}
	chrome := browser(t)
	i := newInstallation(t)
	second := i.node("serve", "node-2")
	o := i.okapi(i.base)
	p := newPreparing()
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	for _, id := range []string{"transcriber-1.0.0", "refuser-1.0.0", "slowpoke-1.0.0"} {
		o.module(id, server.URL)
	}
	olga, other := window(t, chrome, i.base, "olga"), window(t, chrome, second.base, "olga")
	olga.signIn(i.link("olga"))
	other.signIn(i.link("olga"))

	olga.open("/tenants")
	olga.sees("Demo University", 10*time.Second)
	olga.click("[data-dialog=new-tenant]")
	olga.fill("#new-tenant [name=id]", "north")
	olga.fill("#new-tenant [name=name]", "Northern University")
	olga.shot("tenant-new")
	olga.click("#new-tenant .button-primary")
	olga.until("the tenant's page", "location.pathname === '/tenants/north'", 20*time.Second)
	olga.sees("cutroom-editor", 5*time.Second)

	p.set(func() { p.jobs["north transcriber-1.0.0"] = false })
	olga.click("#install [name=module][value=transcriber]")
	olga.click("#install [name=do][value=preview]")
	olga.sees("This would happen", 10*time.Second)
	olga.click("#install [name=do][value=install]")
	olga.sees("Running for", 10*time.Second)
	job := eval[string](olga, "document.querySelector('#tenant-jobs a[href^=\"/installs/\"]')?.getAttribute('href') ?? document.querySelector('#tenant-jobs form').getAttribute('action').replace('/abort', '')")
	other.open(job)
	other.sees("transcriber 1.0.0", 10*time.Second)
	olga.shots("tenant-installing")
	p.set(func() { p.jobs["north transcriber-1.0.0"] = true })
	other.until("the job to be done on the other node, without a reload", "document.body.innerText.includes('Done') && !document.body.innerText.includes('Running for')", 20*time.Second)
	olga.until("the module in the list, without a reload", "[...document.querySelectorAll('#tenant-modules tr')].some(r => r.innerText.includes('transcriber') && r.innerText.includes('Enabled'))", 20*time.Second)

	p.set(func() { p.no["north refuser-1.0.0"] = "no licence for north" })
	olga.click("#install [name=module][value=refuser]")
	olga.click("#install [name=do][value=install]")
	olga.until("the failure in the history", "[...document.querySelectorAll('a[href^=\"/installs/\"]')].some(a => a.innerText.includes('refuser'))", 20*time.Second)
	eval[bool](olga, "([...document.querySelectorAll('a[href^=\"/installs/\"]')].find(a => a.innerText.includes('refuser')).click(), true)")
	olga.sees("POST request for refuser-1.0.0 /_/tenant failed with 403: no licence for north", 10*time.Second)
	olga.shots("install-failed")

	p.set(func() { p.jobs["north slowpoke-1.0.0"] = false })
	olga.open("/tenants/north")
	olga.click("#install [name=module][value=slowpoke]")
	olga.click("#install [name=do][value=install]")
	olga.sees("Running for", 10*time.Second)
	olga.click("#tenant-jobs form[action$='/abort'] button")
	olga.sees("Finishes the module in work, starts no other.", 10*time.Second)
	p.set(func() { p.jobs["north slowpoke-1.0.0"] = true })
	olga.sees("Aborted", 20*time.Second)

	o.module("transcriber-1.1.0", server.URL)
	olga.open("/tenants?filter=upgrade")
	olga.sees("1 module can be upgraded", 10*time.Second)
	olga.shots("tenants")
	olga.click("[name=tenant][value=north]")
	olga.click("form[action='/upgrades/new'] button:not([disabled])")
	olga.until("the question", "location.pathname === '/upgrades/new'", 10*time.Second)
	olga.shot("upgrade-new")
	olga.click("form[action='/upgrades'] .button-primary")
	olga.until("the upgrade's page", "/^\\/upgrades\\/./.test(location.pathname) && location.pathname !== '/upgrades/new'", 10*time.Second)
	olga.sees("1 of 1 tenant", 20*time.Second)
	olga.shots("upgrade")
	olga.open("/tenants/north")
	olga.sees("1.1.0", 10*time.Second)
	olga.shots("tenant")

	olga.open("/tenants/north/delete")
	olga.fill("#delete-name", "Southern University")
	olga.click("form .button-danger")
	olga.sees("Nothing was deleted.", 10*time.Second)
	olga.shot("tenant-delete")
	olga.fill("#delete-name", "Northern University")
	olga.click("form .button-danger")
	olga.until("the list", "location.pathname === '/tenants'", 10*time.Second)
	waitFor(t, "the tenant to be gone", 40*time.Second, func() bool {
		olga.open("/tenants?q=northern")
		return !eval[bool](olga, "!!document.querySelector('#tenant-north')")
	})
	o.call("GET", "/_/proxy/tenants/north", nil, http.StatusNotFound)
}

// fill types into a field, in place of what stands there.
func (s *screen) fill(css, text string) {
	s.t.Helper()
	s.click(css)
	eval[bool](s, "(document.querySelector("+quote(css)+").select(), true)")
	s.press(text)
}
