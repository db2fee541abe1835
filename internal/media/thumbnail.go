package media

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// widest and highest a thumbnail gets; smaller pictures are not enlarged.
const thumbnailWidth, thumbnailHeight = 640, 640

// Picture is the size of an image in pixels.
type Picture struct{ Width, Height int }

// Thumbnail writes the picture that is seen at time at (ms) as JPEG to out. Beyond the end it is the last picture.
// A file without picture is refused with kind Invalid.
func Thumbnail(ctx context.Context, path string, at int64, out string) (Picture, error) {
	info, err := Inspect(ctx, path)
	if err != nil {
		return Picture{}, err
	}
	video := info.Video()
	if video == nil {
		return Picture{}, noPicture()
	}
	frame, err := frameAt(ctx, path, info, at)
	if err != nil {
		return Picture{}, explain(err, unreadable())
	}
	w, err := newWorkplace(out)
	if err != nil {
		return Picture{}, err
	}
	defer w.remove()
	size := fit(video.shownWidth(), video.Height)
	seek := max(0, frame*video.timeBase.Num*1_000_000/video.timeBase.Den-info.start-info.backOff()*1000)
	filter := fmt.Sprintf("select='gte(pts,%d)',scale=%d:%d:flags=area,setsar=1,format=yuvj420p", frame, size.Width, size.Height)
	err = program{
		name: "ffmpeg", limit: 10 * time.Minute,
		args: join(quiet, []string{"-threads", "2", "-noaccurate_seek", "-ss", microseconds(seek)}, input(path),
			[]string{"-map", "0:" + strconv.Itoa(video.Index), "-an", "-sn", "-dn", "-vf", filter, "-frames:v", "1", "-q:v", "3", "-c:v", "mjpeg",
				"-f", "image2", "-update", "1", fileURL(w.path("picture.jpg"))}),
	}.run(ctx)
	if err = wasWritten(w.path("picture.jpg"), err); err != nil {
		return Picture{}, explain(err, unreadable())
	}
	return size, w.publish("picture.jpg", out)
}

func fit(width, height int) Picture {
	scale := min(1, float64(thumbnailWidth)/float64(width), float64(thumbnailHeight)/float64(height))
	return Picture{even(float64(width)*scale + 0.5), even(float64(height)*scale + 0.5)}
}

// backOff is how far before a moment reading has to begin, in ms, to meet a key frame first: containers without an index are
// entered anywhere.
func (i Info) backOff() int64 {
	switch i.Container {
	case "mp4", "mov", "matroska", "webm", "avi":
		return 0
	}
	return 20_000
}

// frameAt is the time of the frame that is seen at time at, in ticks. Only the packets from the key frame before at are read.
func frameAt(ctx context.Context, path string, info Info, at int64) (int64, error) {
	video := info.Video()
	at = max(0, min(at, video.End-1)) + info.origin
	list := packets{}
	ahead := int64(1000) // frames are stored before those that they are predicted from: the last wanted may come after later ones
	if rate := video.FrameRate; rate.Num > 0 {
		ahead += 20_000 * rate.Den / rate.Num
	}
	from, to := max(0, at-info.backOff()), at+ahead
	interval := fmt.Sprintf("%d.%03d%%%d.%03d", from/1000, from%1000, to/1000, to%1000)
	err := program{
		name: "ffprobe", limit: probeTime,
		args: join([]string{"-hide_banner", "-v", "error", "-of", "csv=p=0", "-select_streams", strconv.Itoa(video.Index),
			"-read_intervals", interval, "-show_entries", "packet=pts,duration,flags"}, input(path)),
		stdout: list.read,
	}.run(ctx)
	if err != nil {
		return 0, err
	}
	limit := video.ceilTicks(at + 1)
	found, ok := int64(0), false
	for _, t := range list.times {
		if t < limit && (t > found || !ok) {
			found, ok = t, true
		}
	}
	return found, nil // 0: nothing is seen yet, the first one
}

func microseconds(us int64) string { return strconv.FormatInt(us, 10) + "us" }
