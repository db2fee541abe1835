package demo

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

func TestPlanIsALectureWithPauses(t *testing.T) {
	t.Parallel()
	p := makePlan()
	if p.length < 150 || p.length > 210 {
		t.Errorf("lasts %.1f s, wanted about three minutes", p.length)
	}
	longest := 0.0
	for i, l := range p.lines {
		if l.end <= l.start || l.end > p.length {
			t.Errorf("line %q from %.2f to %.2f", l.text, l.start, l.end)
		}
		if i > 0 {
			longest = max(longest, l.start-p.lines[i-1].end)
		}
	}
	if longest < 4 {
		t.Errorf("longest pause %.1f s: there is no silence worth cutting out", longest)
	}
	if !strings.HasPrefix(p.captions(), "WEBVTT\n\n1\n00:00:01.500 --> ") {
		t.Errorf("captions begin with %.60q", p.captions())
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ffprobe"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("ffmpeg is missing: install it, on Debian and Ubuntu with apt-get install ffmpeg")
	}
	l, err := Render(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for file, streams := range map[string]string{l.Slides: "h264,aac", l.Camera: "h264"} {
		out, err := exec.Command("ffprobe", "-v", "error", "-show_entries", "stream=codec_name,duration", "-of", "csv=p=0", file).Output()
		if err != nil {
			t.Fatal(err)
		}
		var codecs []string
		for _, stream := range strings.Fields(string(out)) {
			codec, duration, _ := strings.Cut(stream, ",")
			codecs = append(codecs, codec)
			if seconds, err := strconv.ParseFloat(duration, 64); err != nil || seconds < makePlan().length-0.1 || seconds > makePlan().length+0.1 {
				t.Errorf("%s: stream %s, wanted %.1f s", file, stream, makePlan().length)
			}
		}
		if strings.Join(codecs, ",") != streams {
			t.Errorf("%s holds %v", file, codecs)
		}
	}
}
