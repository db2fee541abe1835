package views

import (
	"context"
	"strings"
	"time"
)

// EventPage is "/events/{id}": a recording with its details, files, rights and history.
type EventPage struct {
	Page      Page
	Row       RecordingRow // title, picture, strip, state, faces, MayEdit
	Creators  []string
	SeriesID  string
	Start     time.Time
	Published int64     // length of the version that students see, in milliseconds; 0: none
	PublishAt time.Time // of that version
	MayWatch  bool      // there is something to watch
	Error     string    // why processing or the last publishing failed, one sentence
	Details   Details
	Files     []File
	Originals []File // the uploaded files, folded; editors alone see them
	ACL       ACL
	History   []Happening
	Report    []ReportLine // what import repaired
	BinDays   int          // a deleted recording can come back for so long
	Notice    string       // what a form just did, a whole sentence; empty: nothing
}

// File is an asset in the list of files.
type File struct {
	Flavor        string // "presenter/source"
	Kind          string // video, audio, text, image, other
	Width, Height int    // of a picture or video; 0: unknown
	Sound         bool   // a video that has sound
	Language      string // of text
	Machine       bool   // text made by a machine
	Length        int64  // milliseconds; 0: none
	Size          int64  // bytes
	Href          string // to load it down; empty: not allowed
}

// name is what users call the file.
func (f File) name(ctx context.Context) string {
	kind, sub, _ := strings.Cut(f.Flavor, "/")
	switch {
	case kind == "presenter":
		return T(ctx, "file.presenter")
	case kind == "presentation":
		return T(ctx, "file.slides")
	case kind == "chapters":
		return T(ctx, "file.chapters")
	case f.Kind == "text" && f.Language != "":
		return T(ctx, "file.subtitlesIn", "Language", languageName(ctx, f.Language))
	case f.Kind == "text":
		return T(ctx, "file.subtitles")
	case f.Flavor == "oc/thumbnail":
		return T(ctx, "file.cover")
	case sub == "timeline-preview":
		return T(ctx, "file.overview")
	}
	return f.Flavor
}

// holds tells what is in the file.
func (f File) holds(ctx context.Context) string {
	size := ""
	if f.Width > 0 {
		size = Count(f.Width) + " × " + Count(f.Height)
	}
	switch {
	case f.Kind == "video" && f.Sound:
		return T(ctx, "file.videoSound", "Size", size)
	case f.Kind == "video":
		return T(ctx, "file.video", "Size", size)
	case f.Kind == "audio":
		return T(ctx, "file.sound")
	case f.Kind == "text" && f.Machine:
		return T(ctx, "file.textMachine")
	case f.Kind == "text":
		return T(ctx, "file.text")
	}
	return size
}

func (f File) icon() string {
	switch {
	case strings.HasPrefix(f.Flavor, "presentation/"):
		return "layers"
	case f.Kind == "video":
		return "video"
	case f.Kind == "audio":
		return "audio-waveform"
	case f.Kind == "text":
		return "captions"
	case f.Kind == "image":
		return "image"
	}
	return "file"
}

// Happening is a line of a recording's history, newest first.
type Happening struct {
	Kind   string // cut, putBack, split, join, track, cover, chapter, subtitles, restore, title, details, acl, published, publishFailed, uploaded, imported, transcribed
	Who    string // empty: the system
	You    bool
	At     time.Time
	Length int64         // cut, putBack: of the range; published: of the result; milliseconds
	Took   time.Duration // published
	Count  int           // so many of the same in a row; 0 or 1: one
	Href   string        // to the run
}

// ReportLine is one repair that import made.
type ReportLine struct{ Field, Message string }

func (p EventPage) layout(ctx context.Context) Page {
	return p.Page.with(p.Row.Title, "recordings")
}

func (p EventPage) crumbs(ctx context.Context) []Crumb {
	crumbs := []Crumb{{"/", T(ctx, "nav.recordings")}}
	if p.SeriesID != "" {
		crumbs = append(crumbs, Crumb{"/series/" + p.SeriesID, p.Row.Series})
	}
	return crumbs
}

// about is the line under the title: people and start.
func (p EventPage) about(ctx context.Context) string {
	return join(commas(p.Creators), WeekdayTime(ctx, p.Start))
}

// stateWords tell how much stays and what students see now.
func (p EventPage) stateWords(ctx context.Context) string {
	words := p.Row.length(ctx)
	if p.Published > 0 && p.Row.State != "published" {
		words = join(words, T(ctx, "event.studentsSee", "Day", LongDay(ctx, p.PublishAt), "Length", Length(ctx, p.Published)))
	}
	return words
}

// publishable says that there is something that students do not see yet.
func (p EventPage) publishable() bool {
	return !p.Row.NoEditor && (p.Row.State == "changed" || p.Row.State == "unedited" || p.Row.State == "failed")
}

// milestone says that it is more than a change of the edit.
func (h Happening) milestone() bool {
	return h.Kind == "published" || h.Kind == "uploaded" || h.Kind == "imported"
}

// happenings names the text of each kind, by you and by another; a kind without a person has one alone.
var happenings = map[string][2]string{
	"cut":           {"history.youCut", "history.cut"},
	"putBack":       {"history.youPutBack", "history.putBack"},
	"split":         {"history.youSplit", "history.split"},
	"join":          {"history.youJoin", "history.join"},
	"track":         {"history.youTrack", "history.track"},
	"cover":         {"history.youCover", "history.cover"},
	"chapter":       {"history.youChapter", "history.chapter"},
	"subtitles":     {"history.youSubtitles", "history.subtitles"},
	"restore":       {"history.youRestore", "history.restore"},
	"title":         {"history.youTitle", "history.title"},
	"details":       {"history.youDetails", "history.details"},
	"acl":           {"history.youACL", "history.acl"},
	"published":     {"history.published", "history.published"},
	"publishFailed": {"history.publishFailed", "history.publishFailed"},
	"uploaded":      {"history.youUploaded", "history.uploaded"},
	"imported":      {"history.imported", "history.imported"},
	"transcribed":   {"history.transcribed", "history.transcribed"},
}

// text tells what happened: "Jonas cut out 4:39", "Published, 50:12".
func (h Happening) text(ctx context.Context) string {
	ids, known := happenings[h.Kind]
	if !known {
		return join(h.Kind, h.Who)
	}
	id := ids[1]
	if h.You {
		id = ids[0]
	}
	text := T(ctx, id, "Name", h.Who, "Length", Length(ctx, h.Length))
	if h.Count > 1 {
		text += ", " + Count(h.Count) + " ×"
	}
	return text
}
