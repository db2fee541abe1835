package views

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// picks is a picker that keeps nothing but what is asked of it.
type picks struct {
	mu   sync.Mutex
	sent []url.Values
	came []string // at the learning platform
}

func (p *picks) page(r *http.Request) PickerPage {
	page := samplePicker()
	page.Error, page.Picked = "", nil
	form := r.URL.Query()
	for _, id := range append(form["item"], form["add"]...) {
		if slices.Contains(form["remove"], id) {
			continue
		}
		title := form.Get("title." + id)
		if title == "" {
			title = "Lecture " + id
		}
		page.Picked = append(page.Picked, Picked{ID: id, Name: "Lecture " + id, Title: title, View: "watch", Start: form.Get("start." + id), Place: "iframe", MayEdit: true, Seen: true, Length: 3_000_000})
	}
	if q := form.Get("q"); q != "" {
		page.List.Query, page.List.Rows, page.List.Next = q, page.List.Rows[1:2], ""
	}
	return page
}

func (p *picks) handler(platform string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /lti/deep-link", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", contentPolicy)
		_ = Picker(p.page(r)).Render(r.Context(), w)
	})
	mux.HandleFunc("GET /lti/deep-link/picked", func(w http.ResponseWriter, r *http.Request) { _ = PickerTray(p.page(r)).Render(r.Context(), w) })
	mux.HandleFunc("GET /lti/deep-link/list", func(w http.ResponseWriter, r *http.Request) { _ = PickerList(p.page(r)).Render(r.Context(), w) })
	mux.HandleFunc("POST /lti/deep-link", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		_ = r.ParseForm()
		p.sent = append(p.sent, r.PostForm)
		w.Header().Set("Content-Security-Policy", contentPolicy+"; form-action "+platform)
		_ = PickerSend(PickerAnswer{Page: framedPage(), Return: platform + "/choice", JWT: "e30.e30.x", Count: 1}).Render(r.Context(), w)
	})
	mux.Handle("/", preview(""))
	return mux
}

// TestPickerChooses chooses, types, searches and takes out without losing anything, by mouse and keys, and sends the choice to another
// origin under a policy that allows that one alone.
func TestPickerChooses(t *testing.T) {
	ctx := browser(t)
	p := &picks{}
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/favicon.ico" { // browsers ask for it by themselves, sooner or later
			http.NotFound(w, r)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.came = append(p.came, r.Method+" "+r.URL.Path+" "+r.FormValue("JWT")+" from "+r.Header.Get("Origin"))
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<body id="course">Added`))
	}))
	t.Cleanup(platform.Close)
	server := httptest.NewServer(p.handler(platform.URL))
	t.Cleanup(server.Close)
	do(t, ctx, onNew(watchPolicy), chromedp.EmulateViewport(1280, 900), chromedp.Navigate(server.URL+"/lti/deep-link?launch=L1"))
	choose := func(id string) string { return fmt.Sprintf(`document.querySelector('[data-choose="%s"]')`, id) }
	title := func(id string) string { return fmt.Sprintf(`document.querySelector('[name="title.%s"]')`, id) }

	do(t, ctx, chromedp.Click(chromedp.CSS(`[data-choose="l4"]`)))
	until(t, ctx, "l4 is chosen", title("l4")+"&&"+choose("l4")+`.ariaPressed === "true" && `+choose("l4")+`.textContent === "Chosen"`)
	until(t, ctx, "it is said", `document.querySelector("[data-picker-said]").textContent === "Lecture l4 is chosen."`)
	if hidden := run[string](t, ctx, `getComputedStyle(document.querySelector('.pick-now[value="l3"]')).display`); hidden != "none" {
		t.Error("one is still added at once beside a choice")
	}
	run[bool](t, ctx, title("l4")+`.select(), true`)
	do(t, ctx, chromedp.SendKeys(chromedp.CSS(`[name="title.l4"]`), "Mine"))
	run[bool](t, ctx, choose("l3")+".focus(), true")
	do(t, ctx, chromedp.KeyEvent("\r"))
	until(t, ctx, "l3 is chosen by key, and what was typed is there", title("l3")+"&&"+title("l4")+`.value === "Mine"`)
	if focus := run[bool](t, ctx, "document.activeElement === "+choose("l3")); !focus {
		t.Error("the focus went away from the list")
	}

	do(t, ctx, chromedp.SendKeys(chromedp.CSS(`[role="search"] [name="q"]`), "Determinants"))
	until(t, ctx, "the search", `document.querySelectorAll(".recording").length === 1 && `+choose("l4")+`.ariaPressed === "true" && `+title("l4")+`.value === "Mine"`)
	do(t, ctx, chromedp.Click(chromedp.CSS(`[data-choose="l4"]`)))
	until(t, ctx, "l4 is taken out by its own button", "!"+title("l4")+"&&"+choose("l4")+`.textContent === "Choose…" && `+choose("l4")+`.ariaPressed === "false"`)

	do(t, ctx, chromedp.SendKeys(chromedp.CSS(`[name="start.l3"]`), "17:54"), chromedp.KeyEvent("\r"))
	until(t, ctx, "the course", `document.body?.id === "course"`)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.sent) != 1 || p.sent[0].Get("item") != "l3" || p.sent[0].Get("start.l3") != "17:54" || p.sent[0].Has("remove") || p.sent[0].Has("cancel") {
		t.Errorf("sent: %v", p.sent)
	}
	if want := "POST /choice e30.e30.x from " + server.URL; len(p.came) != 1 || p.came[0] != want {
		t.Errorf("came: %q, want %q", p.came, want)
	}
}

// TestPickerWithoutScripts chooses by the page's own forms.
func TestPickerWithoutScripts(t *testing.T) {
	p := &picks{}
	server := httptest.NewServer(p.handler("https://lms.example"))
	t.Cleanup(server.Close)
	root := draw(t, Picker(p.page(httptest.NewRequest(http.MethodGet, "/lti/deep-link?launch=L1&item=l5&q=Determinants", nil))))
	if n := len(find(t, root, "button[data-choose=l4]")); n != 1 {
		t.Fatalf("%d buttons choose l4", n)
	}
	button := find(t, root, "button[data-choose=l4]")[0]
	if attr(button, "form") != "picker" || attr(button, "formmethod") != "get" || attr(button, "name") != "add" || attr(button, "value") != "l4" {
		t.Errorf("the button is %v", button.Attr)
	}
	names := map[string]string{}
	for _, input := range find(t, root, "input[type=hidden]") {
		names[attr(input, "name")] = attr(input, "value")
	}
	if names["launch"] != "L1" || names["item"] != "l5" || names["q"] != "Determinants" {
		t.Errorf("the forms carry %v", names)
	}
}

// TestWatchStartsWhereALinkSays opens the player at a moment.
func TestWatchStartsWhereALinkSays(t *testing.T) {
	ctx := browser(t)
	folder := t.TempDir()
	film(t, folder, "presenter.mp4", "-f", "lavfi", "-i", "testsrc=s=320x180:r=25:d=60", "-f", "lavfi", "-i", "sine=f=300:d=60", "-c:a", "aac")
	film(t, folder, "slides.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=60")
	page := sampleWatch()
	page.At = 30_000
	mux := http.NewServeMux()
	mux.HandleFunc("GET /events/{id}/watch", func(w http.ResponseWriter, r *http.Request) { _ = Watch(page).Render(r.Context(), w) })
	mux.Handle("/", preview(folder))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	do(t, ctx, chromedp.EmulateViewport(1280, 800), chromedp.Navigate(server.URL+"/events/l5/watch?t=30"))
	until(t, ctx, "the start", `[...document.querySelectorAll("video")].every((v) => Math.abs(v.currentTime - 30) < 0.2) && document.querySelector("[data-now]").textContent === "0:30"`)
}
