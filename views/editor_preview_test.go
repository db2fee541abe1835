//go:build preview

package views

import (
	"os"
	"os/signal"
	"testing"
	"time"

	"cutroom/internal/edit"
)

// TestEditorPreview serves the editor with sample media in $CUTROOM_PREVIEW until it is interrupted:
// go test -tags preview -run TestEditorPreview -timeout 0 -v ./views
func TestEditorPreview(t *testing.T) {
	dir := os.Getenv("CUTROOM_PREVIEW")
	page := EditorPage{
		Event: EditorEvent{ID: "demo", Title: "Lecture 5: Eigenvalues and eigenvectors", Series: "Linear Algebra I", Date: "18 November 2026", State: "ready"},
		Mode:  "together", RunsPolicy: "queue", You: EditorYou{User: "amara", Name: "Amara Osei"},
		Editors: []EditorPerson{{Session: "s1", User: "jonas", Name: "Jonas Weber", State: "active", Place: "cutting", Playhead: 420000}, {Session: "s2", User: "lena", Name: "Lena Park", State: "idle", Place: "cutting", Playhead: 610000}},
		Details: Details{Action: "/events/demo/metadata", MayEdit: true, Title: "Lecture 5: Eigenvalues and eigenvectors", Creators: []string{"Amara Osei"}, Language: "en"},
	}
	page.Source.Duration = 900_000
	page.Source.Tracks = []EditorTrack{
		{SourceTrack: edit.SourceTrack{Asset: "a1", Flavor: "presenter/source", Video: true, Audio: true, Duration: 900_000, FrameRate: 24}, Label: "Presenter", Src: "/media/presenter.mp4", Type: "video/mp4", Playable: true, Width: 854, Height: 480},
		{SourceTrack: edit.SourceTrack{Asset: "a2", Flavor: "presentation/source", Video: true, Duration: 900_000, FrameRate: 2}, Label: "Slides", Src: "/media/slides.mp4", Type: "video/mp4", Playable: true, Width: 960, Height: 540},
		{SourceTrack: edit.SourceTrack{Asset: "t1", Flavor: "captions/source", Text: true, Duration: 900_000, Cues: previewCues()}, Label: "English", Language: "en"},
	}
	if os.Getenv("CUTROOM_PREVIEW_MODE") == "pen" {
		page.Mode, page.Pen = "pen", &page.Editors[0]
	}
	switch os.Getenv("CUTROOM_PREVIEW_MODE") {
	case "one": // a single camera without subtitles
		page.Source.Tracks = page.Source.Tracks[:1]
	case "sound": // a podcast
		page.Source.Tracks = page.Source.Tracks[:1]
		page.Source.Tracks[0].Video = false
	}
	page.Peaks = []EditorPeaks{{"a1", "/media/presenter.peaks"}}
	page.Storyboards = []EditorStoryboard{
		{Asset: "a1", URL: "/media/presenter.jpg", Columns: 10, Rows: 10, Width: 160, Height: 90, Count: 90, Interval: 10000},
		{Asset: "a2", URL: "/media/slides.jpg", Columns: 10, Rows: 10, Width: 160, Height: 90, Count: 90, Interval: 10000},
	}
	page.Edit.State = edit.State{
		Removed: []edit.Range{{Start: 0, End: 21_000}, {Start: 222_000, End: 240_500}, {Start: 560_000, End: 662_000}, {Start: 881_000, End: 900_000}}, Borders: []int64{380_000},
		Chapters: []edit.Chapter{{ID: "c1", At: 60_000, Title: "Definition"}, {ID: "c2", At: 300_000, Title: "Example: a shear"}},
	}
	if _, err := os.Stat(dir + "/presenter.peaks"); err != nil {
		fakeMedia(t, dir+"/presenter.mp4", dir, "presenter", 10)
		fakeMedia(t, dir+"/slides.mp4", dir, "slides", 10)
	}
	f := startFakeEditor(t, page, dir)
	_ = os.WriteFile(dir+"/url", []byte(f.URL), 0o600)
	t.Log(f.URL)
	done := make(chan os.Signal, 1)
	signal.Notify(done, os.Interrupt)
	<-done
}

func previewCues() []edit.Cue {
	lines := []string{"Take any vector and let the matrix act on it.", "Most of them turn. A few do not.", "Those few are what this whole lecture is about.", "…and that factor we call lambda.", "Is there a question up there? No? Good.", "So, a vector that only changes its length."}
	var all []edit.Cue
	for at := int64(2000); at < 890_000; at += 5000 {
		all = append(all, edit.Cue{ID: time.Duration(at).String(), Start: at, End: at + 4600, Text: lines[int(at/5000)%len(lines)]})
	}
	return all
}
