package media

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The tests judge a cut from outside: numbered clips carry their frame number as black and white bars and a sound that changes
// pitch every 50 ms, so that a result tells by itself which frames are in it and by how much its sound is off.

const (
	numberedWidth, numberedHeight = 320, 180
	bars                          = 16
)

// numbered makes a clip of count frames; times are their numbers' positions at rate (frames a second), more arguments go to the encoder.
func numbered(t testing.TB, name string, count int, rate string, seconds int, more ...string) string {
	t.Helper()
	dir := t.TempDir()
	frames := make([]byte, 0, count*numberedWidth*numberedHeight)
	row := make([]byte, numberedWidth)
	for n := range count {
		for x := range row {
			bar, bit := x/(numberedWidth/bars), false
			switch {
			case bar == 0:
				bit = true
			case bar >= 4:
				bit = n>>(bars-1-bar)&1 == 1
			}
			row[x] = 28
			if bit {
				row[x] = 228
			}
		}
		for range numberedHeight {
			frames = append(frames, row...)
		}
	}
	path := filepath.Join(dir, name)
	sound := filepath.Join(dir, "sound.pcm")
	if err := os.WriteFile(sound, chirps(seconds), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-f", "rawvideo", "-pix_fmt", "gray", "-s", fmt.Sprintf("%dx%d", numberedWidth, numberedHeight), "-r", rate, "-i", "-",
		"-f", "s16le", "-ar", "48000", "-ac", "1", "-i", sound,
		"-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-g", "250", "-bf", "2", "-crf", "18", "-c:a", "aac", "-b:a", "96k"}
	ffWith(t, frames, append(append(args, more...), path)...)
	return path
}

func chirps(seconds int) []byte {
	random, phase := rand.New(rand.NewPCG(1, 2)), 0.0
	var pcm []byte
	for range seconds * 20 {
		pitch := 300 + random.Float64()*2200
		for range 2400 {
			phase += 2 * math.Pi * pitch / 48000
			pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(math.Sin(phase)*12000)))
		}
	}
	return pcm
}

// seen are the numbers shown in a numbered clip's frames.
func seen(t testing.TB, path string) []int {
	t.Helper()
	size := numberedWidth * numberedHeight
	raw := ff(t, "-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-vf", fmt.Sprintf("scale=%d:%d:flags=area,format=gray", numberedWidth, numberedHeight), "-f", "rawvideo", "-")
	var numbers []int
	for ; len(raw) >= size; raw = raw[size:] {
		n := 0
		for bar := range bars {
			x := bar*(numberedWidth/bars) + numberedWidth/bars/2
			bright := raw[numberedHeight/2*numberedWidth+x] > 128
			if bar == 0 && !bright || bar > 0 && bar < 4 && bright {
				t.Fatalf("frame %d is no numbered one", len(numbers))
			}
			if n <<= 1; bright && bar >= 4 {
				n++
			}
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// frameTimes are the exact presentation times of all frames in seconds.
func frameTimes(t testing.TB, path string) []*big.Rat {
	t.Helper()
	told := strings.Fields(ffprobe(t, path, "-select_streams", "v:0", "-show_entries", "stream=time_base", "-of", "default=nk=1:nw=1"))
	base, ok := new(big.Rat).SetString(told[0])
	if !ok {
		t.Fatalf("time base %q", told)
	}
	var times []*big.Rat
	for _, l := range strings.Fields(ffprobe(t, path, "-select_streams", "v:0", "-show_entries", "frame=best_effort_timestamp", "-of", "default=nk=1:nw=1")) {
		n, err := strconv.ParseInt(l, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		times = append(times, new(big.Rat).Mul(big.NewRat(n, 1), base))
	}
	return times
}

func ffprobe(t testing.TB, path string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffprobe", append(append([]string{"-v", "error", "-fflags", "+genpts"}, args...), path)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// expected are the numbers of the source's frames that the rule keeps and their times in the result, in seconds. offset (ms) is the container's
// time that is 0 on the timeline.
func expected(times []*big.Rat, kept []Range, offset int64) (numbers []int, at []float64) {
	before := int64(0)
	for _, r := range kept {
		for n, t := range times {
			ms := new(big.Rat).Sub(new(big.Rat).Mul(t, big.NewRat(1000, 1)), big.NewRat(offset, 1))
			if ms.Cmp(big.NewRat(r.Start, 1)) >= 0 && ms.Cmp(big.NewRat(r.End, 1)) < 0 {
				exact, _ := ms.Float64()
				numbers, at = append(numbers, n), append(at, (exact-float64(r.Start-before))/1000)
			}
		}
		before += r.Len()
	}
	return numbers, at
}

const judgedRate = 8000

// heard is the sound of a file as mono samples from presentation time 0 on.
func heard(t testing.TB, path string) []float64 {
	t.Helper()
	raw := ff(t, "-copyts", "-i", path, "-map", "0:a:0", "-ac", "1", "-af", fmt.Sprintf("aresample=%d:async=1:first_pts=0", judgedRate), "-f", "f32le", "-")
	samples := make([]float64, len(raw)/4)
	for i := range samples {
		samples[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
	}
	return samples
}

// shifts tells for each part that is long and loud enough by how many milliseconds its sound is off; 999 for a wrong sound.
func shifts(source, result []float64, kept []Range) []float64 {
	const reach = judgedRate / 20
	var off []float64
	before := int64(0)
	for _, r := range kept {
		middle := func(start int64) int { return int(start+r.Len()/2) * judgedRate / 1000 }
		size := int(min(r.Len()-100, 300)) * judgedRate / 1000
		from, to := middle(r.Start)-size/2, middle(before)-size/2
		before += r.Len()
		if size < judgedRate/5 || from < reach || from+size+reach > len(source) {
			continue
		}
		around := source[from-reach : from+size+reach]
		if energy(around) < 1e-4*float64(len(around)) {
			continue
		}
		if to+size > len(result) {
			off = append(off, 999)
			continue
		}
		off = append(off, lag(around, result[to:to+size], reach))
	}
	return off
}

func energy(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return sum
}

// lag finds where piece is most like around; in milliseconds from the middle.
func lag(around, piece []float64, reach int) float64 {
	best, likeness := 0, 0.0
	for d := range 2*reach + 1 {
		dot, here := 0.0, around[d:d+len(piece)]
		for i, v := range piece {
			dot += v * here[i]
		}
		if l := dot / math.Sqrt(max(energy(here)*energy(piece), 1e-12)); l > likeness {
			best, likeness = d, l
		}
	}
	if likeness < 0.5 {
		return 999
	}
	return float64(reach-best) * 1000 / judgedRate
}

// wantLengths checks that every stream of a result lasts total milliseconds and that the frames' times are at.
func wantLengths(t testing.TB, path string, total int64, at []float64) {
	t.Helper()
	info, err := Inspect(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range info.Streams {
		if !near(s.End, total, 1) {
			t.Errorf("%s ends at %d ms, want %d", s.Kind, s.End, total)
		}
	}
	if at == nil {
		return
	}
	got := frameTimes(t, path)
	if len(got) != len(at) {
		t.Fatalf("%d frames, want %d", len(got), len(at))
	}
	for i := range at {
		if f, _ := got[i].Float64(); math.Abs(f-at[i]) > 0.00002 {
			t.Fatalf("frame %d is at %.6f s, want %.6f", i, f, at[i])
		}
	}
}

// randomKept are n+1 ranges, none empty, none touching.
func randomKept(random *rand.Rand, duration int64, cuts int) []Range {
	points := map[int64]bool{}
	for len(points) < 2*cuts {
		points[1+random.Int64N(duration-1)] = true
	}
	var kept []Range
	start, open := int64(0), true
	for ms := range duration + 1 {
		if points[ms] || ms == duration {
			if open && ms > start {
				kept = append(kept, Range{start, ms})
			}
			start, open = ms, !open
		}
	}
	return kept
}
