package edit

import "slices"

// Invert gives the ops that take one op back: what they restore is the state before it where it changed anything, and
// nothing else. None when it changed nothing. They are for the present state, whatever others did since.
func Invert(src Source, before State, op Op) []Op {
	switch op := op.(type) {
	case Cut:
		return invertCut(src, before, op)
	case Split:
		if !slices.Contains(before.Borders, op.At) {
			return []Op{Join(op)}
		}
	case Join:
		if slices.Contains(before.Borders, op.At) {
			return []Op{Split(op)}
		}
	case Track:
		if old := Track(before.Use(op.Asset)); old != op {
			return []Op{old}
		}
	case SetThumbnail:
		return thumbnailOps(op.paint(src, before), before)
	case SetChapter:
		return chapterOps(op.paint(src, before), before)
	case RemoveChapter:
		return chapterOps(op.paint(src, before), before)
	case SetCue:
		return cueOps(op.Track, op.paint(src, before), before, src)
	case RemoveCue:
		return cueOps(op.Track, op.paint(src, before), before, src)
	}
	return nil
}

func invertCut(src Source, before State, op Cut) []Op {
	changed := before.Removed
	if !op.Keep {
		changed = keptRanges(src, before)
	}
	var ops []Op
	for _, r := range within(changed, Range{op.Start, op.End}) {
		ops = append(ops, Cut{r.Start, r.End, !op.Keep})
	}
	return ops
}
