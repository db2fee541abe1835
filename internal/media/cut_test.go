package media

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"cutroom/internal/fault"
)

// judge cuts a numbered clip and compares frames, times, sound and lengths with the rule.
func judge(t *testing.T, source string, kept []Range, duration int64) Result {
	t.Helper()
	info, err := Inspect(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.mp4")
	job := CutJob{Source: source, Kept: kept, Duration: duration, Video: true, Audio: info.Audio() != nil, Out: out}
	last := Progress{}
	result, err := Cut(t.Context(), job, func(p Progress) {
		if p.Fraction < last.Fraction || p.Fraction > 1 {
			t.Errorf("progress went from %v to %v", last, p)
		}
		last = p
	})
	if err != nil {
		t.Fatalf("%v\nkept %v", err, kept)
	}
	numbers, at := expected(frameTimes(t, source), kept, info.origin)
	if got := seen(t, out); !slices.Equal(got, numbers) {
		t.Errorf("frames %v\nwant %v\nkept %v", got, numbers, kept)
	}
	if result.Frames != len(numbers) || result.Duration != Total(kept) || result.Held {
		t.Errorf("result %+v", result)
	}
	wantLengths(t, out, Total(kept), at)
	if info.Audio() != nil {
		inSource := make([]Range, len(kept))
		for i, r := range kept {
			inSource[i] = Range{r.Start + info.origin, r.End + info.origin}
		}
		for part, ms := range shifts(heard(t, source), heard(t, out), inSource) {
			if ms > 2 || ms < -2 {
				t.Errorf("sound of part %d is off by %.1f ms", part, ms)
			}
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(out), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	return result
}

func TestCutIsExact(t *testing.T) {
	t.Parallel()
	for _, clip := range []struct {
		name, rate string
		count      int
		args       []string
	}{
		{"25.mp4", "25", 125, nil},
		{"2997.mp4", "30000/1001", 149, nil},
		{"2398.mp4", "24000/1001", 119, []string{"-video_track_timescale", "12288"}}, // times that the source itself rounds
		{"variable.mp4", "25", 125, []string{"-vf", "select='not(between(mod(n,17),3,9))',setpts='PTS+mod(N,3)*0.005/TB'", "-fps_mode", "vfr", "-enc_time_base", "1:1991"}},
		{"fine.mp4", "30000/1001", 149, []string{"-video_track_timescale", "10000000"}},
		{"live.mkv", "30000/1001", 149, nil}, // whole milliseconds
	} {
		t.Run(clip.name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(7, 7))
			source := numbered(t, clip.name, clip.count, clip.rate, 5, clip.args...)
			numbersOf := seen(t, source)
			if clip.name == "variable.mp4" { // the numbers seen are not the index: compare by index
				judgeVariable(t, source, numbersOf)
				return
			}
			lists := [][]Range{randomKept(random, 5000, 30)}
			if clip.name == "2997.mp4" {
				lists = append(lists, []Range{{0, 5000}}, []Range{{4000, 4040}}, randomKept(random, 5000, 2), randomKept(random, 5000, 100))
			}
			for _, kept := range lists {
				judge(t, source, kept, 5000)
			}
		})
	}
}

// judgeVariable is judge for a clip whose frame n does not show n.
func judgeVariable(t *testing.T, source string, numbersOf []int) {
	t.Helper()
	random := rand.New(rand.NewPCG(8, 8))
	for _, cuts := range []int{2, 30} {
		kept := randomKept(random, 5000, cuts)
		out := filepath.Join(t.TempDir(), "out.mp4")
		if _, err := Cut(t.Context(), CutJob{Source: source, Kept: kept, Duration: 5000, Video: true, Audio: true, Out: out}, nil); err != nil {
			t.Fatal(err)
		}
		indexes, at := expected(frameTimes(t, source), kept, 0)
		var want []int
		for _, i := range indexes {
			want = append(want, numbersOf[i])
		}
		if got := seen(t, out); !slices.Equal(got, want) {
			t.Errorf("frames %v\nwant %v\nkept %v", got, want, kept)
		}
		wantLengths(t, out, Total(kept), at)
	}
}

func TestCutOfOddSources(t *testing.T) {
	t.Parallel()
	kept := []Range{{500, 1510}, {2010, 2020}, {2500, 3990}}
	for name, args := range map[string][]string{
		"broadcast.ts":  {"-muxdelay", "1.4"},
		"interlaced.ts": {"-flags", "+ilme+ildct", "-c:v", "mpeg2video", "-q:v", "2", "-top", "1"},
		"ten-bit.mp4":   {"-pix_fmt", "yuv420p10le"},
		"full-444.mp4":  {"-pix_fmt", "yuvj444p"},
		"open-gop.mp4":  {"-x264-params", "open-gop=1:keyint=20:bframes=3"},
		"fragments.mp4": {"-movflags", "+frag_keyframe+empty_moov"},
		"vp8.webm":      {"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "2M", "-c:a", "libopus"},
		"late.mp4":      {"-vf", "setpts=PTS+0.3/TB"},
		"no-edit.mp4":   {"-use_editlist", "0"},
		"old.avi":       {"-c:v", "mpeg4", "-q:v", "2", "-bf", "0", "-c:a", "mp3"},
		"b-frames.avi":  {"-c:v", "mpeg4", "-q:v", "2", "-bf", "2", "-c:a", "mp3"},
		"no-sound.mov":  {"-an", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "2", "-bf", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judge(t, numbered(t, name, 100, "25", 4, args...), kept, 4000)
		})
	}
}

func TestCutOfOddSizes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	turnedClip := filepath.Join(dir, "turned.mp4")
	ff(t, append(turned(t, dir, []string{"-f", "lavfi", "-i", "testsrc2=d=2:r=25:s=320x180"}), turnedClip)...)
	odd := filepath.Join(dir, "odd.mp4")
	ff(t, "-f", "lavfi", "-i", "testsrc2=d=2:r=25:s=321x181", "-c:v", "libx264", "-pix_fmt", "yuv444p", odd)
	one := filepath.Join(dir, "one.mkv")
	ff(t, "-f", "lavfi", "-i", "testsrc2=d=1:r=25:s=16x16", "-vf", "scale=1:1", "-c:v", "ffv1", "-pix_fmt", "yuv444p", one)
	flat := filepath.Join(dir, "flat.mp4")
	ff(t, "-f", "lavfi", "-i", "testsrc2=d=1:r=25:s=320x180", "-vf", "setsar=3/4", flat)
	small, large, growing := filepath.Join(dir, "a.ts"), filepath.Join(dir, "b.ts"), filepath.Join(dir, "growing.ts")
	ff(t, "-f", "lavfi", "-i", "testsrc2=d=1:r=25:s=160x90", "-bf", "0", small)
	ff(t, "-f", "lavfi", "-i", "testsrc2=d=1:r=25:s=320x180", "-bf", "0", "-output_ts_offset", "1", large)
	var both []byte
	for _, p := range []string{small, large} {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		both = append(both, b...)
	}
	if err := os.WriteFile(growing, both, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]Picture{turnedClip: {180, 320}, odd: {320, 180}, one: {2, 2}, flat: {320, 180}, growing: {160, 90}} {
		t.Run(filepath.Base(path), func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out.mp4")
			r, err := Cut(t.Context(), CutJob{Source: path, Kept: []Range{{200, 900}}, Duration: 2000, Video: true, Out: out}, nil)
			if err != nil {
				t.Fatal(err)
			}
			v := r.Info.Video()
			if v.Width != want.Width || v.Height != want.Height || v.Rotation != 0 || v.PixelFormat != "yuv420p" || !r.Info.Playable {
				t.Errorf("%+v", v)
			}
		})
	}
}

func TestCutOfRealClips(t *testing.T) {
	t.Parallel()
	for n, name := range realClips {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, out := fixture(t, name), filepath.Join(t.TempDir(), "out.mp4")
			info, err := Inspect(t.Context(), source)
			if err != nil {
				t.Fatal(err)
			}
			duration := info.Duration + 2000 // another track of the recording is longer
			kept := randomKept(rand.New(rand.NewPCG(3, uint64(n))), duration, 3)
			r, err := Cut(t.Context(), CutJob{Source: source, Kept: kept, Duration: duration, Video: info.Video() != nil, Audio: info.Audio() != nil, Out: out}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !r.Info.Playable || r.Info.Duration != Total(kept) || (r.Info.Video() != nil) != (info.Video() != nil) || (r.Info.Audio() != nil) != (info.Audio() != nil) {
				t.Errorf("%+v", r)
			}
			var at []float64
			if info.Video() != nil {
				_, at = expected(frameTimes(t, source), kept, 0)
				wantLikeness(t, source, out, kept)
			}
			wantLengths(t, out, Total(kept), at)
			if info.Audio() != nil {
				for part, ms := range shifts(heard(t, source), heard(t, out), kept) {
					if ms > 2 || ms < -2 {
						t.Errorf("sound of part %d is off by %.1f ms", part, ms)
					}
				}
			}
		})
	}
}

// wantLikeness compares the result's pictures with the source's, small and grey.
func wantLikeness(t *testing.T, source, result string, kept []Range) {
	t.Helper()
	grey := func(path string) []byte {
		return ff(t, "-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-vf", "scale=80:46:flags=area,format=gray", "-f", "rawvideo", "-")
	}
	const size = 80 * 46
	a, b := grey(source), grey(result)
	numbers, _ := expected(frameTimes(t, source), kept, 0)
	if len(b) != size*len(numbers) {
		t.Fatalf("%d frames, want %d", len(b)/size, len(numbers))
	}
	for i, n := range numbers {
		sum := 0
		for p := range size {
			d := int(a[n*size+p]) - int(b[i*size+p])
			sum += max(d, -d)
		}
		if sum > 6*size {
			t.Errorf("frame %d differs by %.1f of 255", n, float64(sum)/size)
		}
	}
}

func TestCutHoldsThePictureWhereNoneIsKept(t *testing.T) {
	t.Parallel()
	source := numbered(t, "slides.mp4", 8, "1", 8)
	for _, c := range []struct {
		kept []Range
		want int
	}{{[]Range{{2500, 2600}}, 2}, {[]Range{{2500, 2600}, {3100, 3500}}, 2}, {[]Range{{20_000, 21_000}}, 7}} {
		out := filepath.Join(t.TempDir(), "out.mp4")
		r, err := Cut(t.Context(), CutJob{Source: source, Kept: c.kept, Duration: 30_000, Video: true, Audio: true, Out: out}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := seen(t, out); !r.Held || !slices.Equal(got, []int{c.want}) {
			t.Errorf("%v: %+v shows %v", c.kept, r, got)
		}
		wantLengths(t, out, Total(c.kept), []float64{0})
	}
}

func TestCutStreamsAsChosen(t *testing.T) {
	t.Parallel()
	source := numbered(t, "both.mp4", 50, "25", 2)
	for _, c := range []struct{ video, audio bool }{{true, false}, {false, true}} {
		out := filepath.Join(t.TempDir(), "out.mp4")
		r, err := Cut(t.Context(), CutJob{Source: source, Kept: []Range{{300, 1500}}, Duration: 2000, Video: c.video, Audio: c.audio, Out: out}, nil)
		if err != nil || (r.Info.Video() != nil) != c.video || (r.Info.Audio() != nil) != c.audio || r.Info.Duration != 1200 {
			t.Errorf("%+v: %+v %v", c, r, err)
		}
	}
}

func TestCutRefuses(t *testing.T) {
	t.Parallel()
	sound := fixture(t, "speech2.mp4")
	for id, job := range map[string]CutJob{
		"media.nothing-left": {Source: sound, Kept: []Range{{10_000, 20_000}}, Duration: 8000, Audio: true},
		"media.no-track":     {Source: sound, Kept: []Range{{0, 1000}}, Duration: 8000},
		"media.no-picture":   {Source: sound, Kept: []Range{{0, 1000}}, Duration: 8000, Video: true},
		"media.no-sound":     {Source: fixture(t, "slides.mp4"), Kept: []Range{{0, 1000}}, Duration: 8000, Audio: true},
		"media.no-streams":   {Source: fixture(t, "broken-no-streams.mp4"), Kept: []Range{{0, 1000}}, Duration: 8000, Audio: true},
	} {
		job.Out = filepath.Join(t.TempDir(), "out.mp4")
		_, err := Cut(t.Context(), job, nil)
		if e := fault.As(err); e == nil || e.Kind != fault.Invalid || e.ID != id {
			t.Errorf("%s: %v", id, err)
		}
		if _, err := os.Stat(job.Out); err == nil {
			t.Errorf("%s: wrote a result", id)
		}
	}
}

func TestCutOfADamagedSource(t *testing.T) {
	t.Parallel()
	whole := numbered(t, "whole.mp4", 200, "25", 8, "-g", "10")
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(data) / 3; i < len(data)/3+3000; i++ {
		data[i] = byte(i * 31)
	}
	damaged := filepath.Join(t.TempDir(), "damaged.mp4")
	if err := os.WriteFile(damaged, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.mp4")
	r, err := Cut(t.Context(), CutJob{Source: damaged, Kept: []Range{{0, 8000}}, Duration: 8000, Video: true, Audio: true, Out: out}, nil)
	if err != nil || r.Frames < 150 {
		t.Errorf("%+v %v", r, err)
	}
}

func TestPreviewIsPlayableWithTheSameTimes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"slides.mp4", "scene-change.mov", "speech2.mp4"} {
		source, out := fixture(t, name), filepath.Join(t.TempDir(), "out.mp4")
		info, err := Inspect(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Preview(t.Context(), source, out, nil)
		if err != nil || !r.Info.Playable || r.Info.Duration != info.Duration {
			t.Fatalf("%s: %+v %v", name, r, err)
		}
		if info.Video() != nil {
			if a, b := fmt.Sprint(frameTimes(t, source)), fmt.Sprint(frameTimes(t, out)); a != b {
				t.Errorf("%s: times %s, were %s", name, b, a)
			}
		}
	}
}
