package media

import (
	"fmt"
	"strings"
)

// VTT is a WebVTT file (https://www.w3.org/TR/webvtt1/) without loss: whatever was read is printed again, in order, with normal
// line ends and times.
type VTT struct {
	Header string  // what follows "WEBVTT" in the first line and the lines up to the first blank one, as they are
	Blocks []Block // in the order of the file
}

// BlockKind tells what a block is.
type BlockKind string

const (
	CueBlock    BlockKind = "cue"
	NoteBlock   BlockKind = "note"
	StyleBlock  BlockKind = "style"
	RegionBlock BlockKind = "region"
	OtherBlock  BlockKind = "other" // what browsers skip, kept as it is
)

// Block is one block of a VTT file.
type Block struct {
	Kind BlockKind
	Raw  string // all its lines, of every kind but a cue
	Cue  Cue    // of a cue
}

// Cue is one subtitle. Times are milliseconds of the timeline.
type Cue struct {
	ID         string // may be empty, never holds "-->" or a line end
	Start, End int64
	Settings   string // as they are, e.g. "line:0 align:start"
	Text       string // cue text with its tags, byte for byte; lines end with "\n", none blank
}

// Cues are the cues of v in order.
func (v VTT) Cues() []Cue {
	var cues []Cue
	for _, b := range v.Blocks {
		if b.Kind == CueBlock {
			cues = append(cues, b.Cue)
		}
	}
	return cues
}

// NewVTT makes a file of cues alone.
func NewVTT(cues []Cue) VTT {
	var v VTT
	for _, c := range cues {
		v.Blocks = append(v.Blocks, Block{Kind: CueBlock, Cue: c})
	}
	return v
}

// String is v as a file. What would break the file's structure (blank lines in a text, line ends in an id) is
// taken out, so that cues made by users are safe to print.
func (v VTT) String() string {
	var b strings.Builder
	b.WriteString("WEBVTT" + strings.TrimRight(v.Header, "\n") + "\n")
	for _, block := range v.Blocks {
		b.WriteString("\n")
		if block.Kind == CueBlock {
			b.WriteString(block.Cue.String())
		} else {
			b.WriteString(strings.Trim(block.Raw, "\n") + "\n")
		}
	}
	return b.String()
}

// String is c as a block of a file.
func (c Cue) String() string {
	var b strings.Builder
	if id := oneLine(c.ID); id != "" {
		b.WriteString(id + "\n")
	}
	b.WriteString(VTTTime(c.Start) + " --> " + VTTTime(c.End))
	if s := oneLine(c.Settings); s != "" {
		b.WriteString(" " + s)
	}
	b.WriteString("\n")
	for line := range strings.SplitSeq(strings.ReplaceAll(c.Text, "\r", "\n"), "\n") {
		if line != "" {
			b.WriteString(strings.ReplaceAll(line, "-->", "--&gt;") + "\n")
		}
	}
	return b.String()
}

func oneLine(s string) string {
	return strings.NewReplacer("\n", " ", "\r", " ", "-->", "->").Replace(s)
}

// VTTTime is a time in WebVTT's form, with hours.
func VTTTime(ms int64) string {
	ms = max(ms, 0)
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}
