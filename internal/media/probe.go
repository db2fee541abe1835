package media

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"

	"golang.org/x/text/language"
)

// probed is ffprobe's JSON, as far as it is used.
type probed struct {
	Format struct {
		Name     string            `json:"format_name"`
		Start    string            `json:"start_time"`
		Duration string            `json:"duration"`
		Tags     map[string]string `json:"tags"`
	} `json:"format"`
	Streams []probedStream `json:"streams"`
}

type probedStream struct {
	Index       int               `json:"index"`
	ID          string            `json:"id"`
	Kind        string            `json:"codec_type"`
	Codec       string            `json:"codec_name"`
	Profile     string            `json:"profile"`
	PixelFormat string            `json:"pix_fmt"`
	Width       int               `json:"width"`
	Height      int               `json:"height"`
	Aspect      string            `json:"sample_aspect_ratio"`
	FieldOrder  string            `json:"field_order"`
	Average     string            `json:"avg_frame_rate"`
	Real        string            `json:"r_frame_rate"`
	TimeBase    string            `json:"time_base"`
	Start       string            `json:"start_time"`
	Duration    string            `json:"duration"`
	SampleRate  string            `json:"sample_rate"`
	Channels    int               `json:"channels"`
	Disposition map[string]int    `json:"disposition"`
	Tags        map[string]string `json:"tags"`
	SideData    []struct {
		Rotation float64 `json:"rotation"`
	} `json:"side_data_list"`
}

// parseProbe reads ffprobe's JSON into an Info without MIME and Size. Damaged values count as not known.
func parseProbe(data []byte) (Info, error) {
	var p probed
	if err := json.Unmarshal(data, &p); err != nil {
		return Info{}, err
	}
	info := Info{Container: p.Format.Name, origin: originOf(p)}
	if start, ok := seconds(p.Format.Start); ok {
		info.start = int64(math.Round(start * 1e6))
	}
	for _, s := range p.Streams {
		stream, ok := s.stream(info.origin)
		if !ok {
			continue
		}
		info.Streams = append(info.Streams, stream)
		if stream.Kind != Text {
			info.Duration = max(info.Duration, stream.End)
		}
	}
	return info, nil
}

// originOf is the container's time that is 0 on the timeline, in ms. MP4 and Matroska have a zero of their own, which
// browsers honour as well (a Matroska file that begins hours later was taken from a live stream); other containers
// begin anywhere. Rounded down, so that the first frame never lies before 0.
func originOf(p probed) int64 {
	start, ok := milliseconds(p.Format.Start, math.Floor)
	switch {
	case !ok, strings.HasPrefix(p.Format.Name, "mov"):
		return 0
	case strings.HasPrefix(p.Format.Name, "matroska") && start < 10_000:
		return 0
	}
	return start
}

func (s probedStream) stream(origin int64) (Stream, bool) {
	stream := Stream{
		Index: s.Index, Kind: s.kind(), Codec: s.Codec, Profile: s.Profile, Language: languageCode(s.Tags["language"]),
		timeBase: ratio(s.TimeBase),
	}
	if id, err := strconv.ParseInt(s.ID, 0, 32); err == nil {
		stream.id = int(id)
	}
	start, ok := milliseconds(s.Start, math.Floor)
	if ok {
		stream.Start = max(0, start-origin)
	}
	if length, ok := seconds(s.Duration); ok {
		from, _ := seconds(s.Start)
		stream.End = max(0, toMilliseconds(from+length, math.Round)-origin)
	}
	switch stream.Kind {
	case Video:
		s.picture(&stream)
	case Audio:
		stream.Channels = s.Channels
		stream.SampleRate, _ = strconv.Atoi(s.SampleRate)
	case Text:
	default:
		return Stream{}, false
	}
	return stream, true
}

// kind tells covers and thumbnails from moving pictures.
func (s probedStream) kind() Kind {
	switch s.Kind {
	case "video":
		if s.Disposition["attached_pic"] == 1 || s.Disposition["timed_thumbnails"] == 1 || s.Disposition["still_image"] == 1 {
			return ""
		}
		return Video
	case "audio":
		return Audio
	case "subtitle":
		return Text
	}
	return ""
}

func (s probedStream) picture(stream *Stream) {
	stream.PixelFormat, stream.Width, stream.Height = s.PixelFormat, s.Width, s.Height
	for _, side := range s.SideData {
		if side.Rotation != 0 {
			turns := int(math.Round(-side.Rotation/90)) % 4
			stream.Rotation = (turns + 4) % 4 * 90
		}
	}
	stream.aspect = ratio(strings.Replace(s.Aspect, ":", "/", 1))
	if a := stream.aspect.Float(); a < 0.1 || a > 10 {
		stream.aspect = Ratio{1, 1}
	}
	if stream.Rotation%180 == 90 {
		stream.aspect = Ratio{stream.aspect.Den, stream.aspect.Num}
		stream.Width, stream.Height = stream.Height, stream.Width
	}
	switch s.FieldOrder {
	case "tt", "bb", "tb", "bt":
		stream.Interlaced = true
	}
	average, exact := ratio(s.Average), ratio(s.Real)
	stream.FrameRate = average
	a, r := average.Float(), exact.Float()
	if r > 0 && (a == 0 || math.Abs(a-r)/r < 0.002) {
		stream.FrameRate = exact // an average over few frames is a little off
	}
	stream.Variable = a > 0 && r > 0 && math.Abs(a-r)/r >= 0.002
}

func ratio(text string) Ratio {
	num, den, _ := strings.Cut(text, "/")
	n, err1 := strconv.ParseInt(num, 10, 64)
	d, err2 := strconv.ParseInt(den, 10, 64)
	if err1 != nil || err2 != nil || n <= 0 || d <= 0 {
		return Ratio{}
	}
	short := big.NewRat(n, d)
	return Ratio{short.Num().Int64(), short.Denom().Int64()}
}

// seconds reads a time of ffprobe; false for "N/A" and for what no recording can have (more than a year).
func seconds(text string) (float64, bool) {
	s, err := strconv.ParseFloat(text, 64)
	return s, err == nil && math.Abs(s) < 366*24*3600
}

func milliseconds(text string, round func(float64) float64) (int64, bool) {
	s, ok := seconds(text)
	if !ok {
		return 0, false
	}
	return toMilliseconds(s, round), true
}

// toMilliseconds rounds after dropping what the float adds to six decimals.
func toMilliseconds(s float64, round func(float64) float64) int64 {
	return int64(round(math.Round(s*1e6) / 1e3))
}

// languageCode is ISO 639-2 ("ger") as the shortest BCP 47 code ("de").
func languageCode(tag string) string {
	if len(tag) < 2 || len(tag) > 16 {
		return ""
	}
	base, err := language.Parse(tag)
	if err != nil || base == language.Und {
		return ""
	}
	return base.String()
}
