package media

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// lecture is 20 s of 720p with sound.
func lecture(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "lecture.mp4")
	ff(b, "-f", "lavfi", "-i", "testsrc2=d=20:r=25:s=1280x720", "-f", "lavfi", "-i", "sine=d=20:r=48000", "-c:v", "libx264", "-preset", "ultrafast", "-g", "250", "-c:a", "aac", path)
	return path
}

func BenchmarkInspect(b *testing.B) {
	path := lecture(b)
	for b.Loop() {
		if _, err := Inspect(b.Context(), path); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCut(b *testing.B) {
	path, out := lecture(b), filepath.Join(b.TempDir(), "out.mp4")
	kept := randomKept(rand.New(rand.NewPCG(1, 1)), 20_000, 4)
	for b.Loop() {
		if _, err := Cut(b.Context(), CutJob{Source: path, Kept: kept, Duration: 20_000, Video: true, Audio: true, Out: out}, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(Total(kept))/1000*float64(b.N)/b.Elapsed().Seconds(), "x-real-time")
}

func BenchmarkWaveform(b *testing.B) {
	path, out := lecture(b), filepath.Join(b.TempDir(), "peaks")
	for b.Loop() {
		if err := Waveform(b.Context(), path, out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(20*float64(b.N)/b.Elapsed().Seconds(), "x-real-time")
}

func BenchmarkStoryboard(b *testing.B) {
	path, out := lecture(b), filepath.Join(b.TempDir(), "sheet.jpg")
	for b.Loop() {
		if _, err := Storyboard(b.Context(), path, out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(20*float64(b.N)/b.Elapsed().Seconds(), "x-real-time")
}

func BenchmarkParseVTT(b *testing.B) {
	file := []byte(NewVTT(slices.Repeat([]Cue{{"1", 1000, 2000, "line:0", "Some words\nin two lines"}}, 2000)).String())
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := ParseVTT(file); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPeaks(b *testing.B) {
	samples := strings.Repeat("\x01\x20\xff\x90", 48000*60/2)
	b.SetBytes(int64(len(samples)))
	for b.Loop() {
		if _, err := readPeaks(strings.NewReader(samples), 48000); err != nil {
			b.Fatal(err)
		}
	}
}
