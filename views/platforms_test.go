package views

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"
)

// TestPlatformPagesShow draws the pages of learning platforms and looks for what an admin came for.
func TestPlatformPagesShow(t *testing.T) {
	t.Parallel()
	for _, check := range []struct {
		name  string
		page  templ.Component
		query string
		texts []string
	}{
		{"those that wait can be approved", Platforms(samplePlatforms()), "button.button-primary", []string{"Approve", "Approve"}},
		{"and refused", Platforms(samplePlatforms()), "a[href=/settings/platforms/z4a6wl5hxt/remove]", []string{"Refuse"}},
		{"who it is", Platforms(samplePlatforms()), "a[href=/settings/platforms/ejrd2cq5r2]", []string{"Nordfjord Moodle"}},
		{"nothing waits", Platforms(samplePlatformsEmpty()), "section.platform-waiting", nil},
		{"what was done", Platforms(samplePlatforms()), "p.notice-text", []string{"Nordfjord Moodle is approved and may open Cutroom now."}},
		{"who it is stays", Platform(samplePlatform()), "input[name=issuer]", nil},
		{"the deployment may come later", Platform(samplePlatform()), "input[required]", []string{"", ""}},
		{"a new one is asked for all", Platform(samplePlatformNew()), "input[required]", []string{"", "", "", "", ""}},
		{"what is wrong stands below", Platform(samplePlatformNew()), "input[aria-invalid=true]", []string{"", "", ""}},
		{"of 1.1 there is a key", Platform(samplePlatform11()), "input[name=authUrl]", nil},
		{"1.1 may be trusted", Platform(samplePlatform11()), "input[name=trusted]", []string{""}},
		{"removing is asked", PlatformRemove(samplePlatformRemove()), "h1", []string{"Remove Nordfjord Moodle?"}},
		{"a platform's admin finds no places of ours", Register(sampleRegister()), "a", nil},
		{"and sends by a button", Register(sampleRegister()), "form[action=/lti/register]", []string{"Register"}},
	} {
		var got []string
		for _, n := range find(t, draw(t, check.page), check.query) {
			got = append(got, text(n))
		}
		if strings.Join(got, "|") != strings.Join(check.texts, "|") || len(got) != len(check.texts) {
			t.Errorf("%s: %s shows %q, want %q", check.name, check.query, got, check.texts)
		}
	}
}

// TestPlatformPagesInBrowser copies an address, and registers in a frame as a learning platform opens it.
func TestPlatformPagesInBrowser(t *testing.T) {
	ctx := browser(t)
	server := httptest.NewServer(preview(""))
	t.Cleanup(server.Close)
	do(t, ctx, chromedp.Navigate(server.URL+"/platforms"))
	until(t, ctx, "a button for each address", `document.querySelectorAll("button[data-copy]:not([hidden])").length === 7`)
	do(t, ctx, chromedp.Click("[data-copy=at-login]"))
	until(t, ctx, "that it is copied", `document.querySelector("[data-copy=at-login]").getAttribute("aria-label") === "Copied"`)
	until(t, ctx, "its name again", `document.querySelector("[data-copy=at-login]").getAttribute("aria-label") === "Copy Initiate login URL"`)

	run[bool](t, ctx, `addEventListener("message", (e) => (window.told ??= []).push(e.data.subject)), document.body.append(Object.assign(document.createElement("iframe"), { src: "/registered" })), true`)
	until(t, ctx, "the platform is told", `window.told?.length === 1 && told[0] === "org.imsglobal.lti.close"`)
	until(t, ctx, "a button for it", `document.querySelector("iframe").contentDocument.querySelector("[data-lti-close-now]:not([hidden])")`)
	run[bool](t, ctx, `document.querySelector("iframe").contentDocument.querySelector("[data-lti-close-now]").click(), true`)
	until(t, ctx, "it is told again", `told.length === 2`)
	do(t, ctx, chromedp.Navigate(server.URL+"/registered"))
	until(t, ctx, "no button where nobody opened it", `document.querySelector("[data-lti-close-now]").hidden`)
}
