package media

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"time"
)

// Sheet tells how the pictures lie on a storyboard: left to right, then down.
type Sheet struct {
	Columns, Rows int
	Width, Height int   // of one picture, in pixels
	Count         int   // pictures; the last row may be short
	Interval      int64 // ms: picture n shows what is seen at n × Interval
}

const (
	sheetColumns  = 10
	pictureWidth  = 160
	mostPictures  = 1440
	tallestOnPage = 60000 // pixels; JPEG ends at 65535
)

// sheetOf lays out the storyboard of a recording: a hundred pictures, one to ten seconds apart, further apart beyond four hours.
func sheetOf(duration int64, width, height int) Sheet {
	interval := min(max(duration/100, 1000), 10_000)
	if duration > interval*mostPictures {
		interval = (duration + mostPictures - 1) / mostPictures
	}
	s := Sheet{Columns: sheetColumns, Width: pictureWidth, Interval: interval, Count: int((duration + interval - 1) / interval)}
	s.Rows = (s.Count + s.Columns - 1) / s.Columns
	s.Height = even(math.Round(float64(s.Width) * float64(height) / float64(width)))
	s.Height = min(max(s.Height, 16), even(float64(min(2*s.Width, tallestOnPage/s.Rows))))
	return s
}

func even(v float64) int { return max(2, int(v)/2*2) }

// Storyboard writes one JPEG with small pictures of the whole recording to out. Where key frames are close enough only
// they are decoded, and a picture is the key frame nearest to its moment. A file without picture is refused with kind Invalid.
func Storyboard(ctx context.Context, path, out string) (Sheet, error) {
	info, err := Inspect(ctx, path)
	if err != nil {
		return Sheet{}, err
	}
	video := info.Video()
	if video == nil {
		return Sheet{}, noPicture()
	}
	list, err := readPackets(ctx, path, video.Index)
	if err != nil {
		return Sheet{}, explain(err, unreadable())
	}
	sheet := sheetOf(info.Duration, video.shownWidth(), video.Height)
	skip, round := "default", "up"
	if gap := video.milliseconds(list.widestGap()); len(list.keys) > 1 && gap <= sheet.Interval {
		skip, round = "nokey", "near"
	}
	w, err := newWorkplace(out)
	if err != nil {
		return Sheet{}, err
	}
	defer w.remove()
	err = sheet.draw(ctx, path, info, skip, round, w.path("sheet.jpg"))
	if err != nil {
		return Sheet{}, explain(err, unreadable())
	}
	return sheet, w.publish("sheet.jpg", out)
}

// draw runs ffmpeg. The fps filter with round=up gives as picture n the last frame whose time is not after n × Interval, with
// round=near the one nearest to it; the last frame is repeated to the end of the recording.
func (s Sheet) draw(ctx context.Context, path string, info Info, skip, round, out string) error {
	filter := fmt.Sprintf("setpts=PTS-%d/1000/TB,fps=1000/%d:start_time=0:round=%s:eof_action=pass,scale=%d:%d:flags=area,setsar=1,"+
		"tpad=stop=-1:stop_mode=clone,trim=end_frame=%d,tile=%dx%d,format=yuvj420p", info.origin, s.Interval, round, s.Width, s.Height, s.Count, s.Columns, s.Rows)
	err := program{
		name: "ffmpeg", limit: 4 * time.Hour,
		args: join(quiet, []string{"-threads", "2", "-skip_frame", skip}, input(path), []string{"-map", "0:" + strconv.Itoa(info.Video().Index),
			"-an", "-sn", "-dn", "-vf", filter, "-fps_mode", "passthrough", "-frames:v", "1", "-q:v", "5", "-c:v", "mjpeg", "-f", "image2", "-update", "1", fileURL(out)}),
	}.run(ctx)
	return wasWritten(out, err)
}

// wasWritten adds to err that ffmpeg wrote nothing, which is no error to it.
func wasWritten(path string, err error) error {
	if err != nil {
		return err
	}
	if stat, err := os.Stat(path); err != nil || stat.Size() == 0 {
		return errors.New("media: ffmpeg wrote no picture")
	}
	return nil
}
