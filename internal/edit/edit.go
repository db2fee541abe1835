package edit

import "encoding/json"

// Rev counts the ops of an edit: rev order is commit order, without gaps, from 1 on; 0 is the untouched edit.
type Rev int64

// Range is a half-open range [Start, End) in milliseconds of the source timeline.
type Range struct {
	Start int64 `json:"start"`
	End   int64 `json:"end"`
}

// Source is what the timeline is painted on. It is not part of the state: it changes when a track is added.
type Source struct {
	Duration int64         `json:"duration"` // ms; the longest track
	Tracks   []SourceTrack `json:"tracks"`

	Pictures []string `json:"-"` // assets of the event that are pictures; nil: not known, so that any is taken as a cover
}

// SourceTrack is one original.
type SourceTrack struct {
	Asset     string  `json:"asset"`
	Flavor    string  `json:"flavor"`
	Video     bool    `json:"video"`
	Audio     bool    `json:"audio"`
	Text      bool    `json:"text"`
	Duration  int64   `json:"duration"`
	FrameRate float64 `json:"frameRate,omitzero"`
	Cues      []Cue   `json:"cues,omitzero"` // of a text track's file; needed by the first cue op on it
}

// State is the edit at one rev. The zero State keeps everything.
type State struct {
	Removed   []Range     `json:"removed"`
	Borders   []int64     `json:"borders"`
	Tracks    []TrackUse  `json:"tracks"`
	Thumbnail *Thumbnail  `json:"thumbnail,omitzero"`
	Chapters  []Chapter   `json:"chapters"`
	Cues      []TrackCues `json:"cues"`
}

// TrackUse says which streams of a track go into the result.
type TrackUse struct {
	Asset string `json:"asset"`
	Video bool   `json:"video"`
	Audio bool   `json:"audio"`
}

// Thumbnail is a moment of a track, or an uploaded picture (At absent).
type Thumbnail struct {
	Asset string `json:"asset"`
	At    *int64 `json:"at,omitzero"`
}

// Chapter begins at At (ms).
type Chapter struct {
	ID    string `json:"id"`
	At    int64  `json:"at"`
	Title string `json:"title"`
}

// TrackCues are the subtitle lines of a text track once somebody has changed one.
type TrackCues struct {
	Track string `json:"track"`
	Cues  []Cue  `json:"cues"`
}

// Cue is one subtitle line.
type Cue struct {
	ID    string `json:"id"`
	Start int64  `json:"start"`
	End   int64  `json:"end"`
	Text  string `json:"text"`
}

// Sent is an op as its author sends it: Base is the rev that the author had seen.
type Sent struct {
	ID   string          `json:"id"`
	Base Rev             `json:"base"`
	Op   json.RawMessage `json:"op"`
}

// Result answers one Sent: Rev when it is in the log, else Code and Message.
type Result struct {
	ID      string `json:"id"`
	Rev     Rev    `json:"rev,omitzero"`
	Code    string `json:"code,omitzero"`
	Message string `json:"message,omitzero"`
}
