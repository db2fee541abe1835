package media

import (
	"regexp"
	"sort"
)

// CutVTT is v as it has to be beside a cut: cues are clipped to the kept ranges and moved as the pictures are. A cue over several kept ranges
// stays one, because its pieces touch in the result; one that lies wholly in what was removed goes; a single millisecond that stays
// keeps its cue. Times inside a text (<00:00:01.000>, karaoke) move along and go where they fall out of their cue. All other
// blocks stay.
func CutVTT(v VTT, kept []Range) VTT {
	end := int64(0)
	for _, r := range kept {
		end = max(end, r.End)
	}
	parts := partsOf(kept, end)
	out := VTT{Header: v.Header}
	for _, b := range v.Blocks {
		if b.Kind == CueBlock {
			var stays bool
			if b.Cue, stays = cutCue(b.Cue, parts); !stays {
				continue
			}
		}
		out.Blocks = append(out.Blocks, b)
	}
	return out
}

func cutCue(c Cue, parts []part) (Cue, bool) {
	start, end := place(parts, c.Start), place(parts, c.End)
	instant := c.Start == c.End && isKept(parts, c.Start) // shown by no player, but not ours to drop
	if end <= start && !instant {
		return Cue{}, false
	}
	c.Start, c.End = start, end
	c.Text = moveTimes(c.Text, parts, start, end)
	return c, true
}

// place is where time t of the timeline is in the result; for a removed time, the join that it became.
func place(parts []part, t int64) int64 {
	next := sort.Search(len(parts), func(i int) bool { return parts[i].Start > t })
	if next == 0 {
		return 0
	}
	p := parts[next-1]
	return p.at + min(t, p.End) - p.Start
}

func isKept(parts []part, t int64) bool {
	next := sort.Search(len(parts), func(i int) bool { return parts[i].Start > t })
	return next > 0 && t < parts[next-1].End
}

var innerTime = regexp.MustCompile(`<(?:\d{2,}:)?\d{2}:\d{2}\.\d{3}>`)

func moveTimes(text string, parts []part, start, end int64) string {
	return innerTime.ReplaceAllStringFunc(text, func(tag string) string {
		t, ok := parseTime(tag[1 : len(tag)-1])
		if !ok {
			return tag
		}
		if t = place(parts, t); t <= start || t >= end {
			return ""
		}
		return "<" + VTTTime(t) + ">"
	})
}
