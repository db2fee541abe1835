package views

import "cutroom/internal/edit"

// EditorPage is all that /events/{id}/edit shows at first byte, and all that its scripts start from.
type EditorPage struct {
	Page        Page
	Event       EditorEvent
	Source      EditorSource
	Edit        EditorEdit
	Peaks       []EditorPeaks      // one per source track with sound, as far as they are made
	Storyboards []EditorStoryboard // one per source track with pictures, as far as they are made
	Editors     []EditorPerson     // who is here now, the reader excluded
	You         EditorYou
	Mode        string        // edit.mode: "together" or "pen"
	RunsPolicy  string        // edit.runs: "queue", "reject", "supersede" or "replace"
	Pen         *EditorPerson // who holds the pen; nil: nobody, or mode together
	Run         *EditorRun    // the event's latest run; nil: none yet
	Published   int64         // ms kept by the last published run; 0: never published
	Details     Details       // MayEdit true; as on the recording's page
	BackURL     string        // where the arrow leads; empty: the recording's page
}

// EditorEvent names the recording.
type EditorEvent struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Series string `json:"series,omitempty"` // the series' title
	Date   string `json:"date,omitempty"`   // as the reader's language writes it
	State  string `json:"state"`            // event state: empty, processing, ready, failed
	Error  string `json:"error,omitempty"`
}

// EditorSource is what the timeline is painted on.
type EditorSource struct {
	Duration int64         `json:"duration"` // ms
	Tracks   []EditorTrack `json:"tracks"`
}

// EditorTrack is one original and the address that this browser may play.
type EditorTrack struct {
	edit.SourceTrack
	Label    string `json:"label"`              // "Presenter", "Slides", "English": in the reader's language
	Src      string `json:"src"`                // the original, or its preview where browsers cannot play the original
	Type     string `json:"type"`               // MIME type of Src
	Playable bool   `json:"playable"`           // false: neither original nor preview plays in a browser
	Language string `json:"language,omitempty"` // of text tracks
	Width    int    `json:"width,omitempty"`
	Height   int    `json:"height,omitempty"`
}

// EditorEdit is the edit as the page begins.
type EditorEdit struct {
	Rev   edit.Rev   `json:"rev"`
	State edit.State `json:"state"`
}

// EditorPeaks is a waveform file (format CRPK) of one track.
type EditorPeaks struct {
	Asset string `json:"asset"` // the track's asset id
	URL   string `json:"url"`
}

// EditorStoryboard is one sheet of small pictures of one track.
type EditorStoryboard struct {
	Asset    string `json:"asset"` // the track's asset id
	URL      string `json:"url"`
	Columns  int    `json:"columns"`
	Rows     int    `json:"rows"`
	Width    int    `json:"width"`  // of one picture, px
	Height   int    `json:"height"` // of one picture, px
	Count    int    `json:"count"`
	Interval int64  `json:"interval"` // ms from one picture to the next
}

// EditorPerson is one entry of the socket's editors message.
type EditorPerson struct {
	Session  string `json:"session"`
	User     string `json:"user,omitempty"`
	Name     string `json:"name"`
	Node     string `json:"node,omitempty"`
	Since    string `json:"since,omitempty"`
	State    string `json:"state"` // active, idle, away
	Place    string `json:"place,omitempty"`
	Playhead int64  `json:"playhead,omitempty"`
}

// EditorYou is the reader.
type EditorYou struct {
	User  string `json:"user"`
	Name  string `json:"name"`
	Admin bool   `json:"admin,omitempty"`
}

// EditorRun is a run as the API shows it, as far as the publish button needs it.
type EditorRun struct {
	ID          string  `json:"id"`
	State       string  `json:"state"`
	Progress    float64 `json:"progress"`
	Rev         int64   `json:"rev"`
	RequestedBy string  `json:"requestedBy,omitempty"`
	Error       string  `json:"error,omitempty"`
	EtaMs       int64   `json:"etaMs,omitempty"`
}

// editorData is the JSON that scripts read; texts are added beside it.
type editorData struct {
	Event       EditorEvent        `json:"event"`
	Source      EditorSource       `json:"source"`
	Edit        EditorEdit         `json:"edit"`
	Peaks       []EditorPeaks      `json:"peaks"`
	Storyboards []EditorStoryboard `json:"storyboards"`
	Live        string             `json:"live"`
	OpsURL      string             `json:"opsUrl"`
	EditURL     string             `json:"editUrl"`
	RunsURL     string             `json:"runsUrl"`
	RunURL      string             `json:"runUrl"` // page of a run: + id
	WatchURL    string             `json:"watchUrl"`
	You         EditorYou          `json:"you"`
	Mode        string             `json:"mode"`
	RunsPolicy  string             `json:"runsPolicy"`
	Editors     []EditorPerson     `json:"editors"`
	Pen         *EditorPerson      `json:"pen"`
	Run         *EditorRun         `json:"run"`
	Published   int64              `json:"published,omitempty"`
	Texts       map[string]string  `json:"texts"`
	Language    string             `json:"language"`
}

// data is the page's JSON. It holds no list that is null: scripts never ask.
func (p EditorPage) data(texts map[string]string, language string) editorData {
	api := "/api/v1/events/" + p.Event.ID
	d := editorData{
		Event: p.Event, Source: p.Source, Edit: p.Edit, Peaks: p.Peaks, Storyboards: p.Storyboards, Editors: p.Editors,
		Live: api + "/live", OpsURL: api + "/edit/ops", EditURL: api + "/edit", RunsURL: api + "/runs", RunURL: "/runs/",
		WatchURL: "/events/" + p.Event.ID + "/watch", You: p.You, Mode: p.Mode, RunsPolicy: p.RunsPolicy, Pen: p.Pen, Run: p.Run,
		Published: p.Published, Texts: texts, Language: language,
	}
	if d.Peaks == nil {
		d.Peaks = []EditorPeaks{}
	}
	if d.Storyboards == nil {
		d.Storyboards = []EditorStoryboard{}
	}
	if d.Editors == nil {
		d.Editors = []EditorPerson{}
	}
	if d.Source.Tracks == nil {
		d.Source.Tracks = []EditorTrack{}
	}
	return d
}
