package edit

import (
	"strings"

	"cutroom/internal/fault"
)

// code names a refusal; the id of its text is "edit." + code.
type code string

const (
	badOp          code = "bad-op"
	badRange       code = "bad-range"
	beyondEnd      code = "beyond-end"
	unknownAsset   code = "unknown-asset"
	unknownKind    code = "unknown-kind"
	nothingLeft    code = "nothing-left"
	blankTitle     code = "blank-title"
	badBase        code = "bad-base"
	badID          code = "bad-id"
	unknownChapter code = "unknown-chapter"
	unknownCue     code = "unknown-cue"
	lastPicture    code = "last-picture"
	tooMany        code = "too-many"
)

var says = map[code]string{
	badOp:          "This change could not be read.",
	badRange:       "The end has to come after the start, and neither may lie before the beginning.",
	beyondEnd:      "This reaches beyond the end of the recording.",
	unknownAsset:   "The recording has no such track.",
	unknownKind:    "This kind of change is not known.",
	nothingLeft:    "At least one part has to stay.",
	blankTitle:     "A chapter needs a title.",
	badBase:        "This change was made on a version that does not exist. Reload the page.",
	badID:          "This change has no valid id.",
	unknownChapter: "This chapter is not there any more.",
	unknownCue:     "This line is not there any more.",
	lastPicture:    "At least one picture has to go in.",
	tooMany:        "There are too many of these in one recording.",
}

func refuse(c code) error { return fault.New(fault.Invalid, "edit."+string(c), says[c]) }

// CodeOf is the code of a refusal for the API and the socket, "" for any other error.
func CodeOf(err error) string {
	e := fault.As(err)
	if e == nil || !strings.HasPrefix(e.ID, "edit.") {
		return ""
	}
	return strings.TrimPrefix(e.ID, "edit.")
}
