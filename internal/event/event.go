package event

import (
	"encoding/json"
	"time"
)

// ID names an event; it never changes.
type ID string

// AssetID names an asset.
type AssetID string

// SeriesID names a series.
type SeriesID string

// Milliseconds is a whole, never negative length or moment on a timeline.
type Milliseconds int64

// State tells apps how far an event is, so that they need not guess.
type State string

// The states of an event.
const (
	Empty      State = "empty"
	Processing State = "processing"
	Ready      State = "ready"
	Failed     State = "failed"
)

// Event is one recording as the database has it.
type Event struct {
	ID            ID
	Title         string
	Description   string
	Creators      []string
	Language      *string
	Series        *SeriesID
	Owner         string
	CreatedBy     string
	Created       time.Time
	Modified      time.Time
	StartTime     *time.Time
	EndTime       *time.Time
	Duration      *Milliseconds
	State         State
	Error         *string
	ExtraMetadata json.RawMessage // a JSON object; integers exact
	PublishedRev  *int64          // the edit's rev that the public tracks show
	PublishedAt   *time.Time
	ImportReport  []Finding  // what import repaired; empty for events that were not imported
	MayWrite      bool       // whether who asked may change it
	ACL           []ACLEntry `db:"-"` // by role, action
	Assets        []Asset    `db:"-"` // by id; internal ones only for those who may write
}

// Finding is one repair that import made: the field and what was done, in words.
type Finding struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// ACLEntry allows an action to a role. Actions that mean something here: read, write.
type ACLEntry struct {
	Role   string `json:"role"`
	Action string `json:"action"`
}

// Asset is a file of an event.
type Asset struct {
	ID         AssetID
	EventID    ID
	Kind       string // track, attachment
	Flavor     string // type/subtype
	Tags       []string
	Properties map[string]string
	MimeType   string
	Size       int64
	Checksum   string // sha256:<hex>
	Source     bool
	Internal   bool
	Modified   time.Time
	Path       string // relative to the tenant's root
	Duration   *Milliseconds
	IsLive     bool
	Streams    []Stream
	Language   *string
}

// Stream is one stream of a track. Fields that do not belong to its kind are absent.
type Stream struct {
	Kind       string  `json:"kind"` // video, audio, text
	Codec      string  `json:"codec,omitempty"`
	Width      int     `json:"width,omitempty"`
	Height     int     `json:"height,omitempty"`
	FrameRate  float64 `json:"frameRate,omitempty"` // frames a second; 0 with Dynamic
	Dynamic    bool    `json:"dynamic,omitempty"`   // the frame rate varies
	TextKind   string  `json:"textKind,omitempty"`  // subtitle, caption, chapters, in-video-text
	Origin     string  `json:"origin,omitempty"`    // manual, generated
	Generator  string  `json:"generator,omitempty"`
	Language   string  `json:"language,omitempty"`
	Channels   int     `json:"channels,omitempty"`
	SampleRate int     `json:"sampleRate,omitempty"`
}

// Has says whether the asset holds a stream of a kind.
func (a Asset) Has(kind string) bool {
	for _, s := range a.Streams {
		if s.Kind == kind {
			return true
		}
	}
	return false
}

// Series is a set of events; its ACL is the default for new events in it.
type Series struct {
	ID            SeriesID
	Title         string
	Description   string
	Creators      []string
	Language      *string
	ExtraMetadata json.RawMessage
	CreatedBy     string
	Created       time.Time
	Modified      time.Time
	MayWrite      bool       // whether who asked may change it
	ACL           []ACLEntry `db:"-"` // by role, action
}
