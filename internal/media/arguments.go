package media

import "path/filepath"

// demuxers are the formats of real media. Everything that can name *other* files (playlists, concat scripts, manifests,
// image sequences, devices) is not among them, so that no upload can read a file beside it.
const demuxers = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,avi,flv,asf,mxf,ogg,wav,w64,mp3,flac,aac,ac3,eac3,aiff,caf,amr,dv,au,wv"

// protocols that may be opened at all.
const protocols = "file,pipe"

// input is how every untrusted file is opened: by an absolute "file:" URL, so that no name can be an option or another
// protocol, and with both whitelists. genpts fills in times that AVI leaves out.
func input(path string) []string {
	return []string{"-fflags", "+genpts", "-protocol_whitelist", protocols, "-format_whitelist", demuxers, "-i", fileURL(path)}
}

func fileURL(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return "file:" + path
}

// ffmpeg's arguments that every call begins with. -copyts keeps the presentation times of the container: without it
// ffmpeg moves the earliest stream of the file to 0.
var quiet = []string{"-nostdin", "-hide_banner", "-nostats", "-v", "error", "-y", "-copyts"}

func join(lists ...[]string) []string {
	var all []string
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}
