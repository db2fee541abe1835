package views

import (
	"context"
	"strconv"
)

// Range is a part of a timeline, half open, in milliseconds.
type Range struct{ Start, End int64 }

// Strip is a recording's picture in lists: its kept parts over its whole length, in milliseconds.
type Strip struct {
	Duration int64   // of the source; 0: not known yet, nothing is drawn
	Kept     []Range // sorted, disjoint; empty with a Duration: all of it stays
}

// Stays is how much of it is kept, in milliseconds.
func (s Strip) Stays() int64 {
	if len(s.Kept) == 0 {
		return s.Duration
	}
	var sum int64
	for _, r := range s.Kept {
		sum += r.End - r.Start
	}
	return sum
}

// uncut says that nothing was taken out.
func (s Strip) uncut() bool { return s.Stays() >= s.Duration }

// words tell the strip: "42:34 of 50:12 stays", "46:51, uncut".
func (s Strip) words(ctx context.Context) string {
	switch {
	case s.Duration == 0:
		return ""
	case s.uncut():
		return T(ctx, "strip.uncut", "Total", Length(ctx, s.Duration))
	}
	return T(ctx, "strip.stays", "Length", Length(ctx, s.Stays()), "Total", Length(ctx, s.Duration))
}

// block is one rectangle of a strip; x and width are per cent.
type block struct {
	kept     bool
	x, width string
}

// blocks lays the strip out from left to right, kept and removed in turn.
func (s Strip) blocks() []block {
	if s.Duration <= 0 {
		return nil
	}
	kept := s.Kept
	if len(kept) == 0 {
		kept = []Range{{0, s.Duration}}
	}
	var all []block
	var at int64
	for _, r := range kept {
		if r.Start > at {
			all = append(all, s.block(at, r.Start, false))
		}
		all = append(all, s.block(r.Start, r.End, true))
		at = r.End
	}
	if at < s.Duration {
		all = append(all, s.block(at, s.Duration, false))
	}
	return all
}

func (s Strip) block(start, end int64, kept bool) block {
	total := float64(s.Duration)
	return block{kept, share(float64(start) / total), share(float64(end-start) / total)}
}

// share writes 0 to 1 as a length of SVG in per cent.
func share(x float64) string {
	return strconv.FormatFloat(min(max(x, 0), 1)*100, 'f', 3, 64) + "%"
}

// output lays the kept parts end to end, as students will see them, and splits them where done (in milliseconds of the
// result) stands.
func (s Strip) output(done int64) (made, todo []block) {
	kept := s.Kept
	if len(kept) == 0 {
		kept = []Range{{0, s.Duration}}
	}
	result := Strip{Duration: s.Stays()}
	if result.Duration <= 0 {
		return nil, nil
	}
	var at int64
	for _, r := range kept {
		end := at + r.End - r.Start
		if at < done {
			made = append(made, result.block(at, min(end, done), true))
		}
		if end > done {
			todo = append(todo, result.block(max(at, done), end, false))
		}
		at = end
	}
	return made, todo
}

// hatchID names the strip's pattern: patterns of one size are alike, so that two of one name on a page do no harm.
func (s Strip) hatchID(size string) string {
	if size == "" {
		return "hatch"
	}
	return "hatch-" + size
}

// after lays the kept parts end to end, to the scale of the whole source.
func (s Strip) after() []block {
	kept := s.Kept
	if len(kept) == 0 {
		kept = []Range{{0, s.Duration}}
	}
	var all []block
	var at int64
	for _, r := range kept {
		all = append(all, s.block(at, at+r.End-r.Start, true))
		at += r.End - r.Start
	}
	return all
}
