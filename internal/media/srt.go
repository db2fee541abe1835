package media

import (
	"regexp"
	"strconv"
	"strings"
)

// ParseSubtitles reads WebVTT or SubRip, whichever data is.
func ParseSubtitles(data []byte) (VTT, error) {
	if strings.HasPrefix(text(data[:min(len(data), 32)]), "WEBVTT") {
		return ParseVTT(data)
	}
	return ParseSRT(data)
}

// ParseSRT reads a SubRip file as VTT: times with comma, numbers as ids, <b>, <i>, <u> kept, other tags and {\an8} marks taken out, & and < that
// are text escaped. Lenient as ParseVTT; what holds no cue at all is refused with a *fault.Error that names the line.
func ParseSRT(data []byte) (VTT, error) {
	lines := strings.Split(text(data), "\n")
	var v VTT
	for at := 0; at < len(lines); {
		line := strings.TrimSpace(lines[at])
		switch {
		case line == "":
			at++
		case isSRTTiming(line):
			at = v.addSRT("", lines, at)
		case at+1 < len(lines) && isSRTTiming(lines[at+1]):
			at = v.addSRT(line, lines, at+1)
		default:
			return VTT{}, notVTT(at+1, "a number and then times like 00:01:02,345 --> 00:01:04,000 were expected")
		}
		if at < 0 {
			return VTT{}, notVTT(-at, "a time has to look like 00:01:02,345")
		}
	}
	if len(v.Blocks) == 0 {
		return VTT{}, notVTT(1, "there is no subtitle")
	}
	return v, nil
}

var srtTiming = regexp.MustCompile(`^\s*\d[\d:.,]*\s*-->`)

// isSRTTiming is stricter than isTiming: "-->" may stand in a SubRip text.
func isSRTTiming(line string) bool { return srtTiming.MatchString(line) }

// addSRT reads the cue whose times are in lines[at] and returns the line behind it; where the times are wrong, minus their line's number.
func (v *VTT) addSRT(id string, lines []string, at int) int {
	c := Cue{ID: id}
	if c.times(strings.TrimSpace(lines[at])) != "" {
		return -(at + 1)
	}
	c.Settings = "" // SubRip's X1: … Y2: mean nothing in WebVTT
	at++
	var body []string
	for ; at < len(lines); at++ {
		line := strings.TrimRight(lines[at], " \t")
		if line == "" || isSRTTiming(line) || beginsSRT(lines[at:]) && len(body) > 0 {
			break
		}
		body = append(body, line)
	}
	c.Text = srtText(strings.Join(body, "\n"))
	v.Blocks = append(v.Blocks, Block{Kind: CueBlock, Cue: c})
	return at
}

// beginsSRT tells whether a number and times follow without the blank line that should be before them.
func beginsSRT(lines []string) bool {
	_, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	return err == nil && len(lines) > 1 && isSRTTiming(lines[1])
}

var (
	srtMarks = regexp.MustCompile(`\{\\[^}\n]*\}`)
	srtTags  = regexp.MustCompile(`(?i)</?(?:b|i|u|font[^<>]*|s)>|&(?:amp|lt|gt|nbsp|lrm|rlm|quot|#\d{1,7});|[&<>]`)
)

func srtText(s string) string {
	s = srtTags.ReplaceAllStringFunc(srtMarks.ReplaceAllString(s, ""), func(m string) string {
		switch lower := strings.ToLower(m); lower {
		case "<b>", "</b>", "<i>", "</i>", "<u>", "</u>":
			return lower
		case "&":
			return "&amp;"
		case "<":
			return "&lt;"
		case ">":
			return "&gt;"
		}
		if m[0] == '&' {
			return m
		}
		return ""
	})
	return s
}
