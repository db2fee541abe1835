package media

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cutroom/internal/fault"
)

const fullVTT = `WEBVTT - Lecture 1
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000
Kind: captions

STYLE
::cue(b) { color: peachpuff; }

REGION
id:fred
width:40%

NOTE made by
hand

intro
00:00:01.000 --> 00:00:04.000 region:fred align:left
<v Ben>Hello <b>all</b> &amp; <i>you</i>
second  line	with tab

00:00:05.500 --> 01:00:06.000
<c.yellow.bg_blue>Grüße</c> <00:00:05.700>now

just a line that players skip

NOTE
the end
`

func TestVTTIsKeptByteForByte(t *testing.T) {
	t.Parallel()
	v, err := ParseVTT([]byte(fullVTT))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fullVTT, v.String()); diff != "" {
		t.Error(diff)
	}
	if cues := v.Cues(); len(cues) != 2 || cues[0].ID != "intro" || cues[0].Settings != "region:fred align:left" || cues[1].End != 3_606_000 {
		t.Errorf("%+v", cues)
	}
}

func TestVTTOfTheRealWorld(t *testing.T) {
	t.Parallel()
	cue := func(c Cue) []Cue { return []Cue{c} }
	for name, c := range map[string]struct {
		in   string
		want []Cue
	}{
		"mark, CRLF":            {"\ufeffWEBVTT\r\n\r\n1\r\n00:01.000 --> 00:02.000\r\nHi\r\n", cue(Cue{"1", 1000, 2000, "", "Hi"})},
		"old Mac":               {"WEBVTT\r\r00:01.000 --> 00:02.000\rHi", cue(Cue{"", 1000, 2000, "", "Hi"})},
		"comma, one digit":      {"WEBVTT\n\n0:00:01,5 --> 0:00:02,25\nHi", cue(Cue{"", 1500, 2250, "", "Hi"})},
		"no blank after head":   {"WEBVTT\n00:01.000 --> 00:02.000\nHi", cue(Cue{"", 1000, 2000, "", "Hi"})},
		"no blank between":      {"WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n00:02.000 --> 00:03.000\nHo", []Cue{{"", 1000, 2000, "", "Hi"}, {"", 2000, 3000, "", "Ho"}}},
		"no text":               {"WEBVTT\n\n00:01.000 --> 00:02.000 line:1\n\n", cue(Cue{"", 1000, 2000, "line:1", ""})},
		"no space, tabs":        {"WEBVTT\n\n00:01.000-->00:02.000\t line:1\nHi", cue(Cue{"", 1000, 2000, "line:1", "Hi"})},
		"Latin-1":               {"WEBVTT\n\n00:01.000 --> 00:02.000\nGr\xfc\xdfe \x80", cue(Cue{"", 1000, 2000, "", "Grüße €"})},
		"UTF-16":                {"\xff\xfeW\x00E\x00B\x00V\x00T\x00T\x00\n\x00\n\x000\x000\x00:\x000\x001\x00-\x00-\x00>\x000\x000\x00:\x000\x002\x00\n\x00H\x00", cue(Cue{"", 1000, 2000, "", "H"})},
		"ends before it begins": {"WEBVTT\n\n00:03.000 --> 00:02.000\nHi", cue(Cue{"", 3000, 2000, "", "Hi"})},
		"empty":                 {"WEBVTT", nil},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := ParseVTT([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, v.Cues()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSubtitlesRefused(t *testing.T) {
	t.Parallel()
	for in, line := range map[string]int{
		"":                                  1,
		"WEBVTTX\n":                         1,
		"<html>":                            1,
		"WEBVTT\n\n00:61.000 --> 00:02.000": 3,
		"WEBVTT\n\na\nb --> c\n":            4,
	} {
		_, err := ParseVTT([]byte(in))
		e := fault.As(err)
		if e == nil || e.Kind != fault.Invalid || e.Data["Line"] != line {
			t.Errorf("%q: %v, want line %d", in, err, line)
		}
	}
	for in, line := range map[string]int{"": 1, "hello\nworld": 1, "1\n00:00:01,000 --> nothing\nHi": 2, "1\n00:00:01,000 --> 00:00:02,000\nHi\n\nwhat\n": 5} {
		_, err := ParseSRT([]byte(in))
		e := fault.As(err)
		if e == nil || e.Kind != fault.Invalid || e.Data["Line"] != line {
			t.Errorf("%q: %v, want line %d", in, err, line)
		}
	}
}

func TestSRT(t *testing.T) {
	t.Parallel()
	in := "\ufeff1\r\n00:00:01,000 --> 00:00:02,500  X1:40 X2:600\r\n{\\an8}<font color=\"#ff0000\"><I>Tom</I> & Jerry</font>\r\n1 < 2 --> 3 &amp; so on\r\n\r\n\r\n" +
		"2\r\n00:00:03,000 --> 00:00:04,000\r\n\r\n3\r\n00:00:05,000 --> 00:00:06,000\r\nWhat\r\n4\r\n00:00:06,000 --> 00:00:07,000\r\n42"
	v, err := ParseSubtitles([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	want := []Cue{
		{"1", 1000, 2500, "", "<i>Tom</i> &amp; Jerry\n1 &lt; 2 --&gt; 3 &amp; so on"},
		{"2", 3000, 4000, "", ""},
		{"3", 5000, 6000, "", "What"},
		{"4", 6000, 7000, "", "42"},
	}
	if diff := cmp.Diff(want, v.Cues()); diff != "" {
		t.Error(diff)
	}
	again, err := ParseSubtitles([]byte(v.String()))
	if diff := cmp.Diff(v, again); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

func TestCuesOfUsersArePrintedSafely(t *testing.T) {
	t.Parallel()
	v := NewVTT([]Cue{{"a\n00:00.000 --> 00:09.000", 0, 1000, "line:1\n\nSTYLE", "one\n\nWEBVTT\r\n\r\n00:01.000 --> 00:02.000\ntwo"}, {"b", 1000, 2000, "", "three"}})
	again, err := ParseVTT([]byte(v.String()))
	if err != nil || len(again.Cues()) != 2 || len(again.Blocks) != 2 || again.Cues()[1].Text != "three" {
		t.Errorf("%v %+v", err, again)
	}
}

func TestCutVTT(t *testing.T) {
	t.Parallel()
	v := NewVTT([]Cue{
		{"gone", 0, 900, "", "x"},
		{"clipped", 500, 1500, "", "x"},
		{"whole", 1200, 1800, "line:0", "a<00:00:01.500>b<00:00:09.000>c"},
		{"one ms", 1999, 2500, "", "x"},
		{"over both", 1900, 3100, "", "x"},
		{"between", 2000, 3000, "", "x"},
		{"second", 3000, 3500, "", "x"},
		{"late", 3999, 9000, "", "x"},
		{"instant", 3200, 3200, "", "x"},
		{"backwards", 3300, 3200, "", "x"},
	})
	got := CutVTT(v, []Range{{3000, 4000}, {1000, 2000}})
	want := []Cue{
		{"clipped", 0, 500, "", "x"},
		{"whole", 200, 800, "line:0", "a<00:00:00.500>bc"},
		{"one ms", 999, 1000, "", "x"},
		{"over both", 900, 1100, "", "x"},
		{"second", 1000, 1500, "", "x"},
		{"late", 1999, 2000, "", "x"},
		{"instant", 1200, 1200, "", "x"},
	}
	if diff := cmp.Diff(want, got.Cues()); diff != "" {
		t.Error(diff)
	}
}

// TestCutVTTAgainstMilliseconds compares with the slow rule: a millisecond of a cue is shown in the result exactly if it was kept.
func TestCutVTTAgainstMilliseconds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const length = 200
		kept := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Range {
			a := rapid.Int64Range(0, length-1).Draw(t, "a")
			return Range{a, rapid.Int64Range(a, length).Draw(t, "b")}
		}), 1, 6).Draw(t, "kept")
		a := rapid.Int64Range(0, length-1).Draw(t, "start")
		cue := Cue{"c", a, rapid.Int64Range(a+1, length+20).Draw(t, "end"), "", "x"}
		var shown []int64
		at := int64(0)
		for ms := range int64(length) {
			inside := false
			for _, r := range kept {
				inside = inside || ms >= r.Start && ms < r.End
			}
			if inside {
				if ms >= cue.Start && ms < cue.End {
					shown = append(shown, at)
				}
				at++
			}
		}
		got := CutVTT(NewVTT([]Cue{cue}), kept).Cues()
		switch {
		case len(shown) == 0 && len(got) == 0:
		case len(shown) == 0 || len(got) != 1, got[0].Start != shown[0], got[0].End != shown[len(shown)-1]+1:
			t.Fatalf("%+v, shown %v", got, shown)
		}
	})
}

func FuzzVTT(f *testing.F) {
	for _, s := range []string{fullVTT, "WEBVTT", "WEBVTT\n\n\n00:01.000 --> 00:02.000\nHi\n\n \n\t\nSTYLE\n\nNOTE x\n-->", "WEBVTT\n--> \n-->\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := ParseVTT(data)
		if err != nil {
			if fault.As(err) == nil {
				t.Fatal(err)
			}
			return
		}
		again, err := ParseVTT([]byte(v.String()))
		if err != nil {
			t.Fatalf("%v in %q", err, v.String())
		}
		if diff := cmp.Diff(v, again); diff != "" {
			t.Fatal(diff)
		}
		CutVTT(v, []Range{{1000, 2000}, {3000, 4000}})
	})
}

func FuzzSRT(f *testing.F) {
	for _, s := range []string{"1\n00:00:01,000 --> 00:00:02,000\nHi\n", "1\n0:0:1 --> 0:0:2\n<b>&\n2\n00:00:01,000 --> 00:00:02,000", strings.Repeat("<", 99)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := ParseSRT(data)
		if err != nil {
			if fault.As(err) == nil {
				t.Fatal(err)
			}
			return
		}
		again, err := ParseVTT([]byte(v.String()))
		if err != nil {
			t.Fatalf("%v in %q", err, v.String())
		}
		if len(again.Cues()) != len(v.Cues()) {
			t.Fatalf("%d cues became %d: %q", len(v.Cues()), len(again.Cues()), v.String())
		}
	})
}
