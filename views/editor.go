package views

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cutroom/internal/edit"
)

//go:embed text/editor.en.json
var editorCatalogue embed.FS

// editorTexts are the ids of all texts of the editor: its scripts may need each of them.
var editorTexts = func() []string {
	var texts map[string]any
	raw, err := editorCatalogue.ReadFile("text/editor.en.json")
	if err == nil {
		err = json.Unmarshal(raw, &texts)
	}
	if err != nil {
		panic(fmt.Errorf("views/text/editor.en.json: %w", err))
	}
	return slices.Sorted(maps.Keys(texts))
}()

// script is what the page's scripts start from.
func (p EditorPage) script(ctx context.Context) editorData {
	texts := map[string]string{}
	for id, text := range Texts(ctx, editorTexts...) {
		texts[strings.TrimPrefix(id, "editor.")] = text
	}
	return p.data(texts, Lang(ctx))
}

func (p EditorPage) document() Page {
	page := p.Page
	page.Title = p.Event.Title
	page.Styles = append(slices.Clone(page.Styles), "css/editor.css")
	page.Scripts = append(slices.Clone(page.Scripts), "js/editor/main.js")
	return page
}

func (p EditorPage) back() string {
	if p.BackURL != "" {
		return p.BackURL
	}
	return "/events/" + p.Event.ID
}

func (p EditorPage) about() string {
	return strings.Join(slices.DeleteFunc([]string{p.Event.Series, p.Event.Date}, func(s string) bool { return s == "" }), " · ")
}

// source is the timeline's as package edit knows it.
func (p EditorPage) source() edit.Source {
	src := edit.Source{Duration: p.Source.Duration}
	for _, t := range p.Source.Tracks {
		src.Tracks = append(src.Tracks, t.SourceTrack)
	}
	return src
}

func (p EditorPage) strip() Strip {
	s := Strip{Duration: p.Source.Duration}
	for _, r := range edit.Kept(p.source(), p.Edit.State) {
		s.Kept = append(s.Kept, Range{r.Start, r.End})
	}
	return s
}

// editorPiece is a row of the list of parts: a part with its number from 1, or a removed range (number 0).
type editorPiece struct {
	number     int
	start, end int64
}

// pieces are parts and removed ranges in the order of the timeline.
func (p EditorPage) pieces() []editorPiece {
	var all []editorPiece
	for i, r := range edit.Kept(p.source(), p.Edit.State) {
		all = append(all, editorPiece{i + 1, r.Start, r.End})
	}
	for _, r := range p.Edit.State.Removed {
		all = append(all, editorPiece{0, r.Start, r.End})
	}
	slices.SortFunc(all, func(a, b editorPiece) int { return int(a.start - b.start) })
	return all
}

// tenths writes a moment as "17:54.5".
func tenths(ms int64) string {
	return Clock(ms) + "." + strconv.FormatInt(ms/100%10, 10)
}

// videos are the tracks that the stage shows, slides first.
func (p EditorPage) videos() []EditorTrack {
	var all []EditorTrack
	for _, t := range p.Source.Tracks {
		if t.Video && t.Playable {
			all = append(all, t)
		}
	}
	slices.SortStableFunc(all, func(a, b EditorTrack) int { return slidesLast(b) - slidesLast(a) })
	return all[:min(2, len(all))]
}

func slidesLast(t EditorTrack) int {
	if strings.HasPrefix(t.Flavor, "presentation/") {
		return 1
	}
	return 0
}

// sound is the track that is heard when no video is there.
func (p EditorPage) sound() (EditorTrack, bool) {
	for _, t := range p.Source.Tracks {
		if t.Audio && t.Playable {
			return t, true
		}
	}
	return EditorTrack{}, false
}

// unplayable names the tracks that this page cannot play.
func (p EditorPage) unplayable() []EditorTrack {
	return slices.DeleteFunc(slices.Clone(p.Source.Tracks), func(t EditorTrack) bool { return t.Playable || t.Text })
}

// watching says that somebody else holds the pen.
func (p EditorPage) watching() bool {
	return p.Mode == "pen" && p.Pen != nil && p.Pen.User != p.You.User
}

// company is the sentence of the presence row: one active person by name, more by number.
func (p EditorPage) company(ctx context.Context) string {
	var active []string
	for _, e := range p.Editors {
		if e.State == "active" && e.User != p.You.User {
			active = append(active, e.Name)
		}
	}
	slices.Sort(active)
	switch active = slices.Compact(active); len(active) {
	case 0:
		return ""
	case 1:
		return T(ctx, "editor.presence.one", "Name", active[0])
	}
	return T(ctx, "editor.presence.two", "Name", strings.Join(active[:len(active)-1], ", "), "Other", active[len(active)-1])
}

// PersonColor gives a person's colour, 1 to 6, by the user id: everybody sees Jonas in the same one.
func PersonColor(user string) int {
	h := uint32(2166136261)
	for _, b := range []byte(user) {
		h = (h ^ uint32(b)) * 16777619
	}
	return int(h%6) + 1
}

// faces are the people who are here, the reader last.
func (p EditorPage) faces() []Face {
	var all []Face
	seen := map[string]bool{p.You.User: true}
	for _, e := range p.Editors {
		if key := e.key(); !seen[key] {
			seen[key] = true
			all = append(all, Face{Name: e.Name, Color: PersonColor(key), State: e.State, Place: e.Place})
		}
	}
	return append(all, Face{Name: p.You.Name})
}

func (e EditorPerson) key() string {
	if e.User != "" {
		return e.User
	}
	return e.Name
}

// editorTab is a tab of the panel.
type editorTab struct{ id, icon string }

var editorTabs = []editorTab{{"parts", "list"}, {"subtitles", "captions"}, {"chapters", "bookmark"}, {"tracks", "layers"}, {"details", "pencil"}}

func tabindex(on bool) string {
	if on {
		return "0"
	}
	return "-1"
}

func withKey(text, key string) string {
	if key == "" {
		return text
	}
	return text + " (" + key + ")"
}
