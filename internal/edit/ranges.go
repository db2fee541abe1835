package edit

import (
	"fmt"
)

// Kept gives the parts that stay, in order: what is not removed, split at borders. A border in a removed range does not
// show.
func Kept(src Source, st State) []Range {
	parts := []Range{}
	for _, r := range keptRanges(src, st) {
		start := r.Start
		for _, b := range st.Borders {
			if b > start && b < r.End {
				parts = append(parts, Range{start, b})
				start = b
			}
		}
		parts = append(parts, Range{start, r.End})
	}
	return parts
}

// keptRanges is Kept without regard to borders.
func keptRanges(src Source, st State) []Range {
	kept := []Range{}
	at := int64(0)
	for _, r := range st.Removed {
		if r.Start >= src.Duration {
			break
		}
		if r.Start > at {
			kept = append(kept, Range{at, r.Start})
		}
		at = r.End
	}
	if at < src.Duration {
		kept = append(kept, Range{at, src.Duration})
	}
	return kept
}

// with gives sorted, disjoint ranges with one more; touching ones are merged.
func with(ranges []Range, r Range) []Range {
	out := make([]Range, 0, len(ranges)+1)
	i := 0
	for ; i < len(ranges) && ranges[i].End < r.Start; i++ {
		out = append(out, ranges[i])
	}
	for ; i < len(ranges) && ranges[i].Start <= r.End; i++ {
		r = Range{min(r.Start, ranges[i].Start), max(r.End, ranges[i].End)}
	}
	out = append(out, r)
	return append(out, ranges[i:]...)
}

// without gives what is left of ranges outside of a hole.
func without(ranges []Range, hole Range) []Range {
	out := make([]Range, 0, len(ranges)+1)
	for _, r := range ranges {
		if left := (Range{r.Start, min(r.End, hole.Start)}); left.Start < left.End {
			out = append(out, left)
		}
		if right := (Range{max(r.Start, hole.End), r.End}); right.Start < right.End {
			out = append(out, right)
		}
	}
	return out
}

// within gives what of ranges lies inside a frame.
func within(ranges []Range, frame Range) []Range {
	out := []Range{}
	for _, r := range ranges {
		if in := (Range{max(r.Start, frame.Start), min(r.End, frame.End)}); in.Start < in.End {
			out = append(out, in)
		}
	}
	return out
}

// freeID gives a line's id that is not taken: its number in the file, as far as possible.
func freeID(taken map[string]bool, n int) string {
	id := fmt.Sprint(n)
	for taken[id] {
		id += "x"
	}
	return id
}

// Equal says whether two states mean the same on a source: a track whose streams all go in is as good as one that no op
// has named, and lines as in the file as good as none.
func Equal(src Source, a, b State) bool {
	return len(Diff(src, a, b)) == 0
}
