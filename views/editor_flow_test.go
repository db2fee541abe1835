package views

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"cutroom/internal/edit"
)

func removes(ranges ...edit.Range) func(edit.State, int) bool {
	return func(st edit.State, _ int) bool { return fmt.Sprint(st.Removed) == fmt.Sprint(ranges) }
}

// What a person does alone, by keys and by mouse.
func TestEditorCuts(t *testing.T) {
	w := openEditor(t)
	w.sees("[data-row=presence]", "Jonas Weber is editing too.")
	w.mark(2, 5)
	w.sees("[data-mark]", "3 s marked")
	w.press("x")
	w.server("cut out by key", removes(edit.Range{Start: 2000, End: 5000}))
	w.sees("[data-length]", "7")
	w.do("undo", chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	w.server("undo", removes())
	w.do("redo", chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierCtrl, chromedp.ModifierShift)))
	w.server("redo", removes(edit.Range{Start: 2000, End: 5000}))

	w.do("focus a border", chromedp.Focus(chromedp.CSS(`[data-borders] [data-at="5000"]`)))
	w.press(kb.ArrowRight)
	w.server("a border goes one frame", removes(edit.Range{Start: 2000, End: 5040}))
	w.until("the border to keep the focus", `document.activeElement.dataset.at === "5040"`)

	w.click(".ed-putback")
	w.server("put back from the list", removes())
	w.press(kb.Home, kb.ArrowRight, "[")
	w.server("start here", removes(edit.Range{Start: 0, End: 1000}))
	w.press(kb.ArrowRight, kb.ArrowRight, "s")
	w.server("split", func(st edit.State, _ int) bool { return fmt.Sprint(st.Borders) == "[3000]" })
	w.press("c")
	w.server("a chapter", func(st edit.State, _ int) bool { return len(st.Chapters) == 1 && st.Chapters[0].At == 3000 })
}

// A drag over the sound marks, and Cut out cuts what is marked.
func TestEditorDrag(t *testing.T) {
	w := openEditor(t)
	at := `(() => { const r = document.querySelector("[data-surface]").getBoundingClientRect(); return [r.left, r.width, r.top + 150]; })()`
	box, err := chromedp.Run(w.ctx, chromedp.Evaluate[[]float64](at))
	if err != nil {
		t.Fatal(err)
	}
	x := func(seconds float64) float64 { return box[0] + box[1]*seconds/10 }
	w.do("drag", chromedp.DragAndDropXY(x(4), box[2], x(6), box[2], 8))
	w.sees("[data-mark]", "marked")
	w.click("[data-mark] [data-do=cut]")
	w.server("cut out by mouse", func(st edit.State, _ int) bool {
		return len(st.Removed) == 1 && near(st.Removed[0].Start, 4000) && near(st.Removed[0].End, 6000)
	})
	st, _ := w.fake.present()
	w.do("drag a border", chromedp.DragAndDropXY(x(float64(st.Removed[0].End)/1000), box[2]-30, x(8), box[2]-30, 8))
	w.server("a border by mouse", func(st edit.State, ops int) bool { return ops == 2 && near(st.Removed[0].End, 8000) })
	w.press(kb.Home)
	w.click("[data-cut] [data-do=cut]")
	w.sees("[data-mark-hint]", "press Cut out again")
	w.press(kb.ArrowRight, "x")
	w.server("cut out, move, cut out", func(st edit.State, _ int) bool { return st.Removed[0] == edit.Range{Start: 0, End: 1000} })
}

func near(a, b int64) bool { return a > b-60 && a < b+60 }

// Nodes die, the page is reloaded: what was done arrives, once.
func TestEditorKeepsWhatIsNotSaved(t *testing.T) {
	w := openEditor(t)
	w.fake.down(true)
	w.mark(1, 2)
	w.press("x")
	w.until("the pill to tell", `/1 change kept here/.test(document.querySelector("[data-pill-text]").textContent)`)
	w.do("reload", chromedp.Navigate(w.fake.URL))
	w.until("the change to be there still", `document.querySelectorAll("[data-parts] .ed-gap").length === 1`)
	if _, ops := w.fake.present(); ops != 0 {
		t.Fatalf("%d ops came to a server that was down", ops)
	}
	w.fake.down(false)
	w.server("it to arrive", func(st edit.State, ops int) bool { return ops == 1 && len(st.Removed) == 1 })
	w.sees("[data-pill-text]", "Saved")
	w.open()
	if _, ops := w.fake.present(); ops != 1 {
		t.Fatalf("%d ops after another reload", ops)
	}
}

// Where sockets are blocked, all goes by HTTP.
func TestEditorWithoutSockets(t *testing.T) {
	w := openEditor(t)
	w.fake.block(true)
	w.open()
	w.mark(1, 2)
	w.press("x")
	w.server("mine, by HTTP", removes(edit.Range{Start: 1000, End: 2000}))
	w.sees("[data-pill-text]", "Saved")
	w.fake.other(jonas, `{"kind":"cut","start":5000,"end":6000,"keep":false}`)
	w.until("his, by asking", `document.querySelectorAll("[data-parts] .ed-gap").length === 2`)
}

// Somebody changes what I changed: I am told, and can put mine back.
func TestEditorConflict(t *testing.T) {
	w := openEditor(t)
	w.mark(2, 6)
	w.press("x")
	w.server("mine", removes(edit.Range{Start: 2000, End: 6000}))
	w.sees("[data-pill-text]", "Saved")
	w.fake.other(jonas, `{"kind":"cut","start":3000,"end":4000,"keep":true}`)
	w.sees("[data-row=conflict]", "Jonas changed what you changed.")
	w.sees("[data-row=conflict]", "0:02.0 – 0:06.0")
	w.until("his outline", `document.querySelector(".ed-other-flash")`)
	w.do("undo", chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	w.sees("[data-row=conflict]", "Undo anyway?")
	w.until("nothing undone yet", `document.querySelectorAll("[data-parts] .ed-gap").length === 2`)
	press := `[...document.querySelectorAll("[data-row=conflict] button")].find((b) => b.textContent === %q).click()`
	w.js(fmt.Sprintf(press, "Leave it so"))
	w.js(fmt.Sprintf(press, "Put mine back"))
	w.server("mine again", removes(edit.Range{Start: 2000, End: 6000}))
	w.until("the row to go", `document.querySelector("[data-row=conflict]").hidden`)
	w.mark(0, 10)
	w.press("x")
	w.sees("[data-row=conflict]", "At least one part has to stay.")
}

// Publishing tells on its button how far it is.
func TestEditorPublishes(t *testing.T) {
	w := openEditor(t)
	w.mark(2, 5)
	w.press("x")
	w.sees("[data-pill-text]", "Saved")
	w.click("[data-publish]")
	w.sees("#ed-publish", "3 s shorter")
	w.sees("#ed-publish", "Jonas Weber is cutting now.")
	w.click("[data-publish-go]")
	run := func(state string, progress float64) {
		w.fake.tell(nil, map[string]any{"type": "run", "run": EditorRun{ID: "r1", State: state, Progress: progress, Rev: 1}})
	}
	w.until("the dialog to close", `!document.querySelector("#ed-publish").open`)
	run("running", 0.38)
	w.sees("[data-publish]", "Publishing 38 %")
	run("done", 1)
	w.sees("[data-row=conflict]", "Published. Students see 7 s.")
	w.sees("[data-publish]", "Publish")
}

// With a pen that somebody else holds, nothing can be cut.
func TestEditorWatches(t *testing.T) {
	page := samplePageOfEditor()
	page.Mode, page.Pen = "pen", &jonas
	var html strings.Builder
	if err := Editor(page).Render(t.Context(), &html); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"Jonas Weber has the pen.", "Cutting is locked while Jonas Weber has the pen", "data-locked"} {
		if !strings.Contains(html.String(), words) {
			t.Errorf("the page does not say %q at the first byte", words)
		}
	}
}

// No rule of WCAG that axe knows is broken, wide and narrow, light and dark, in no tab.
func TestEditorForEverybody(t *testing.T) {
	axe, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	if err != nil {
		missing(t, "axe-core is missing: npm ci")
	}
	w := openEditor(t)
	w.mark(2, 5)
	w.press("x")
	w.js(string(axe) + ";1")
	for _, theme := range []string{"light", "dark"} {
		w.js(`document.documentElement.dataset.theme = "` + theme + `"`)
		for _, width := range []int64{1440, 1000, 390} {
			w.do("size", chromedp.EmulateViewport(width, 800))
			for _, tab := range editorTabs {
				w.js(`document.querySelector("#tab-` + tab.id + `").click()`)
				w.until("colours to stand still", `document.getAnimations().length === 0`)
				found, err := chromedp.Run(w.ctx, chromedp.Evaluate[[]string](`axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }).then((r) =>
					r.violations.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")))`, chromedp.EvalAwaitPromise))
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range found {
					t.Errorf("%s, %d wide, %s: %s", theme, width, tab.id, f)
				}
			}
		}
	}
}
