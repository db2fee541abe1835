package views

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestWatchPlaysInStep plays two videos: the sound leads and the slides stay with it, the words and the chapter follow.
func TestWatchPlaysInStep(t *testing.T) {
	ctx := browser(t)
	folder := t.TempDir()
	film(t, folder, "presenter.mp4", "-f", "lavfi", "-i", "testsrc=s=320x180:r=25:d=60", "-f", "lavfi", "-i", "sine=f=300:d=60", "-c:a", "aac")
	film(t, folder, "slides.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=60")
	var lines strings.Builder
	lines.WriteString("WEBVTT\n\n")
	for i := range 20 {
		fmt.Fprintf(&lines, "00:00:%02d.000 --> 00:00:%02d.900\nLine %d\n\n", i*3, i*3+2, i)
	}
	if err := os.WriteFile(filepath.Join(folder, "en.vtt"), []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(preview(folder))
	t.Cleanup(server.Close)
	do(t, ctx, chromedp.EmulateViewport(1280, 800), chromedp.Navigate(server.URL+"/watch"))
	until(t, ctx, "both videos", `[...document.querySelectorAll("video")].every((v) => v.readyState >= 2)`)
	if own := run[bool](t, ctx, `[...document.querySelectorAll("video")].some((v) => v.controls)`); own {
		t.Error("the browser's own controls are still there")
	}

	do(t, ctx, chromedp.KeyEvent(" "))
	until(t, ctx, "playing", `[...document.querySelectorAll("video")].every((v) => !v.paused && v.currentTime > 1)`)
	apart := `Math.abs(document.querySelector("video[data-lead]").currentTime - document.querySelector("video:not([data-lead])").currentTime)`
	until(t, ctx, "in step", apart+" < 0.08")
	if lead := run[string](t, ctx, `document.querySelector("video[data-lead]").getAttribute("src")`); !strings.Contains(lead, "presenter") {
		t.Errorf("%s leads, which has no sound", lead)
	}

	do(t, ctx, chromedp.Click(chromedp.CSS(`[data-chapter][data-at="30000"]`)))
	until(t, ctx, "the chapter", `document.querySelector("[data-chapter][aria-current] .chapter-title")?.textContent === "Example: a shear" && document.querySelector("[data-now]").textContent >= "0:30"`)
	until(t, ctx, "the words", `/^Line 1\d$/.test(document.querySelector("[data-word-now]").textContent)`)
	until(t, ctx, "in step after the jump", apart+" < 0.08")

	do(t, ctx, chromedp.KeyEvent("k"))
	until(t, ctx, "paused together", `[...document.querySelectorAll("video")].every((v) => v.paused) && `+apart+" < 0.05")
	do(t, ctx, chromedp.KeyEvent("c"))
	until(t, ctx, "no words", `document.querySelector("[data-words]").hidden`)

	do(t, ctx, chromedp.Click(chromedp.ID("tab-words")))
	do(t, ctx, chromedp.SendKeys(chromedp.CSS("[data-find]"), "number 7"))
	until(t, ctx, "the found word", `document.querySelector("[data-found]").textContent === "1 found" && document.querySelector(".line-text mark")?.textContent === "number 7"`)
	do(t, ctx, chromedp.KeyEvent("\r"))
	until(t, ctx, "the moment", `Math.abs(document.querySelector("video[data-lead]").currentTime - 21) < 0.2`)
}

// film makes a short video with ffmpeg.
func film(t *testing.T, folder, name string, inputs ...string) {
	t.Helper()
	args := append([]string{"-loglevel", "error"}, inputs...)
	args = append(args, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-movflags", "+faststart", filepath.Join(folder, name))
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		missing(t, "no ffmpeg: apt-get install ffmpeg")
	}
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", args...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, out)
	}
}
