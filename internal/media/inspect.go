package media

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"time"

	"cutroom/internal/fault"
)

// Greatest picture that is taken. Beyond it decoding alone needs gigabytes, and H.264 has no level for it.
const maxSide = 8192

// Inspect reads what the file at path holds. What is no media, is cut off, or holds neither picture nor sound is refused with
// a *fault.Error of kind Invalid. It reads no other file, whatever path's content asks for.
func Inspect(ctx context.Context, path string) (Info, error) {
	f, err := os.Open(path)
	if err != nil {
		return Info{}, err
	}
	defer f.Close()
	stat, err := f.Stat()
	if err != nil {
		return Info{}, err
	}
	if stat.Size() == 0 {
		return Info{}, emptyFile()
	}
	outer, err := readContent(f, stat.Size())
	if err != nil {
		return Info{}, err
	}
	if !outer.complete {
		return Info{}, cutOff()
	}
	data, err := probe(ctx, path, time.Minute, 16<<20, "-of", "json", "-show_format", "-show_streams")
	if err != nil {
		otherwise := notMedia()
		if outer.iso && outer.brand != "" && !outer.hasIndex {
			otherwise = cutOff()
		}
		return Info{}, explain(err, otherwise)
	}
	info, err := parseProbe(data)
	if err != nil {
		return Info{}, explain(err, notMedia())
	}
	info.Size = stat.Size()
	info.name(outer)
	info.trim(outer)
	if err := measure(ctx, path, &info); err != nil {
		return Info{}, err
	}
	return info, info.refuse()
}

// refuse tells why a file cannot be used though it is media.
func (i Info) refuse() error {
	video, audio := i.Video(), i.Audio()
	switch {
	case video == nil && audio == nil:
		return noStreams()
	case i.Duration <= 0:
		return noLength()
	case video != nil && (video.Width < 1 || video.Height < 1), audio != nil && (audio.Channels < 1 || audio.SampleRate < 1):
		return unreadable()
	case video != nil && (video.Width > maxSide || video.Height > maxSide):
		return fault.Newf(fault.Invalid, "media.too-large", "The picture is too large: %d × %d pixels; at most %d on a side are taken.",
			video.Width, video.Height, maxSide).With(map[string]any{"Width": video.Width, "Height": video.Height, "Most": maxSide})
	case i.Duration > 48*3600*1000:
		return fault.New(fault.Invalid, "media.too-long", "This recording is longer than 48 hours.")
	}
	return nil
}

// trim corrects the ends of tracks that begin late: ffprobe's duration of such a track may or may not hold the empty start.
func (i *Info) trim(outer content) {
	for n := range i.Streams {
		s := &i.Streams[n]
		if length := outer.lengths[s.id]; s.Start > 0 && length > s.Start {
			s.End = min(s.End, length)
		}
	}
}

// measure finds the ends of streams where the container does not tell them (recordings of live streams) or only guesses
// (MP3 and AAC without container): by the times of all packets.
func measure(ctx context.Context, path string, info *Info) error {
	guessed := info.Container != "mp4" && info.Container != "mov" && info.Container != "wav" && info.Container != "avi"
	info.Duration = 0
	for n := range info.Streams {
		s := &info.Streams[n]
		if s.Kind == Text || s != info.Video() && s != info.Audio() {
			continue
		}
		if s.End <= s.Start || guessed {
			if err := s.measure(ctx, path, info.origin); err != nil {
				return err
			}
		}
		info.Duration = max(info.Duration, s.End)
	}
	return nil
}

// probe runs ffprobe over path and returns what it wrote, at most most bytes.
func probe(ctx context.Context, path string, limit time.Duration, most int64, args ...string) ([]byte, error) {
	var out bytes.Buffer
	err := program{
		name: "ffprobe", args: join([]string{"-hide_banner", "-v", "error"}, args, input(path)), limit: limit,
		stdout: func(r io.Reader) error {
			n, err := io.Copy(&out, io.LimitReader(r, most+1))
			if err == nil && n > most {
				err = errors.New("media: ffprobe tells more than a media file can hold")
			}
			return err
		},
	}.run(ctx)
	return out.Bytes(), err
}
