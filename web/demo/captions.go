package demo

import (
	"fmt"
	"strings"
)

// captions is the lecture's subtitles in WebVTT.
func (p plan) captions() string {
	var out strings.Builder
	out.WriteString("WEBVTT\n")
	for i, l := range p.lines {
		fmt.Fprintf(&out, "\n%d\n%s --> %s\n%s\n", i+1, clock(l.start), clock(l.end+0.2), l.text)
	}
	return out.String()
}

func clock(seconds float64) string {
	ms := int(seconds * 1000)
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3600000, ms/60000%60, ms/1000%60, ms%1000)
}
