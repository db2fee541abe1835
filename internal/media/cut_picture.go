package media

import (
	"context"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
)

// ticks a second of every result. All usual frame rates (24, 25, 30, 30000/1001, 60000/1001 ...) and whole milliseconds are whole
// numbers of it, and nine hours of one picture still fit into a sample's 32 bits.
const ticks = 120_000

// tickPart is a part in ticks of the source's picture: a frame at t is in it if low ≤ t < high.
type tickPart struct {
	low, high int64
	part
}

// picturePlan says which frames of the source are in the result, and when.
type picturePlan struct {
	stream   *Stream
	origin   int64
	parts    []tickPart
	times    []int64 // of the result's frames, in 1/120000 s, rising
	reliable bool    // times is known to be complete and right
	held     bool    // no frame lies in the parts: the one at hold is shown from 0 on
	hold     int64
}

// planPicture reads the times of the source's frames and chooses. The borders are whole ticks rounded up, so that t in ticks
// is in the part exactly if the true time is.
func planPicture(ctx context.Context, path string, info Info, parts []part) (*picturePlan, error) {
	p := &picturePlan{stream: info.Video(), origin: info.origin}
	if p.stream.timeBase.Den == 0 {
		return nil, unreadable()
	}
	for _, r := range parts {
		p.parts = append(p.parts, tickPart{p.stream.ceilTicks(r.Start + p.origin), p.stream.ceilTicks(r.End + p.origin), r})
	}
	list, err := readPackets(ctx, path, p.stream.Index)
	if err != nil {
		return nil, err
	}
	p.reliable = list.reliable && info.Container != "avi" // whose packets may hold two pictures
	if len(list.times) == 0 {
		if list.times, err = decodedTimes(ctx, path, p.stream.Index); err != nil {
			return nil, err
		}
	}
	if len(list.times) == 0 {
		return nil, noPicture()
	}
	p.choose(list.times)
	return p, nil
}

// choose sets times (and held) from the rising times of all frames of the source.
func (p *picturePlan) choose(all []int64) {
	p.times, p.held = nil, false
	for _, r := range p.parts {
		first := sort.Search(len(all), func(i int) bool { return all[i] >= r.low })
		for _, t := range all[first:] {
			if t >= r.high {
				break
			}
			p.times = append(p.times, p.result(r, t))
		}
	}
	if len(p.times) > 0 {
		return
	}
	next := sort.Search(len(all), func(i int) bool { return all[i] > p.parts[0].low })
	p.held, p.hold, p.times = true, all[max(0, next-1)], []int64{0}
}

// result is when the frame at t (ticks of the source) is seen in the result: t − start + kept before, rounded down to 1/120000 s.
func (p *picturePlan) result(r tickPart, t int64) int64 {
	base := p.stream.timeBase
	whole, rest := t*base.Num/base.Den, t*base.Num%base.Den
	return whole*ticks + rest*ticks/base.Den - p.shift(r.part)
}

// shift is by how much a part moves towards 0, in 1/120000 s.
func (p *picturePlan) shift(r part) int64 { return (r.Start + p.origin - r.at) * (ticks / 1000) }

// filter is the filter graph: choose by whole ticks, then set the times in a time base that holds the source's and the result's
// exactly, rounded down to the result's.
func (p *picturePlan) filter(size Picture) string {
	var chain []string
	add := func(format string, args ...any) { chain = append(chain, fmt.Sprintf(format, args...)) }
	if p.held {
		add("select='eq(pts,%d)'", p.hold)
	} else {
		add("select='%s'", search(p.parts, func(r tickPart) string { return fmt.Sprintf("lt(pts,%d)", r.low) },
			func(r tickPart) string { return fmt.Sprintf("gte(pts,%d)*lt(pts,%d)", r.low, r.high) }))
	}
	if p.stream.Interlaced {
		add("bwdif=mode=send_frame:deint=interlaced")
	}
	if p.reliable { // nothing behind the last kept frame is read; -frames:v would end the sound as well
		add("trim=end_frame=%d", len(p.times))
	}
	scale := common(p.stream.timeBase)
	add("settb=1/%d", scale*ticks)
	if p.held {
		add("setpts=0")
	} else {
		shift := search(p.parts, func(r tickPart) string { return fmt.Sprintf("lt(PTS,%d)", (r.Start+p.origin)*scale*(ticks/1000)) },
			func(r tickPart) string { return strconv.FormatInt(p.shift(r.part)*scale, 10) })
		add("setpts='floor(PTS/%d)*%d-%s'", scale, scale, shift)
	}
	add("scale=%d:%d:flags=bicubic,setsar=%d/%d:max=10000,format=yuv420p", size.Width, size.Height, p.stream.aspect.Num, p.stream.aspect.Den)
	return strings.Join(chain, ",\n")
}

// search is an expression that finds a frame's part by halving: fast with many parts, and never nested deeper than ffmpeg allows,
// which refuses a flat sum of a hundred.
func search(parts []tickPart, before, leaf func(tickPart) string) string {
	if len(parts) == 1 {
		return leaf(parts[0])
	}
	half := len(parts) / 2
	return fmt.Sprintf("if(%s,%s,%s)", before(parts[half]), search(parts[:half], before, leaf), search(parts[half:], before, leaf))
}

// common is the smallest n for which n × 120000 is a multiple of the source's ticks a second; 1 where that is too large for ffmpeg:
// times are then rounded to 1/120000 s.
func common(base Ratio) int64 {
	n := base.Den / gcd(base.Den, ticks)
	if n*ticks > math.MaxInt32/2 {
		return 1
	}
	return n
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
