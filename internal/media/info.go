package media

// Kind of a stream.
type Kind string

const (
	Video Kind = "video" // moving picture; never a cover or a thumbnail
	Audio Kind = "audio"
	Text  Kind = "text"
)

// Ratio is an exact fraction, of frames a second or of seconds a tick.
type Ratio struct{ Num, Den int64 }

// Float is the ratio's value, 0 where it is not known.
func (r Ratio) Float() float64 {
	if r.Den == 0 {
		return 0
	}
	return float64(r.Num) / float64(r.Den)
}

// Info is what a media file holds. Times are milliseconds of presentation from the timeline's 0: edit lists are applied,
// and in containers without a zero of their own (MPEG-TS and the like) the first picture or sound is at 0.
type Info struct {
	Container string // "mp4", "mov", "webm", "matroska", or ffmpeg's short name of the format
	MIME      string // by content, lower case, without parameters
	Size      int64  // bytes
	Duration  int64  // ms from 0 to the end of the longest picture or sound
	Streams   []Stream
	Playable  bool // browsers play it as it is

	origin int64 // ms of the container's time that are 0 here
	start  int64 // µs of the container's first picture or sound, from which ffmpeg's -ss counts
}

// Stream is one stream of a file.
type Stream struct {
	Index    int // in the file
	Kind     Kind
	Codec    string // ffmpeg's name: "h264", "aac"
	Profile  string
	Language string // BCP 47, "" where unknown
	Start    int64  // ms of the first picture or sound
	End      int64  // ms of the end of the last; 0 where not known

	// of video
	PixelFormat   string
	Width, Height int   // as shown: after rotation
	Rotation      int   // degrees that the stored picture is turned when shown: 0, 90, 180, 270
	FrameRate     Ratio // frames a second on the average, exact; 0/0 where not known
	Variable      bool  // distances between frames differ: FrameRate is only the average
	Interlaced    bool

	// of audio
	Channels   int
	SampleRate int

	id       int   // in the container
	timeBase Ratio // seconds a tick
	aspect   Ratio // of one pixel as shown, width to height
}

// shownWidth is the width in square pixels.
func (s *Stream) shownWidth() int {
	return max(1, int(float64(s.Width)*s.aspect.Float()+0.5))
}

// Video is the stream that is used as the file's picture, its first; nil without one.
func (i Info) Video() *Stream { return i.first(Video) }

// Audio is the stream that is used as the file's sound, its first; nil without one.
func (i Info) Audio() *Stream { return i.first(Audio) }

func (i Info) first(kind Kind) *Stream {
	for n := range i.Streams {
		if i.Streams[n].Kind == kind {
			return &i.Streams[n]
		}
	}
	return nil
}
