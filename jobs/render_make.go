package jobs

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/media"
	"cutroom/internal/run"
)

// rendering is one attempt at a run.
type rendering struct {
	*Render
	*run.Held
	src    edit.Source
	state  edit.State
	kept   []media.Range
	length int64                         // ms of the result
	after  int64                         // seq of the event's last run before this one that was done; 0: none
	assets map[event.AssetID]event.Asset // all of the event
	dir    string                        // for this attempt alone: its name holds run and fence
	made   []event.Asset                 // public, of the result
	cuts   []cutTrack                    // in the order of the source
}

// cutTrack is a source track that goes in.
type cutTrack struct {
	source       event.Asset
	video, audio bool
	result       event.Asset
}

func (t cutTrack) kind() string { return strings.SplitN(t.source.Flavor, "/", 2)[0] }

// render makes all that a run shows in the end. Nothing of it can be seen before.
func (w *Render) render(ctx context.Context, h *run.Held) (run.Result, error) {
	r := &rendering{Render: w, Held: h}
	if err := r.load(ctx); err != nil {
		return run.Result{}, err
	}
	dir, remove, err := w.Files.Temp(ctx, r.tenant(), fmt.Sprintf("run-%s-%d", h.Run.ID, h.Fence))
	if err != nil {
		return run.Result{}, err
	}
	defer remove()
	r.dir = dir
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{{"cut", r.cut}, {"timeline", r.timeline}, {"thumbnail", r.thumbnail}, {"publish", r.texts}} {
		h.Step(step.name)
		if err := step.do(ctx); err != nil {
			return run.Result{}, err
		}
	}
	swap := event.Swap{Assets: r.made, Duration: event.Milliseconds(r.length), Rev: h.Run.Rev}
	return run.Result{Swap: func(ctx context.Context, tx pgx.Tx) error {
		return event.SwapTx(ctx, tx, h.Args.Event, swap)
	}}, nil
}

func (r *rendering) tenant() string { return string(r.Args.Tenant) }

// load reads the edit at the run's rev and the files that it is about.
func (r *rendering) load(ctx context.Context) error {
	r.assets = map[event.AssetID]event.Asset{}
	err := r.Runs.DB.Tx(ctx, r.Args.Tenant, func(tx pgx.Tx) error {
		var err error
		if r.src, r.state, err = r.Runs.Edits.AtTx(ctx, tx, r.Args.Tenant, r.Args.Event, edit.Rev(r.Run.Rev)); err != nil {
			return err
		}
		if r.after, err = run.LastDoneTx(ctx, tx, r.Run); err != nil {
			return err
		}
		all, err := event.AssetsTx(ctx, tx, r.Args.Event)
		for _, a := range all {
			r.assets[a.ID] = a
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, k := range edit.Kept(r.src, r.state) {
		r.kept = append(r.kept, media.Range{Start: k.Start, End: k.End})
	}
	r.length = media.Total(r.kept)
	for _, t := range r.src.Tracks {
		use := r.state.Use(t.Asset)
		c := cutTrack{source: r.assets[event.AssetID(t.Asset)], video: use.Video && t.Video, audio: use.Audio && t.Audio}
		if c.video || c.audio {
			r.cuts = append(r.cuts, c)
		}
	}
	if len(r.cuts) == 0 {
		return fault.New(fault.Invalid, "error.run-no-track", "At least one picture or sound has to go in.")
	}
	return nil
}

// cut makes the public tracks. A track that an earlier attempt made of the same source in the same way is used again.
func (r *rendering) cut(ctx context.Context) error {
	var whole, before float64
	for _, c := range r.cuts {
		whole += c.weight()
	}
	for i := range r.cuts {
		c := &r.cuts[i]
		r.Note(fmt.Sprintf("Cutting %s (%s): %s in %s.", c.kind(), c.words(), clock(r.length), parts(len(r.kept))))
		share := c.weight() / whole
		a, again, err := r.cached(ctx, r.cutKey(*c), c.kind()+".mp4", func(out string) (event.Asset, error) {
			return r.cutOne(ctx, *c, out, func(p media.Progress) { r.Progress(before+share*p.Fraction, p.Speed) })
		})
		if err != nil {
			return err
		}
		if again {
			r.Note(fmt.Sprintf("%s was made before and is used again.", c.kind()))
		}
		before += share
		r.Progress(before, 0)
		length := event.Milliseconds(r.length)
		a.Kind, a.Flavor, a.MimeType, a.Duration, a.Language, a.Tags = "track", c.kind()+"/delivery", "video/mp4", &length, c.source.Language, c.source.Tags
		if !c.video {
			a.MimeType = "audio/mp4"
		}
		c.result = r.add(a)
	}
	return nil
}

func (r *rendering) cutOne(ctx context.Context, c cutTrack, out string, report func(media.Progress)) (event.Asset, error) {
	local, release, err := r.Files.Local(ctx, r.tenant(), c.source.Path)
	if err != nil {
		return event.Asset{}, err
	}
	defer release()
	begun := time.Now()
	res, err := media.Cut(ctx, media.CutJob{Source: local, Kept: r.kept, Duration: r.src.Duration, Video: c.video, Audio: c.audio, Out: out}, report)
	if err != nil {
		return event.Asset{}, err
	}
	if seconds := time.Since(begun).Seconds(); seconds > 0 {
		r.Note(fmt.Sprintf("%s is cut: %.0f times real time.", c.kind(), float64(r.length)/1000/seconds))
	}
	var a event.Asset
	for _, s := range res.Info.Streams {
		a.Streams = append(a.Streams, event.StreamOf(s))
	}
	return a, nil
}

// add puts an asset among the public ones; it gets a new id when it is shown.
func (r *rendering) add(a event.Asset) event.Asset {
	a.ID, a.EventID, a.Source, a.Internal = "", r.Args.Event, false, false
	r.made = append(r.made, a)
	return a
}

// weight of a track in the progress: a picture takes about ten times as long as its sound.
func (t cutTrack) weight() float64 {
	w := 1.0
	if t.video {
		w += 10
	}
	return w * float64(max(*t.source.Duration, 1))
}

func (t cutTrack) words() string {
	switch {
	case t.video && t.audio:
		return "picture and sound"
	case t.video:
		return "picture"
	}
	return "sound"
}

func parts(n int) string {
	if n == 1 {
		return "one part"
	}
	return strconv.Itoa(n) + " parts"
}

// clock shows milliseconds as 1:02:03.
func clock(ms int64) string {
	s := (ms + 500) / 1000
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
