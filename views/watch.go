package views

import (
	"context"
	"strings"
	"time"
)

// WatchPage is "/events/{id}/watch": the published version, for students.
type WatchPage struct {
	Page        Page
	ID          string
	Title       string
	Creators    []string
	Series      string
	Date        time.Time
	Description string
	Duration    int64        // milliseconds
	Published   bool         // else only metadata and "Not published yet"
	Processing  bool         // the first publishing is under way
	Videos      []WatchVideo // at most two are shown in step, the rest are to choose
	Captions    []WatchText  // subtitle tracks, the best first
	Lines       []WatchLine  // the first subtitle track's lines
	Chapters    []Chapter    // sorted
	Downloads   []Download   // what may be downloaded
	Assets      []string     // ids of the public assets: when the API names others, a new version is there
	MayEdit     bool         // shows Edit
	AskOwner    string       // opened to edit without the right: "You may watch this recording, not change it. Ask …."
	At          int64        // start here, in milliseconds (from ?t=)
}

// WatchVideo is one public track.
type WatchVideo struct {
	Href   string
	Type   string // mime type
	Flavor string // "presentation/delivery"
	Poster string
	Sound  bool // its sound is heard; the first one with it leads
	Audio  bool // no picture at all
}

// WatchText is a subtitle track.
type WatchText struct {
	Href     string
	Language string
	Machine  bool
}

// WatchLine is a subtitle line in milliseconds.
type WatchLine struct {
	Start, End int64
	Text       string
}

// Chapter of a recording.
type Chapter struct {
	At      int64 // milliseconds
	Title   string
	Picture string // address; empty: none
}

// Download is a public file.
type Download struct {
	File File
}

func (p WatchPage) layout() Page {
	page := p.Page.with(p.Title, "")
	page.Styles = append([]string{"css/watch.css"}, page.Styles...)
	page.Scripts = append(page.Scripts, "js/watch.js")
	return page
}

// panel says that there is something for the side panel.
func (p WatchPage) panel() bool { return p.Published && len(p.Chapters)+len(p.Lines) > 0 }

// pictures counts the tracks that have one.
func (p WatchPage) pictures() int {
	n := 0
	for _, v := range p.Videos {
		if !v.Audio {
			n++
		}
	}
	return n
}

func (p WatchPage) two() bool { return p.pictures() > 1 }

// lead is the index of the video whose sound leads: the first with sound, else the first.
func (p WatchPage) lead() int {
	for i, v := range p.Videos {
		if v.Sound {
			return i
		}
	}
	return 0
}

// first is the index of the large picture: the slides, else the first picture.
func (p WatchPage) first() int {
	first := -1
	for i, v := range p.Videos {
		if v.Audio {
			continue
		}
		if strings.HasPrefix(v.Flavor, "presentation/") {
			return i
		}
		if first < 0 {
			first = i
		}
	}
	return max(first, 0)
}

// place gives the class of the i-th video: large, beside it, or not shown.
func (p WatchPage) place(i int) string {
	if i == p.first() {
		return "player-large"
	}
	second := -1
	for j, v := range p.Videos {
		if j != p.first() && !v.Audio {
			second = j
			break
		}
	}
	if i == second {
		return "player-beside"
	}
	return "player-heard"
}

func (p WatchPage) chapterPictures() bool {
	for _, c := range p.Chapters {
		if c.Picture != "" {
			return true
		}
	}
	return false
}

// at links to a moment of the recording; it works without scripts too.
func (p WatchPage) at(ms int64) string { return "/events/" + p.ID + "/watch?t=" + number(int(ms/1000)) }

func videoLabel(ctx context.Context, v WatchVideo) string {
	return File{Flavor: v.Flavor, Kind: "video"}.name(ctx)
}

func captionLabel(ctx context.Context, c WatchText) string {
	name := languageName(ctx, c.Language)
	if c.Machine {
		return T(ctx, "watch.byMachine", "Language", name)
	}
	return name
}

// watchData is what static/js/watch.js starts from.
type watchData struct {
	ID       string            `json:"id"`
	Duration int64             `json:"duration"` // ms
	At       int64             `json:"at"`       // ms
	Chapters []watchChapter    `json:"chapters"`
	Assets   []string          `json:"assets"`
	Captions []string          `json:"captions"`
	Texts    map[string]string `json:"texts"`
}

type watchChapter struct {
	At    int64  `json:"at"` // ms
	Title string `json:"title"`
}

func (p WatchPage) data(ctx context.Context) watchData {
	data := watchData{ID: p.ID, Duration: p.Duration, At: p.At, Chapters: []watchChapter{}, Assets: append([]string{}, p.Assets...), Captions: []string{}}
	for _, c := range p.Chapters {
		data.Chapters = append(data.Chapters, watchChapter{c.At, c.Title})
	}
	for _, c := range p.Captions {
		data.Captions = append(data.Captions, c.Href)
	}
	data.Texts = Texts(ctx, "watch.position", "watch.positionIn")
	return data
}

func yes(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func tabStop(selected bool) string {
	if selected {
		return "0"
	}
	return "-1"
}

// source is a video's address; a media fragment starts it in the right place without scripts too.
func (p WatchPage) source(v WatchVideo) string {
	if p.At <= 0 {
		return v.Href
	}
	return v.Href + "#t=" + number(int(p.At/1000))
}
