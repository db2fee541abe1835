package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// chromiumOf are the options of a Chromium that knows the sites, keeps no cookies of other sites than the page's unless they
// are partitioned, and none at all of frames in pages of strictHost.
func (s *sites) chromiumOf() []chromedp.ExecAllocatorOption {
	s.t.Helper()
	folder := s.t.TempDir()
	wanted := map[string]any{"profile": map[string]any{
		"cookie_controls_mode": 1, "block_third_party_cookies": true, // 1: cookies of third parties are blocked
		"content_settings": map[string]any{"exceptions": map[string]any{"cookies": map[string]any{
			"https://[*." + "]" + toolSite + ",https://" + strictHost: map[string]any{"setting": 2}, // 2: blocked
		}}},
	}}
	raw, err := json.Marshal(wanted)
	if err == nil {
		err = os.MkdirAll(filepath.Join(folder, "Default"), 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "Default", "Preferences"), raw, 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	rules := ""
	for _, host := range []string{toolSite, "*." + toolSite, campusHost, strictHost, alienHost} {
		rules += fmt.Sprintf("MAP %s:443 %s,", host, s.address)
	}
	return []chromedp.ExecAllocatorOption{
		chromedp.UserDataDir(folder), chromedp.Flag("host-resolver-rules", rules+"MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), chromedp.Flag("ignore-certificate-errors-spki-list", s.spki),
	}
}

// TestChromiumBlocksCookiesOfFrames holds the browser of these tests to what they are about: in a frame of another site's page a
// cookie comes back only when it is partitioned, in a page of strictHost not even then. At the top all of them come back.
func TestChromiumBlocksCookiesOfFrames(t *testing.T) {
	t.Parallel()
	s := newSites(t)
	s.serve(toolHost, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/set" {
			for _, partitioned := range []bool{false, true} {
				http.SetCookie(w, &http.Cookie{Name: map[bool]string{false: "plain", true: "parted"}[partitioned], Value: "1", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode, Partitioned: partitioned})
			}
			http.Redirect(w, r, "/show", http.StatusSeeOther)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<p>cookies: %s.</p>", r.Header.Get("Cookie"))
	}))
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><title>course</title><iframe src="https://%s/set"></iframe>`, toolHost)
	})
	s.serve(campusHost, page)
	s.serve(strictHost, page)
	chrome := browser(t, s.chromiumOf()...)
	me := window(t, chrome, "https://"+campusHost, "ada")
	for host, want := range map[string]string{campusHost: "cookies: parted=1.", strictHost: "cookies: ."} {
		me.open("https://" + host + "/")
		f := me.frame("https://" + toolHost + "/show")
		if got := eval[string](f, "document.body.innerText"); got != want {
			t.Errorf("a frame in a page of %s: %s", host, got)
		}
	}
	me.open("https://" + toolHost + "/set")
	me.sees("cookies: plain=1; parted=1.", 5*time.Second)
}
