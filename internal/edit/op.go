package edit

import (
	"encoding/json"
	"fmt"
)

// Op is one change of an edit: Cut, Split, Join, Track, SetThumbnail, SetChapter, RemoveChapter, SetCue or RemoveCue. It
// marshals to the JSON that Parse reads.
type Op interface {
	// Kind is the op's name in JSON.
	Kind() string
	// check refuses an op that does not fit the state.
	check(src Source, st State) error
	// paint gives the changed state and leaves st alone. It needs no check before, so that an old log can be replayed
	// on a source that has changed since.
	paint(src Source, st State) State
}

// Cut paints [Start, End) as kept or removed, ms.
type Cut struct {
	Start int64 `json:"start"`
	End   int64 `json:"end"`
	Keep  bool  `json:"keep"`
}

// Split puts a border at At, ms.
type Split struct {
	At int64 `json:"at"`
}

// Join takes the border at At, if there is one.
type Join struct {
	At int64 `json:"at"`
}

// Track says which streams of an asset go into the result.
type Track TrackUse

// SetThumbnail chooses the cover: a moment of a track, or an uploaded picture (At absent). An empty asset takes the
// choice back.
type SetThumbnail struct {
	Asset string `json:"asset"`
	At    *int64 `json:"at,omitzero"`
}

// SetChapter adds a chapter, or moves and renames the one of this id.
type SetChapter Chapter

// RemoveChapter takes a chapter out.
type RemoveChapter struct {
	ID string `json:"id"`
}

// SetCue adds a line to a text track, or changes the one of this id.
type SetCue struct {
	Track string `json:"track"`
	Cue
}

// RemoveCue takes a line out of a text track.
type RemoveCue struct {
	Track string `json:"track"`
	ID    string `json:"id"`
}

// Kinds in JSON.
const (
	kindCut           = "cut"
	kindSplit         = "split"
	kindJoin          = "join"
	kindTrack         = "track"
	kindThumbnail     = "thumbnail"
	kindChapter       = "chapter"
	kindChapterRemove = "chapter-remove"
	kindCue           = "cue"
	kindCueRemove     = "cue-remove"
)

func (Cut) Kind() string           { return kindCut }
func (Split) Kind() string         { return kindSplit }
func (Join) Kind() string          { return kindJoin }
func (Track) Kind() string         { return kindTrack }
func (SetThumbnail) Kind() string  { return kindThumbnail }
func (SetChapter) Kind() string    { return kindChapter }
func (RemoveChapter) Kind() string { return kindChapterRemove }
func (SetCue) Kind() string        { return kindCue }
func (RemoveCue) Kind() string     { return kindCueRemove }

// Encode gives an op's JSON, its kind first.
func Encode(op Op) json.RawMessage {
	raw, err := json.Marshal(op)
	if err != nil { // plain fields only: cannot fail
		panic(fmt.Errorf("op %s: %w", op.Kind(), err))
	}
	return append([]byte(`{"kind":"`+op.Kind()+`",`), raw[1:]...)
}
