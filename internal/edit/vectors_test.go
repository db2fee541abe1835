package edit

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type vector struct {
	Name   string          `json:"name"`
	Source Source          `json:"source"`
	State  json.RawMessage `json:"state"`
	Op     json.RawMessage `json:"op"`
	Want   json.RawMessage `json:"want"`
	Refuse string          `json:"refuse"`
}

func vectors(t testing.TB) []vector {
	raw, err := os.ReadFile("testdata/timeline.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func read(t testing.TB, raw json.RawMessage) State {
	t.Helper()
	var st State
	if err := json.Unmarshal(raw, &st); err != nil {
		t.Fatal(err)
	}
	return st
}

func text(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func parseAndApply(src Source, st State, raw json.RawMessage) (State, error) {
	op, err := Parse(raw)
	if err != nil {
		return st, err
	}
	return Apply(src, st, op)
}

func TestSharedVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			st := read(t, v.State)
			before := text(t, st)
			got, err := parseAndApply(v.Source, st, v.Op)
			if code := CodeOf(err); code != v.Refuse {
				t.Fatalf("refused with %q (%v), want %q", code, err, v.Refuse)
			}
			if v.Refuse == "" {
				if diff := cmp.Diff(read(t, v.Want).filled(), got.filled()); diff != "" {
					t.Error(diff)
				}
			}
			if after := text(t, st); after != before {
				t.Errorf("the given state was changed: %s, was %s", after, before)
			}
		})
	}
}

func TestAnOpAndItsInverseLeaveNoTrace(t *testing.T) {
	for _, v := range vectors(t) {
		op, err := Parse(v.Op)
		if v.Refuse != "" || err != nil {
			continue
		}
		st := read(t, v.State)
		after, err := Apply(v.Source, st, op)
		if err != nil {
			t.Fatal(err)
		}
		for _, back := range Invert(v.Source, st, op) {
			if after, err = Apply(v.Source, after, back); err != nil {
				t.Errorf("%s: %v", v.Name, err)
			}
		}
		if !Equal(v.Source, after, st) {
			t.Errorf("%s: %s, want %s", v.Name, text(t, after), text(t, st))
		}
	}
}

func TestRefusedOps(t *testing.T) {
	src := Source{Duration: 10000, Tracks: []SourceTrack{{Asset: "a", Video: true, Audio: true}, {Asset: "t", Text: true}}, Pictures: []string{"p"}}
	for op, want := range map[string]string{
		`{"kind":"cut","start":0,"end":100,"keep":false,"padding":"x"}`:            "bad-op",
		`{"kind":"cut","start":0,"end":9007199254740993,"keep":true}`:              "bad-op",
		`{"kind":"cut","start":0,"end":null,"keep":true}`:                          "bad-op",
		`{"kind":"thumbnail","asset":"q"}`:                                         "unknown-asset",
		`{"kind":"thumbnail","asset":"p"}`:                                         "",
		`{"kind":"thumbnail","asset":""}`:                                          "",
		`{"kind":"thumbnail","asset":"","at":5}`:                                   "bad-op",
		`{"kind":"thumbnail","asset":null}`:                                        "bad-op",
		`{"kind":"track","asset":"t","video":true,"audio":true}`:                   "unknown-asset",
		`{"kind":"chapter","id":"c","at":0,"title":"a\u0000b"}`:                    "bad-op",
		`{"kind":"chapter","id":7,"at":0,"title":"a"}`:                             "bad-id",
		`{"kind":"cue","track":"t","id":"1","start":1e3,"end":2000.0,"text":"hi"}`: "",
		`"cut"`: "bad-op",
		``:      "bad-op",
	} {
		if _, err := parseAndApply(src, State{}, json.RawMessage(op)); CodeOf(err) != want {
			t.Errorf("%s: %q, want %q", op, CodeOf(err), want)
		}
	}
}
