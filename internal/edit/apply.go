package edit

import (
	"cmp"
	"slices"
	"strings"
)

// maxItems limits each list of a state, so that no edit grows without end.
const maxItems = 10_000

// Apply gives the state after an op. st is not changed. An op that does not fit is refused with a *fault.Error.
func Apply(src Source, st State, op Op) (State, error) {
	if err := op.check(src, st); err != nil {
		return st, err
	}
	next := op.paint(src, st)
	if next.size() > maxItems && next.size() > st.size() {
		return st, refuse(tooMany)
	}
	return next, nil
}

// size is the length of the longest list.
func (st State) size() int {
	n := max(len(st.Removed), len(st.Borders), len(st.Chapters))
	for _, t := range st.Cues {
		n = max(n, len(t.Cues))
	}
	return n
}

func checkMoment(src Source, at int64) error {
	switch {
	case at < 0:
		return refuse(badRange)
	case at >= src.Duration:
		return refuse(beyondEnd)
	}
	return nil
}

func checkRange(src Source, start, end int64) error {
	switch {
	case start < 0 || end <= start:
		return refuse(badRange)
	case end > src.Duration:
		return refuse(beyondEnd)
	}
	return nil
}

func (op Cut) check(src Source, st State) error {
	if err := checkRange(src, op.Start, op.End); err != nil {
		return err
	}
	if !op.Keep && len(keptRanges(src, op.paint(src, st))) == 0 {
		return refuse(nothingLeft)
	}
	return nil
}

func (op Cut) paint(_ Source, st State) State {
	r := Range{op.Start, op.End}
	if op.Keep {
		st.Removed = without(st.Removed, r)
	} else {
		st.Removed = with(st.Removed, r)
	}
	return st
}

func (op Split) check(src Source, _ State) error {
	if op.At == 0 {
		return refuse(badRange)
	}
	return checkMoment(src, op.At)
}

func (op Split) paint(_ Source, st State) State {
	if i, there := slices.BinarySearch(st.Borders, op.At); !there {
		st.Borders = slices.Insert(slices.Clone(st.Borders), i, op.At)
	}
	return st
}

func (op Join) check(src Source, _ State) error {
	if op.At == src.Duration && op.At > 0 {
		return nil
	}
	return checkMoment(src, op.At)
}

func (op Join) paint(_ Source, st State) State {
	if i, there := slices.BinarySearch(st.Borders, op.At); there {
		st.Borders = slices.Delete(slices.Clone(st.Borders), i, i+1)
	}
	return st
}

func (op Track) check(src Source, st State) error {
	if t, there := src.track(op.Asset); !there || t.Text {
		return refuse(unknownAsset)
	}
	pictures, shown := false, false
	next := op.paint(src, st)
	for _, t := range src.Tracks {
		pictures = pictures || t.Video
		shown = shown || t.Video && next.Use(t.Asset).Video
	}
	if pictures && !shown {
		return refuse(lastPicture)
	}
	return nil
}

func (op Track) paint(_ Source, st State) State {
	st.Tracks = put(st.Tracks, TrackUse(op), func(a, b TrackUse) int { return strings.Compare(a.Asset, b.Asset) })
	return st
}

func (op SetThumbnail) check(src Source, _ State) error {
	switch {
	case op.Asset == "":
		return nil
	case op.At == nil && src.Pictures != nil && !slices.Contains(src.Pictures, op.Asset):
		return refuse(unknownAsset)
	case op.At == nil:
		return nil
	}
	if *op.At < 0 {
		return refuse(badRange)
	}
	if t, there := src.track(op.Asset); !there || !t.Video {
		return refuse(unknownAsset)
	}
	return checkMoment(src, *op.At)
}

func (op SetThumbnail) paint(_ Source, st State) State {
	st.Thumbnail = nil
	if op.Asset != "" {
		st.Thumbnail = &Thumbnail{Asset: op.Asset, At: op.At}
	}
	return st
}

func (op SetChapter) check(src Source, _ State) error {
	if err := checkMoment(src, op.At); err != nil {
		return err
	}
	if strings.TrimSpace(op.Title) == "" {
		return refuse(blankTitle)
	}
	return nil
}

func (op SetChapter) paint(_ Source, st State) State {
	rest := slices.DeleteFunc(slices.Clone(st.Chapters), func(c Chapter) bool { return c.ID == op.ID })
	st.Chapters = put(rest, Chapter(op), func(a, b Chapter) int {
		return cmp.Or(cmp.Compare(a.At, b.At), strings.Compare(a.ID, b.ID))
	})
	return st
}

func (op RemoveChapter) check(_ Source, st State) error {
	if !slices.ContainsFunc(st.Chapters, func(c Chapter) bool { return c.ID == op.ID }) {
		return refuse(unknownChapter)
	}
	return nil
}

func (op RemoveChapter) paint(_ Source, st State) State {
	st.Chapters = slices.DeleteFunc(slices.Clone(st.Chapters), func(c Chapter) bool { return c.ID == op.ID })
	return st
}

// put gives a sorted copy of list with item in it, in place of one that compares equal.
func put[T any](list []T, item T, compare func(a, b T) int) []T {
	i, there := slices.BinarySearchFunc(list, item, compare)
	list = slices.Clone(list)
	if there {
		list[i] = item
		return list
	}
	return slices.Insert(list, i, item)
}

func (src Source) track(asset string) (SourceTrack, bool) {
	for _, t := range src.Tracks {
		if t.Asset == asset {
			return t, true
		}
	}
	return SourceTrack{}, false
}

// Use says which streams of an asset go in: all, unless an op said otherwise.
func (st State) Use(asset string) TrackUse {
	for _, t := range st.Tracks {
		if t.Asset == asset {
			return t
		}
	}
	return TrackUse{Asset: asset, Video: true, Audio: true}
}
