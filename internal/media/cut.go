package media

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sync/errgroup"

	"cutroom/internal/fault"
)

// CutJob says what to make of one source file. All times are milliseconds of the timeline, on which every source begins at 0.
type CutJob struct {
	Source   string
	Kept     []Range // any order; clipped to the timeline, touching ranges are one
	Duration int64   // of the whole timeline, which may be longer than this file
	Video    bool    // the picture goes into the result
	Audio    bool    // the sound goes into the result
	Out      string  // an .mp4; it appears when it is complete and checked
}

// Result is a finished cut.
type Result struct {
	Info     Info  // of the file written
	Duration int64 // ms: the kept lengths together, the same for every track of a recording
	Frames   int   // pictures in it
	Held     bool  // no picture of the source lies in the kept ranges: it shows the one seen where they begin
}

// encoding is what differs between a cut and a preview.
type encoding struct {
	preset string
	crf    int
	most   int // pixels, of the longer side; 0: as it is
}

// Cut encodes the kept ranges of one source file into Out, exact in MEDIA.md's sense; doc.go tells how. report may be nil.
// Errors: *fault.Error of kind Invalid for what the source or the job is to blame for, of kind Unavailable (id
// "disk-full") when the disk is full; ctx's error when it ended; anything else is ours.
func Cut(ctx context.Context, job CutJob, report func(Progress)) (Result, error) {
	return job.encode(ctx, encoding{preset: "veryfast", crf: 19}, report)
}

// Preview writes a copy of path to out that every browser plays and seeks in quickly: the same frames at the same times,
// at most 1280 pixels wide or high. report may be nil.
func Preview(ctx context.Context, path, out string, report func(Progress)) (Result, error) {
	info, err := Inspect(ctx, path)
	if err != nil {
		return Result{}, err
	}
	job := CutJob{Source: path, Kept: []Range{{0, info.Duration}}, Duration: info.Duration, Out: out, Video: info.Video() != nil, Audio: info.Audio() != nil}
	return job.encode(ctx, encoding{preset: "veryfast", crf: 23, most: 1280}, report)
}

// cutting is a cut under way.
type cutting struct {
	CutJob
	encoding
	workplace
	info    Info
	parts   []part
	total   int64        // ms of the result
	picture *picturePlan // nil without picture
	sound   *soundPlan   // nil without sound
}

func (job CutJob) encode(ctx context.Context, how encoding, report func(Progress)) (Result, error) {
	info, err := Inspect(ctx, job.Source)
	if err != nil {
		return Result{}, err
	}
	c := &cutting{CutJob: job, encoding: how, info: info, parts: partsOf(job.Kept, job.Duration)}
	c.total = lengthOf(c.parts)
	if err := c.plan(ctx); err != nil {
		return Result{}, explain(err, unreadable())
	}
	if c.workplace, err = newWorkplace(job.Out); err != nil {
		return Result{}, err
	}
	defer c.remove()
	if err := c.work(ctx, report); err != nil {
		return Result{}, explain(err, unreadable())
	}
	return c.finish(ctx)
}

// plan checks the job and decides which frames and samples go where.
func (c *cutting) plan(ctx context.Context) (err error) {
	switch {
	case c.total == 0:
		return fault.New(fault.Invalid, "media.nothing-left", "At least one part has to stay.")
	case !c.Video && !c.Audio:
		return fault.New(fault.Invalid, "media.no-track", "Neither the picture nor the sound was chosen.")
	case c.Video && c.info.Video() == nil:
		return noPicture()
	case c.Audio && c.info.Audio() == nil:
		return noSound()
	}
	if c.Video {
		if c.picture, err = planPicture(ctx, c.Source, c.info, c.parts); err != nil {
			return err
		}
	}
	if c.Audio {
		c.sound = planSound(*c.info.Audio(), c.parts, c.Duration, c.Video)
	}
	return nil
}

// work runs the encoder and, with sound, a decoder whose samples are cut here on their way through a pipe.
func (c *cutting) work(ctx context.Context, report func(Progress)) error {
	encoder, ctx := errgroup.WithContext(ctx)
	p := program{name: "ffmpeg", stdout: readProgress(c.total, report)}
	if c.sound != nil {
		r, w, err := os.Pipe()
		if err != nil {
			return err
		}
		p.extra = []*os.File{r}
		encoder.Go(func() error {
			defer w.Close()
			err := decodeSound(ctx, c.Source, c.info, c.sound.pcm, c.sound.cutter(w))
			if errors.Is(err, syscall.EPIPE) {
				return nil // the encoder is gone and tells why
			}
			return err
		})
	}
	args, err := c.arguments()
	if err != nil {
		if len(p.extra) > 0 {
			_ = p.extra[0].Close()
		}
		return errors.Join(err, encoder.Wait())
	}
	p.args = args
	encoder.Go(func() error { return p.run(ctx) })
	return encoder.Wait()
}

// arguments are those of the encoder: input 0 is the source's picture, the last input is the cut sound on descriptor 3.
func (c *cutting) arguments() ([]string, error) {
	var inputs, outputs []string
	if c.picture != nil {
		if err := os.WriteFile(c.path("filter"), []byte(c.picture.filter(c.shown())), 0o600); err != nil {
			return nil, err
		}
		inputs = join([]string{"-threads", "2"}, input(c.Source))
		outputs = []string{
			"-map", "0:" + strconv.Itoa(c.info.Video().Index), "-filter_script:v", c.path("filter"), "-fps_mode:v", "passthrough",
			"-enc_time_base:v", "1:" + strconv.Itoa(ticks), "-video_track_timescale", strconv.Itoa(ticks),
			"-c:v", "libx264", "-preset", c.preset, "-crf", strconv.Itoa(c.crf), "-pix_fmt", "yuv420p", "-threads", "2",
			"-g", "600", "-force_key_frames", "expr:gte(t,n_forced*2)",
		}
	}
	if s := c.sound; s != nil {
		inputs = append(inputs, "-f", s.format, "-ar", strconv.Itoa(s.rate), "-channel_layout", s.layout(), "-channels", strconv.Itoa(s.channels), "-i", "pipe:3")
		sound := 0
		if c.picture != nil {
			sound = 1
		}
		outputs = append(outputs, "-map", fmt.Sprintf("%d:0", sound), "-c:a", "aac", "-b:a", strconv.Itoa(s.bitRate()))
	}
	outputs = append(outputs, "-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-max_muxing_queue_size", "1000000",
		"-movie_timescale", strconv.Itoa(ticks), "-progress", "pipe:1", "-f", "mp4", fileURL(c.path("encoded.mp4")))
	return join(quiet, inputs, outputs), nil
}

// shown is the size of the result's picture: H.264 in 4:2:0 has even sides.
func (c *cutting) shown() Picture {
	v, scale := c.info.Video(), 1.0
	if longer := max(v.Width, v.Height); c.most > 0 && longer > c.most {
		scale = float64(c.most) / float64(longer)
	}
	return Picture{even(float64(v.Width) * scale), even(float64(v.Height) * scale)}
}

// finish checks what was encoded, completes its tables, and publishes it.
func (c *cutting) finish(ctx context.Context) (Result, error) {
	checked, err := completeMP4(ctx, c)
	if err != nil {
		return Result{}, explain(err, nil)
	}
	if err := c.publish("complete.mp4", c.Out); err != nil {
		return Result{}, err
	}
	info, err := Inspect(ctx, c.Out)
	if err != nil {
		return Result{}, err
	}
	return Result{Info: info, Duration: c.total, Frames: checked, Held: c.picture != nil && c.picture.held}, nil
}
