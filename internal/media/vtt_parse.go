package media

import (
	"regexp"
	"strconv"
	"strings"

	"cutroom/internal/fault"
)

// ParseVTT reads a WebVTT file. It is as lenient as browsers are, and more: a byte order mark, any line ends, other
// encodings than UTF-8 (see text), commas in times, missing hours, cues without a blank line between them. What is no VTT
// is refused with a *fault.Error of kind Invalid that names the line.
func ParseVTT(data []byte) (VTT, error) {
	lines := strings.Split(text(data), "\n")
	head, ok := strings.CutPrefix(lines[0], "WEBVTT")
	if !ok || head != "" && head[0] != ' ' && head[0] != '\t' {
		return VTT{}, notVTT(1, "the first line has to begin with WEBVTT")
	}
	p := vttParser{lines: lines, at: 1}
	p.vtt.Header = head
	for p.more() && !isTiming(p.line()) {
		p.vtt.Header += "\n" + p.next()
	}
	for p.at < len(lines) {
		if p.line() == "" {
			p.at++
			continue
		}
		if err := p.block(); err != nil {
			return VTT{}, err
		}
	}
	return p.vtt, nil
}

func notVTT(line int, why string) *fault.Error {
	return fault.Newf(fault.Invalid, "media.bad-subtitles", "These subtitles cannot be read: line %d: %s.", line, why).
		With(map[string]any{"Line": line, "Why": why})
}

type vttParser struct {
	lines []string
	at    int
	vtt   VTT
}

func (p *vttParser) line() string { return p.lines[p.at] }
func (p *vttParser) more() bool   { return p.at < len(p.lines) && p.lines[p.at] != "" }

func (p *vttParser) next() string {
	p.at++
	return p.lines[p.at-1]
}

// block reads one block that begins here, up to a blank line.
func (p *vttParser) block() error {
	switch {
	case isTiming(p.line()):
		return p.cue("")
	case p.at+1 < len(p.lines) && isTiming(p.lines[p.at+1]):
		return p.cue(p.next())
	}
	kind := kindOf(p.line())
	raw := []string{p.next()}
	for p.more() && !(kind == OtherBlock && isTiming(p.line())) {
		raw = append(raw, p.next())
	}
	p.vtt.Blocks = append(p.vtt.Blocks, Block{Kind: kind, Raw: strings.Join(raw, "\n")})
	return nil
}

func kindOf(line string) BlockKind {
	word, rest, found := strings.Cut(line, " ")
	if !found {
		word, rest, _ = strings.Cut(line, "\t")
	}
	switch rest = strings.TrimSpace(rest); {
	case word == "NOTE":
		return NoteBlock
	case word == "STYLE" && rest == "":
		return StyleBlock
	case word == "REGION" && rest == "":
		return RegionBlock
	}
	return OtherBlock
}

func isTiming(line string) bool { return strings.Contains(line, "-->") }

// cue reads the line of times and the text, which ends at a blank line or, as browsers do it, where the next cue's times begin.
func (p *vttParser) cue(id string) error {
	c := Cue{ID: id}
	if err := c.times(p.next()); err != "" {
		return notVTT(p.at, err)
	}
	var body []string
	for p.more() && !isTiming(p.line()) {
		body = append(body, p.next())
	}
	c.Text = strings.Join(body, "\n")
	p.vtt.Blocks = append(p.vtt.Blocks, Block{Kind: CueBlock, Cue: c})
	return nil
}

// times reads "start --> end settings"; it returns what is wrong, or "".
func (c *Cue) times(line string) string {
	from, rest, _ := strings.Cut(line, "-->")
	rest = strings.TrimLeft(rest, " \t")
	to, settings := rest, ""
	if i := strings.IndexAny(rest, " \t"); i >= 0 {
		to, settings = rest[:i], strings.TrimSpace(rest[i:])
	}
	var ok1, ok2 bool
	c.Start, ok1 = parseTime(from)
	c.End, ok2 = parseTime(to)
	if c.Settings = settings; !ok1 || !ok2 {
		return "a time has to look like 00:01:02.345"
	}
	return ""
}

var timeForm = regexp.MustCompile(`^(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?$`)

// parseTime reads [h:]mm:ss[.mmm] with dot or comma.
func parseTime(s string) (int64, bool) {
	m := timeForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, false
	}
	number := func(s string) int64 { n, _ := strconv.ParseInt(s, 10, 64); return n }
	if number(m[2]) > 59 || number(m[3]) > 59 {
		return 0, false
	}
	fraction := (m[4] + "000")[:3]
	return ((number(m[1])*60+number(m[2]))*60+number(m[3]))*1000 + number(fraction), true
}
