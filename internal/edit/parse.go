package edit

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxSafe  = 1<<53 - 1 // the largest whole number that JavaScript holds exactly
	maxID    = 128       // bytes
	maxTitle = 1024      // bytes
	maxText  = 4096      // bytes
)

// Parse reads an op, strictly: unknown kinds and fields, missing fields, fractions and texts for numbers are refused. The
// error is a *fault.Error.
func Parse(raw json.RawMessage) (Op, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil || fields == nil {
		return nil, refuse(badOp)
	}
	r := &reader{fields: fields, left: len(fields)}
	op := r.op()
	switch {
	case op == nil:
		return nil, refuse(unknownKind)
	case r.code != "":
		return nil, refuse(r.code)
	case r.left != 0:
		return nil, refuse(badOp)
	}
	return op, nil
}

// reader takes fields one by one and remembers the first thing that is wrong.
type reader struct {
	fields map[string]json.RawMessage
	left   int // fields not taken yet
	code   code
}

// op reads the fields of the op's kind; nil when the kind is not known.
func (r *reader) op() Op {
	var kind string
	_ = json.Unmarshal(r.take("kind"), &kind)
	switch kind {
	case kindCut:
		return Cut{r.number("start"), r.number("end"), r.boolean("keep")}
	case kindSplit:
		return Split{r.number("at")}
	case kindJoin:
		return Join{r.number("at")}
	case kindTrack:
		return Track{r.name("asset"), r.boolean("video"), r.boolean("audio")}
	case kindThumbnail:
		return r.thumbnail()
	case kindChapter:
		return SetChapter{r.id(), r.number("at"), r.text("title", maxTitle)}
	case kindChapterRemove:
		return RemoveChapter{r.id()}
	case kindCue:
		return SetCue{r.name("track"), Cue{r.id(), r.number("start"), r.number("end"), r.text("text", maxText)}}
	case kindCueRemove:
		return RemoveCue{r.name("track"), r.id()}
	}
	return nil
}

func (r *reader) thumbnail() Op {
	op := SetThumbnail{Asset: r.text("asset", maxID)}
	if at, there := r.fields["at"]; there && isNull(at) {
		r.take("at")
	} else if there {
		n := r.number("at")
		op.At = &n
	}
	if op.Asset == "" && op.At != nil {
		r.wrong(badOp)
	}
	return op
}

func isNull(raw json.RawMessage) bool { return bytes.Equal(raw, []byte("null")) }

func (r *reader) take(name string) json.RawMessage {
	raw, there := r.fields[name]
	if there {
		r.left--
	}
	return raw
}

func (r *reader) wrong(c code) {
	if r.code == "" {
		r.code = c
	}
}

// number reads a whole number. 100.0 and 1e2 are 100, as in JavaScript.
func (r *reader) number(name string) int64 {
	raw := r.take(name)
	if len(raw) == 0 || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		r.wrong(badOp)
		return 0
	}
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || n != math.Trunc(n) || math.Abs(n) > maxSafe {
		r.wrong(badOp)
		return 0
	}
	return int64(n)
}

func (r *reader) boolean(name string) bool {
	raw := string(r.take(name))
	if raw != "true" && raw != "false" {
		r.wrong(badOp)
	}
	return raw == "true"
}

// text reads a string of at most limit bytes that Postgres can hold.
func (r *reader) text(name string, limit int) string {
	raw := r.take(name)
	var s string
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &s) != nil || len(s) > limit || strings.ContainsRune(s, 0) || !utf8.Valid(raw) {
		r.wrong(badOp)
		return ""
	}
	return s
}

// name reads the id of something else; it is looked up later.
func (r *reader) name(name string) string {
	s := r.text(name, maxID)
	if s == "" {
		r.wrong(badOp)
	}
	return s
}

// id reads the op's own id.
func (r *reader) id() string {
	raw := r.take("id")
	var s string
	if len(raw) == 0 || json.Unmarshal(raw, &s) != nil || !validID(s) {
		r.wrong(badID)
	}
	return s
}

func validID(s string) bool {
	return s != "" && len(s) <= maxID && utf8.ValidString(s) && !slices.Contains([]byte(s), 0)
}
