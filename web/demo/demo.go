// Package demo makes the sample lecture of the demo: slides that change, a lecturer's camera, a voice with pauses, and
// subtitles. All of it is drawn and sounded here, so nothing has to be downloaded or licensed; ffmpeg only encodes.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sync/errgroup"
)

// Title of the lecture.
const Title = "How rivers find the sea"

// Lecture is where the files of the lecture lie.
type Lecture struct {
	Slides   string // MP4, H.264 and AAC, 1280x720, 25 frames a second
	Camera   string // MP4, H.264, 640x360, 25 frames a second
	Captions string // WebVTT, English
}

// Render makes the lecture in dir, which must exist: about three minutes, in well under a minute on two cores.
func Render(ctx context.Context, dir string) (Lecture, error) {
	p := makePlan()
	voice := p.voice()
	sound := filepath.Join(dir, "voice.wav")
	l := Lecture{Slides: filepath.Join(dir, "slides.mp4"), Camera: filepath.Join(dir, "camera.mp4"), Captions: filepath.Join(dir, "captions.vtt")}
	if err := errors.Join(os.WriteFile(l.Captions, []byte(p.captions()), 0o600), writeWAV(sound, voice)); err != nil {
		return Lecture{}, err
	}
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error { return p.encodeSlides(ctx, dir, sound, l.Slides) })
	both.Go(func() error { return p.encodeCamera(ctx, voice, l.Camera) })
	return l, both.Wait()
}

// colours are named in the file, so that no player has to guess them.
const colours = "scale=in_range=full:out_range=tv:out_color_matrix=bt709,format=yuv420p"

func encoding(seconds float64) []string {
	return []string{"-t", fmt.Sprintf("%.2f", seconds), "-c:v", "libx264", "-preset", "ultrafast", "-crf", "25", "-threads", "1", "-g", "250",
		"-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-movflags", "+faststart"}
}

func (p plan) encodeSlides(ctx context.Context, dir, sound, to string) error {
	list, err := p.writeSlides(ctx, dir)
	if err != nil {
		return err
	}
	args := []string{"-f", "concat", "-i", list, "-i", sound, "-map", "0:v", "-map", "1:a", "-vf", colours + ",fps=25", "-c:a", "aac", "-b:a", "64k", "-ar", "48000"}
	return ffmpeg(ctx, nil, append(append(args, encoding(p.length)...), to))
}

func (p plan) encodeCamera(ctx context.Context, voice []float64, to string) error {
	frames, w := io.Pipe()
	go func() { w.CloseWithError(writeCamera(w, loudness(voice, cameraRate), p.length)) }()
	defer frames.Close()
	size := fmt.Sprintf("%dx%d", cameraWidth, cameraHeight)
	args := []string{"-f", "rawvideo", "-pixel_format", "yuv420p", "-video_size", size, "-framerate", fmt.Sprint(cameraRate), "-i", "pipe:0"}
	return ffmpeg(ctx, frames, append(append(args, encoding(p.length)...), to))
}

// ffmpeg runs to its end. It is killed with ctx, and by the kernel when this process dies: that signal comes with the end
// of the starting thread, so the thread is kept.
func ffmpeg(ctx context.Context, in io.Reader, args []string) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, "ffmpeg", append([]string{"-nostdin", "-v", "error", "-y"}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Stdin = in
	out, err := cmd.CombinedOutput()
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("ffmpeg: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return errors.Join(err, ctx.Err())
}
