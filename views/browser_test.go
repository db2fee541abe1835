package views

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"cutroom/static"
)

// browser opens a tab of a headless Chromium; without one, or without the copied front-end packages, the test is not
// run, which fails where CI=true.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		missing(t, "no Chromium: apt-get install chromium")
	}
	if names := static.Missing(); len(names) > 0 {
		missing(t, "front-end packages are missing, make copies them: "+strings.Join(names, ", "))
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("autoplay-policy", "no-user-gesture-required"), chromedp.Flag("mute-audio", true),
		chromedp.WSURLReadTimeout(60 * time.Second),
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewContext(ctx)
	t.Cleanup(stop)
	ctx, done := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(done)
	return ctx
}

func missing(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip("the browser test was not run: " + why)
}

// do runs steps in the browser and fails when one does.
func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// run evaluates JavaScript, promises too, and gives its value.
func run[T any](t *testing.T, ctx context.Context, js string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", js, err)
	}
	return value
}

// until waits for JavaScript to give true.
func until(t *testing.T, ctx context.Context, what, js string) {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for !run[bool](t, ctx, "!!("+js+")") {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come about; the page says %q", what, run[string](t, ctx, "document.body.innerText.slice(0, 600)"))
		}
		<-time.After(30 * time.Millisecond)
	}
}

// media makes the tab prefer light or dark, without motion.
func media(scheme string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
		})
		return chromedp.Void{}, err
	}
}

// watchPolicy collects what the content policy blocked and what scripts threw, from the page's first line on.
const watchPolicy = `window.wrong = []; document.addEventListener("securitypolicyviolation", (e) => wrong.push(e.violatedDirective + " " + e.sourceFile + ":" + e.lineNumber)); addEventListener("error", (e) => wrong.push(e.message ?? ""));`

// TestPagesInBrowser looks at every sample wide and narrow, light and dark: axe finds nothing, the content policy blocks
// nothing, nothing is wider than the window.
func TestPagesInBrowser(t *testing.T) {
	axe, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	if err != nil {
		missing(t, "axe-core is missing: npm ci")
	}
	ctx := browser(t)
	server := httptest.NewServer(preview(""))
	t.Cleanup(server.Close)
	do(t, ctx, onNew(watchPolicy))
	for name := range samples() {
		for _, look := range []struct {
			width, height int64
			scheme, lang  string
		}{{1280, 900, "light", "en"}, {390, 844, "dark", "de"}} {
			t.Run(fmt.Sprintf("%s/%d", name, look.width), func(t *testing.T) {
				do(t, ctx, chromedp.EmulateViewport(look.width, look.height), media(look.scheme), chromedp.Navigate(server.URL+"/"+name+"?lang="+look.lang))
				if wrong := run[[]string](t, ctx, "window.wrong"); len(wrong) > 0 {
					t.Error("blocked or thrown:", wrong)
				}
				if wide := run[int](t, ctx, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
					t.Errorf("%d px wider than the window: %s", wide, run[string](t, ctx, `[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5 && !e.closest(".banner-nav, .filters, svg")).map((e) => e.tagName + "." + e.className).slice(0, 5).join(", ")`))
				}
				if _, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](string(axe))); err != nil {
					t.Fatal(err)
				}
				for _, finding := range run[[]string](t, ctx, `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }).then((r) => r.violations.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + " — " + (n.any[0]?.message ?? n.none[0]?.message ?? "")).join(" | ")))`) {
					t.Error(finding)
				}
			})
		}
	}
}

// onNew runs a script before anything else of each new page.
func onNew(script string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return chromedp.Void{}, err
	}
}

// TestFieldSavesItself types into the title: it saves by itself, tells a broken rule and a conflict, and keeps the text.
func TestFieldSavesItself(t *testing.T) {
	ctx := browser(t)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /events/l5/metadata", func(w http.ResponseWriter, r *http.Request) {
		o, status := FieldOutcome{Field: r.FormValue("field"), State: "saved", Was: r.FormValue("value")}, http.StatusOK
		switch r.FormValue("value") {
		case "":
			o, status = FieldOutcome{Field: "title", State: "error", Message: "A title is needed.", Was: r.FormValue("was")}, http.StatusUnprocessableEntity
		case "Mine":
			if r.FormValue("was") != "Theirs" {
				o, status = FieldOutcome{Field: "title", State: "conflict", By: "Jonas", Was: "Theirs", Value: "Mine"}, http.StatusPreconditionFailed
			}
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_ = Outcome(o).Render(r.Context(), w)
	})
	mux.Handle("/", preview(""))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	do(t, ctx, chromedp.Navigate(server.URL+"/event"))
	title := `document.getElementById("details-title")`
	form := title + `.closest("form")`
	fill := func(text string) {
		t.Helper()
		run[bool](t, ctx, fmt.Sprintf(`(%s.focus(), %s.value = %q, %s.dispatchEvent(new Event("input", { bubbles: true })))`, title, title, text, title))
	}

	fill("Lecture 5, new")
	until(t, ctx, "Saved", form+`.querySelector(".field-saved")`)
	fill("")
	until(t, ctx, "the broken rule", form+`.querySelector(".field-error")?.textContent.includes("A title is needed. Not saved.") && `+title+`.getAttribute("aria-invalid") === "true"`)
	fill("Mine")
	until(t, ctx, "the conflict", form+`.querySelector(".field-conflict")?.textContent.includes("Jonas changed it to “Theirs” meanwhile.")`)
	if got := run[string](t, ctx, title+".value"); got != "Mine" {
		t.Errorf("the typed text became %q", got)
	}
	do(t, ctx, chromedp.Click(chromedp.CSS("[data-use-mine]")))
	until(t, ctx, "Use mine", form+`.querySelector(".field-saved") && !`+form+`.querySelector(".field-conflict")`)
}

// TestProgressLooksAgain shows a run that goes on: the percent grows by itself, the end stops it and is told.
func TestProgressLooksAgain(t *testing.T) {
	ctx := browser(t)
	mux := http.NewServeMux()
	asked := 0
	mux.HandleFunc("GET /runs/r1/progress", func(w http.ResponseWriter, r *http.Request) {
		asked++
		p := sampleRun().Run
		p.Progress = 0.8
		if asked > 1 {
			p.State, p.EndedAt, p.MayWatch = "done", time.Now(), true
		}
		_ = Progress(p).Render(r.Context(), w)
	})
	mux.Handle("/", preview(""))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	do(t, ctx, chromedp.Navigate(server.URL+"/run"))
	until(t, ctx, "80 %", `document.title.startsWith("80") && document.querySelector(".run-percent b").textContent === "80"`)
	until(t, ctx, "the end", `document.querySelector(".run-left").textContent.includes("Published. Students see 42:34.") && document.querySelector("[data-progress-spoken]").textContent.includes("Published")`)
	if live := run[bool](t, ctx, `document.getElementById("run-progress").hasAttribute("data-live")`); live {
		t.Error("it still looks again")
	}
}

// TestBulkCounts chooses jobs: the bar counts and its buttons wait until something is chosen.
func TestBulkCounts(t *testing.T) {
	ctx := browser(t)
	server := httptest.NewServer(preview(""))
	t.Cleanup(server.Close)
	do(t, ctx, chromedp.Navigate(server.URL+"/jobs"))
	until(t, ctx, "the bar waits", `document.querySelector("[data-bulk-bar] button").disabled`)
	do(t, ctx, chromedp.Click(chromedp.CSS("[data-bulk-one]")))
	until(t, ctx, "one chosen", `document.querySelector("[data-bulk-count]").textContent === "1 job chosen" && !document.querySelector("[data-bulk-bar] button").disabled`)
	do(t, ctx, chromedp.Click(chromedp.CSS("[data-bulk-all]")))
	until(t, ctx, "all chosen", `document.querySelector("[data-bulk-count]").textContent === "6 jobs chosen"`)
}
