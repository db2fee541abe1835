package media

import "slices"

// Range is a stretch of the timeline, half open: Start is in it, End is not. Milliseconds.
type Range struct{ Start, End int64 }

// Len is the length of r in milliseconds, never negative.
func (r Range) Len() int64 { return max(0, r.End-r.Start) }

// Total is the length of all ranges together in milliseconds.
func Total(ranges []Range) int64 {
	var sum int64
	for _, r := range ranges {
		sum += r.Len()
	}
	return sum
}

// part is a kept range with its place in the result, both in milliseconds. Ranges that touch are one part: there is no
// join to be heard or seen between them.
type part struct {
	Range
	at int64
}

// partsOf sorts the kept ranges, clips them to [0, duration), joins those that touch or overlap and drops empty ones.
func partsOf(kept []Range, duration int64) []part {
	sorted := slices.Clone(kept)
	slices.SortFunc(sorted, func(a, b Range) int { return int(min(1, max(-1, a.Start-b.Start))) })
	var parts []part
	for _, r := range sorted {
		r.Start, r.End = max(r.Start, 0), min(r.End, duration)
		if r.Len() == 0 {
			continue
		}
		if n := len(parts); n > 0 && r.Start <= parts[n-1].End {
			parts[n-1].End = max(parts[n-1].End, r.End)
			continue
		}
		parts = append(parts, part{Range: r})
	}
	var at int64
	for i := range parts {
		parts[i].at = at
		at += parts[i].Len()
	}
	return parts
}

// lengthOf is the length of the result in milliseconds.
func lengthOf(parts []part) int64 {
	if len(parts) == 0 {
		return 0
	}
	last := parts[len(parts)-1]
	return last.at + last.Len()
}
