package edit

import (
	"cmp"
	"slices"
	"strings"
)

// CuesOf gives the lines of a text track as they are now: the edit's, else the file's.
func CuesOf(src Source, st State, track string) []Cue {
	for _, t := range st.Cues {
		if t.Track == track {
			return t.Cues
		}
	}
	t, _ := src.track(track)
	return t.Cues
}

func checkText(src Source, track string) error {
	if t, there := src.track(track); !there || !t.Text {
		return refuse(unknownAsset)
	}
	return nil
}

func (op SetCue) check(src Source, _ State) error {
	if err := checkRange(src, op.Start, op.End); err != nil {
		return err
	}
	return checkText(src, op.Track)
}

func (op SetCue) paint(src Source, st State) State {
	cues := withoutCue(CuesOf(src, st, op.Track), op.ID)
	return st.withCues(op.Track, put(cues, op.Cue, compareCues))
}

func (op RemoveCue) check(src Source, st State) error {
	if err := checkText(src, op.Track); err != nil {
		return err
	}
	if !slices.ContainsFunc(CuesOf(src, st, op.Track), func(c Cue) bool { return c.ID == op.ID }) {
		return refuse(unknownCue)
	}
	return nil
}

func (op RemoveCue) paint(src Source, st State) State {
	return st.withCues(op.Track, withoutCue(CuesOf(src, st, op.Track), op.ID))
}

// withCues puts the lines of a track; an empty list stays, for then the file's lines are gone.
func (st State) withCues(track string, cues []Cue) State {
	st.Cues = put(st.Cues, TrackCues{track, cues}, func(a, b TrackCues) int { return strings.Compare(a.Track, b.Track) })
	return st
}

// withoutCue copies the lines but one, sorted, as a file's may not be.
func withoutCue(cues []Cue, id string) []Cue {
	rest := make([]Cue, 0, len(cues)+1)
	for _, c := range cues {
		if c.ID != id {
			rest = append(rest, c)
		}
	}
	slices.SortStableFunc(rest, compareCues)
	return rest
}

func compareCues(a, b Cue) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), strings.Compare(a.ID, b.ID))
}

// Fit makes lines of a file ready for a timeline of this length (ms): ids that are missing, doubled or too long are given
// anew, lines that reach beyond the end are shortened, those wholly beyond it or without length are left out.
func Fit(cues []Cue, duration int64) []Cue {
	out := make([]Cue, 0, len(cues))
	seen := map[string]bool{}
	for i, c := range cues {
		c.Start, c.End = max(c.Start, 0), min(c.End, duration)
		if c.End <= c.Start {
			continue
		}
		if !validID(c.ID) || seen[c.ID] {
			c.ID = freeID(seen, i+1)
		}
		seen[c.ID] = true
		c.Text = strings.ReplaceAll(strings.ToValidUTF8(c.Text, "\uFFFD"), "\x00", "")
		out = append(out, c)
	}
	slices.SortStableFunc(out, compareCues)
	return out
}
