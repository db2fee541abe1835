package edit

import (
	"cmp"
	"slices"
)

// Diff gives ops that make one state mean the same as another, in an order in which none is refused on the way: what has
// to stay comes before what has to go. What the source has no more is left as it is.
func Diff(src Source, from, to State) []Op {
	var ops []Op
	add := func(more []Op) { ops = append(ops, more...) }
	add(cutOps(src, from, to))
	add(borderOps(src, from, to))
	add(trackOps(src, from, to))
	add(thumbnailOps(from, to))
	add(chapterOps(from, to))
	for _, t := range src.Tracks {
		if t.Text {
			add(cueOps(t.Asset, from, to, src))
		}
	}
	return ops
}

func cutOps(src Source, from, to State) []Op {
	var ops []Op
	kept, wanted := keptRanges(src, from), keptRanges(src, to)
	for _, r := range minus(wanted, kept) {
		ops = append(ops, Cut{r.Start, r.End, true})
	}
	for _, r := range minus(kept, wanted) {
		ops = append(ops, Cut{r.Start, r.End, false})
	}
	return ops
}

// minus gives what is in a and not in b.
func minus(a, b []Range) []Range {
	for _, r := range b {
		a = without(a, r)
	}
	return a
}

func borderOps(src Source, from, to State) []Op {
	var ops []Op
	for _, at := range to.Borders {
		if at < src.Duration && !slices.Contains(from.Borders, at) {
			ops = append(ops, Split{at})
		}
	}
	for _, at := range from.Borders {
		if at < src.Duration && !slices.Contains(to.Borders, at) {
			ops = append(ops, Join{at})
		}
	}
	return ops
}

func trackOps(src Source, from, to State) []Op {
	var ops []Op
	for _, t := range src.Tracks {
		if use := to.Use(t.Asset); !t.Text && use != from.Use(t.Asset) {
			ops = append(ops, Track(use))
		}
	}
	slices.SortStableFunc(ops, func(a, b Op) int { return cmp.Compare(hides(a), hides(b)) })
	return ops
}

// hides is 1 for a track op that takes a picture out.
func hides(op Op) int {
	if op.(Track).Video {
		return 0
	}
	return 1
}

func thumbnailOps(from, to State) []Op {
	a, b := from.Thumbnail, to.Thumbnail
	switch {
	case b == nil && a == nil, a != nil && b != nil && a.same(*b):
		return nil
	case b == nil:
		return []Op{SetThumbnail{}}
	}
	return []Op{SetThumbnail(*b)}
}

func (t Thumbnail) same(o Thumbnail) bool {
	return t.Asset == o.Asset && (t.At == nil) == (o.At == nil) && (t.At == nil || *t.At == *o.At)
}

func chapterOps(from, to State) []Op {
	var ops []Op
	for _, c := range to.Chapters {
		if !slices.Contains(from.Chapters, c) {
			ops = append(ops, SetChapter(c))
		}
	}
	for _, c := range from.Chapters {
		if !slices.ContainsFunc(to.Chapters, func(o Chapter) bool { return o.ID == c.ID }) {
			ops = append(ops, RemoveChapter{c.ID})
		}
	}
	return ops
}

func cueOps(track string, from, to State, src Source) []Op {
	var ops []Op
	was, wanted := byID(CuesOf(src, from, track)), byID(CuesOf(src, to, track))
	for _, c := range CuesOf(src, to, track) {
		if old, there := was[c.ID]; !there || old != c {
			ops = append(ops, SetCue{track, c})
		}
	}
	for _, c := range CuesOf(src, from, track) {
		if _, there := wanted[c.ID]; !there {
			ops = append(ops, RemoveCue{track, c.ID})
		}
	}
	return ops
}

func byID(cues []Cue) map[string]Cue {
	m := make(map[string]Cue, len(cues))
	for _, c := range cues {
		m[c.ID] = c
	}
	return m
}
