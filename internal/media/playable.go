package media

import (
	"slices"
	"strings"
)

// name sets Container, MIME and Playable from the outer content and the streams.
func (i *Info) name(outer content) {
	format, _, _ := strings.Cut(i.Container, ",")
	switch {
	case format == "mov" && outer.brand == "qt", format == "mov" && outer.brand == "":
		i.Container = "mov"
	case format == "mov":
		i.Container = "mp4"
	case format == "matroska" && outer.docType == "webm":
		i.Container = "webm"
	default:
		i.Container = format
	}
	i.MIME = i.mime()
	i.Playable = i.playable()
}

// types of containers: with picture, with sound alone.
var types = map[string][2]string{
	"mp4":      {"video/mp4", "audio/mp4"},
	"mov":      {"video/quicktime", "audio/mp4"},
	"webm":     {"video/webm", "audio/webm"},
	"matroska": {"video/x-matroska", "audio/x-matroska"},
	"mpegts":   {"video/mp2t", "video/mp2t"},
	"mpeg":     {"video/mpeg", "audio/mpeg"},
	"avi":      {"video/x-msvideo", "audio/x-msvideo"},
	"flv":      {"video/x-flv", "video/x-flv"},
	"asf":      {"video/x-ms-wmv", "audio/x-ms-wma"},
	"mxf":      {"application/mxf", "application/mxf"},
	"ogg":      {"video/ogg", "audio/ogg"},
	"wav":      {"audio/wav", "audio/wav"},
	"w64":      {"audio/wav", "audio/wav"},
	"mp3":      {"audio/mpeg", "audio/mpeg"},
	"flac":     {"audio/flac", "audio/flac"},
	"aac":      {"audio/aac", "audio/aac"},
	"ac3":      {"audio/ac3", "audio/ac3"},
	"eac3":     {"audio/eac3", "audio/eac3"},
	"aiff":     {"audio/aiff", "audio/aiff"},
	"caf":      {"audio/x-caf", "audio/x-caf"},
	"amr":      {"audio/amr", "audio/amr"},
	"au":       {"audio/basic", "audio/basic"},
	"dv":       {"video/dv", "audio/dv"},
}

func (i *Info) mime() string {
	pair, known := types[i.Container]
	switch {
	case !known:
		return "application/octet-stream"
	case i.Video() == nil:
		return pair[1]
	}
	return pair[0]
}

// playableIn names what browsers play in each container: what Chromium, Firefox and Safari of the last years have in common.
var playableIn = map[string][]string{
	"mp4":  {"h264", "av1", "vp9", "aac", "mp3", "opus", "flac"},
	"mov":  {"h264", "aac", "mp3"},
	"webm": {"vp8", "vp9", "av1", "opus", "vorbis"},
	"ogg":  {"opus", "vorbis", "flac"},
	"wav":  {"pcm_s16le", "pcm_u8", "pcm_s24le", "pcm_f32le"},
	"mp3":  {"mp3"},
	"flac": {"flac"},
}

func (i *Info) playable() bool {
	codecs := playableIn[i.Container]
	if v := i.Video(); v != nil {
		flat := v.PixelFormat == "yuv420p" || v.PixelFormat == "yuvj420p"
		if !flat || v.Interlaced || !slices.Contains(codecs, v.Codec) {
			return false
		}
	}
	if a := i.Audio(); a != nil && !slices.Contains(codecs, a.Codec) {
		return false
	}
	return i.Video() != nil || i.Audio() != nil
}
