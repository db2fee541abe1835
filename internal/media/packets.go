package media

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// packets are the presentation times of a stream as the container tells them, without decoding.
type packets struct {
	times    []int64 // in ticks, rising
	keys     []int64 // those of key frames
	end      int64   // of the last one to end, in ticks
	reliable bool    // every packet has a time of its own: one packet is one frame
}

// readPackets lists a stream's packets. It reads the whole file, at the speed of the disk. Packets that an edit list hides are
// left out.
func readPackets(ctx context.Context, path string, stream int) (packets, error) {
	list := packets{reliable: true}
	err := program{
		name: "ffprobe", limit: probeTime,
		args: join([]string{"-hide_banner", "-v", "error", "-of", "csv=p=0", "-select_streams", strconv.Itoa(stream),
			"-show_entries", "packet=pts,duration,flags"}, input(path)),
		stdout: list.read,
	}.run(ctx)
	slices.Sort(list.times)
	slices.Sort(list.keys)
	if unique := len(slices.Compact(slices.Clone(list.times))); unique != len(list.times) {
		list.reliable = false
	}
	return list, err
}

// read parses lines "pts,duration,flags".
func (p *packets) read(r io.Reader) error {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Split(strings.TrimRight(lines.Text(), ","), ",")
		if len(fields) < 3 {
			continue
		}
		flags := fields[2]
		if strings.Contains(flags, "D") {
			continue
		}
		pts, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil {
			p.reliable = false
			continue
		}
		length, _ := strconv.ParseInt(fields[1], 10, 64)
		p.times = append(p.times, pts)
		p.end = max(p.end, pts+max(0, length))
		if strings.HasPrefix(flags, "K") {
			p.keys = append(p.keys, pts)
		}
	}
	return lines.Err()
}

// widestGap is the greatest distance between neighbouring key frames, in ticks, the way to the end included.
func (p packets) widestGap() int64 {
	gap, last := int64(0), int64(0)
	for _, k := range append(slices.Clone(p.keys), p.end) {
		gap, last = max(gap, k-last), k
	}
	return gap
}

// measure sets End from the packets.
func (s *Stream) measure(ctx context.Context, path string, origin int64) error {
	list, err := readPackets(ctx, path, s.Index)
	if err != nil {
		return explain(err, unreadable())
	}
	if n := len(list.times); n > 0 && s.timeBase.Den > 0 {
		s.End = max(0, s.milliseconds(list.end)-origin)
		if list.end == list.times[n-1] && s.FrameRate.Num > 0 { // the container tells no lengths
			s.End += 1000 * s.FrameRate.Den / s.FrameRate.Num
		}
	}
	return nil
}

// milliseconds rounds ticks of s.
func (s *Stream) milliseconds(ticks int64) int64 {
	return (ticks*s.timeBase.Num*1000 + s.timeBase.Den/2) / s.timeBase.Den
}

// ceilTicks is the first tick of s that is not before ms.
func (s *Stream) ceilTicks(ms int64) int64 {
	divisor := 1000 * s.timeBase.Num
	ticks, rest := ms*s.timeBase.Den/divisor, ms*s.timeBase.Den%divisor
	if rest > 0 {
		ticks++
	}
	return ticks
}

// decodedTimes lists the times of a stream's frames by decoding all of them: slow, for files whose packets do not tell.
func decodedTimes(ctx context.Context, path string, stream int) ([]int64, error) {
	var times []int64
	err := program{
		name: "ffprobe", limit: 4 * time.Hour,
		args: join([]string{"-hide_banner", "-v", "error", "-threads", "2", "-of", "csv=p=0", "-select_streams", strconv.Itoa(stream),
			"-show_entries", "frame=best_effort_timestamp"}, input(path)),
		stdout: func(r io.Reader) error {
			lines := bufio.NewScanner(r)
			for lines.Scan() {
				text, _, _ := strings.Cut(lines.Text(), ",")
				if t, err := strconv.ParseInt(text, 10, 64); err == nil {
					times = append(times, t)
				}
			}
			return lines.Err()
		},
	}.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("media: times of frames: %w", err)
	}
	slices.Sort(times)
	return times, nil
}
