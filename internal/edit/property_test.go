package edit

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

const length = 200

var painted = Source{Duration: length, Pictures: []string{"p"}, Tracks: []SourceTrack{
	{Asset: "a", Video: true, Audio: true, Duration: length}, {Asset: "b", Video: true, Duration: length},
	{Asset: "t", Text: true, Duration: length, Cues: []Cue{{"1", 0, 20, "one"}, {"2", 20, 50, "two"}}},
}}

func ranges(t *rapid.T) (start, end int64) {
	start = rapid.Int64Range(0, length-1).Draw(t, "start")
	return start, rapid.Int64Range(start+1, length).Draw(t, "end")
}

func anyOp(t *rapid.T) Op {
	at := rapid.Int64Range(1, length-1).Draw(t, "at")
	id := rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "id")
	start, end := ranges(t)
	return rapid.SampledFrom([]Op{
		Cut{start, end, rapid.Bool().Draw(t, "keep")}, Cut{start, end, false}, Split{at}, Join{at}, Join{at / 2 * 2},
		Track{rapid.SampledFrom([]string{"a", "b"}).Draw(t, "asset"), rapid.Bool().Draw(t, "video"), rapid.Bool().Draw(t, "audio")},
		SetThumbnail{"a", &at}, SetThumbnail{"p", nil}, SetThumbnail{},
		SetChapter{id, at, rapid.StringMatching(`[a-c]`).Draw(t, "title")}, RemoveChapter{id},
		SetCue{"t", Cue{id, start, end, "words"}}, RemoveCue{"t", id},
	}).Draw(t, "op")
}

// anyState paints some ops; refused ones leave it as it was.
func anyState(t *rapid.T) State {
	st := State{}
	for range rapid.IntRange(0, 12).Draw(t, "ops") {
		st, _ = Apply(painted, st, anyOp(t))
	}
	return st
}

func TestKeptIsWhatTheCutsPaint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		model := slices.Repeat([]bool{true}, length)
		st := State{}
		for range rapid.IntRange(1, 20).Draw(t, "cuts") {
			start, end := ranges(t)
			op := Cut{start, end, rapid.Bool().Draw(t, "keep")}
			next, err := Apply(painted, st, op)
			if err != nil {
				if CodeOf(err) != "nothing-left" {
					t.Fatal(err)
				}
				continue
			}
			st = next
			for i := start; i < end; i++ {
				model[i] = op.Keep
			}
		}
		got := make([]bool, length)
		for _, r := range Kept(painted, st) {
			for i := r.Start; i < r.End; i++ {
				got[i] = true
			}
		}
		if !slices.Equal(model, got) {
			t.Fatalf("removed %v is not what was painted", st.Removed)
		}
	})
}

func TestKeptAndRemovedAreTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		st := anyState(t)
		all := append(slices.Clone(st.Removed), Kept(painted, st)...)
		slices.SortFunc(all, func(a, b Range) int { return int(a.Start - b.Start) })
		at := int64(0)
		for _, r := range all {
			if r.Start != at || r.End <= r.Start {
				t.Fatalf("hole, overlap or empty range at %d: %v", at, all)
			}
			at = r.End
		}
		if at != length {
			t.Fatalf("ends at %d", at)
		}
		for i, r := range st.Removed[:max(0, len(st.Removed)-1)] {
			if r.End >= st.Removed[i+1].Start {
				t.Fatalf("touching ranges are not merged: %v", st.Removed)
			}
		}
	})
}

func TestApplyThenInvertIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		st, op := anyState(t), anyOp(t)
		before, _ := json.Marshal(st)
		after, err := Apply(painted, st, op)
		if err != nil {
			t.Skip("refused")
		}
		for _, back := range Invert(painted, st, op) {
			if after, err = Apply(painted, after, back); err != nil {
				t.Fatalf("%s: %v", Encode(back), err)
			}
		}
		if !Equal(painted, after, st) {
			t.Fatalf("%+v became %+v", st, after)
		}
		if now, _ := json.Marshal(st); string(now) != string(before) {
			t.Fatalf("the given state was changed: %s", now)
		}
	})
}

func TestDiffMakesOneStateTheOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, to := anyState(t), anyState(t)
		for _, op := range Diff(painted, from, to) {
			read, err := Parse(Encode(op))
			if err != nil {
				t.Fatalf("%s: %v", Encode(op), err)
			}
			if from, err = Apply(painted, from, read); err != nil {
				t.Fatalf("%s: %v", Encode(op), err)
			}
		}
		if left := Diff(painted, from, to); len(left) != 0 {
			t.Fatalf("left: %v", left)
		}
		if !slices.Equal(Kept(painted, from), Kept(painted, to)) {
			t.Fatalf("kept %v, want %v", Kept(painted, from), Kept(painted, to))
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add([]byte(v.Op))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		op, err := Parse(raw)
		if err != nil {
			if CodeOf(err) == "" {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		again, err := Parse(Encode(op))
		if err != nil || string(Encode(again)) != string(Encode(op)) {
			t.Fatalf("%s came back as %v, %v", Encode(op), again, err)
		}
		if st, err := Apply(painted, State{}, op); err == nil && len(Kept(painted, st)) == 0 {
			t.Fatalf("%s left nothing", Encode(op))
		}
	})
}
