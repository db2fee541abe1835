package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// errEnough is given by a reader that needs no more of a program's output: no error to the caller.
var errEnough = errors.New("media: enough was read")

// pcm is a form of raw samples.
type pcm struct {
	format   string // ffmpeg's name: "s16le", "f32le"
	rate     int    // samples a second
	channels int
}

// frame is the size of one sample of all channels in bytes.
func (p pcm) frame() int {
	if p.format == "s16le" {
		return 2 * p.channels
	}
	return 4 * p.channels
}

// layout is ffmpeg's name of a channel layout.
func (p pcm) layout() string {
	switch p.channels {
	case 1:
		return "mono"
	case 6:
		return "5.1"
	}
	return "stereo"
}

// decodeSound gives the sound of a file as raw samples whose first is at 0 of the timeline: gaps are filled with
// silence, what lies before 0 is left out, so that sample n is at n / rate seconds.
func decodeSound(ctx context.Context, path string, info Info, form pcm, sink func(io.Reader) error) error {
	stream := info.Audio()
	filter := ""
	if info.origin != 0 {
		filter = fmt.Sprintf("asetpts=PTS-%d/1000/TB,", info.origin)
	}
	filter += fmt.Sprintf("aresample=%d:async=1:first_pts=0,aformat=sample_fmts=%s:channel_layouts=%s",
		form.rate, map[string]string{"s16le": "s16", "f32le": "flt"}[form.format], form.layout())
	err := program{
		name: "ffmpeg",
		args: join(quiet, []string{"-threads", "1"}, input(path), []string{"-map", "0:" + strconv.Itoa(stream.Index), "-vn", "-sn", "-dn",
			"-af", filter, "-f", form.format, "pipe:1"}),
		stdout: sink,
	}.run(ctx)
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
