package jobs

import (
	"context"
	"html"
	"os"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/media"
)

// texts cuts subtitles and chapters as the pictures were cut.
func (r *rendering) texts(ctx context.Context) error {
	for _, t := range r.src.Tracks {
		source := r.assets[event.AssetID(t.Asset)]
		if !source.Has("text") || source.Has("video") || source.Has("audio") {
			continue
		}
		text, edited, err := r.subtitles(ctx, source)
		if err != nil {
			return err
		}
		stream := event.Stream{Kind: "text", TextKind: "subtitle", Origin: "manual"}
		for _, s := range source.Streams {
			if s.Kind == "text" && !edited {
				stream = s
			} else if s.Kind == "text" && s.TextKind != "" {
				stream.TextKind = s.TextKind
			}
		}
		if source.Language != nil {
			stream.Language = *source.Language
		}
		a := event.Asset{Flavor: "captions/delivery", Language: source.Language, Tags: source.Tags, Streams: []event.Stream{stream}}
		if err := r.text(ctx, text, "captions.vtt", a); err != nil {
			return err
		}
	}
	return r.chapters(ctx)
}

// subtitles are the lines of a text track: those that people changed here, else its file, without loss.
func (r *rendering) subtitles(ctx context.Context, source event.Asset) (text media.VTT, edited bool, err error) {
	for _, track := range r.state.Cues {
		if track.Track == string(source.ID) {
			return media.NewVTT(cuesOf(track.Cues)), true, nil
		}
	}
	text, err = event.ReadSubtitles(ctx, r.Files, r.Args.Tenant, source.Path)
	return text, false, err
}

func cuesOf(cues []edit.Cue) []media.Cue {
	all := make([]media.Cue, len(cues))
	for i, c := range cues {
		all[i] = media.Cue{ID: c.ID, Start: c.Start, End: c.End, Text: c.Text}
	}
	return all
}

// chapters makes a text track of the edit's chapters: each lasts until the next one begins.
func (r *rendering) chapters(ctx context.Context) error {
	var cues []media.Cue
	for i, c := range r.state.Chapters {
		end := r.src.Duration
		if i+1 < len(r.state.Chapters) {
			end = r.state.Chapters[i+1].At
		}
		if c.At < end {
			cues = append(cues, media.Cue{ID: c.ID, Start: c.At, End: end, Text: html.EscapeString(c.Title)})
		}
	}
	if len(cues) == 0 {
		return nil
	}
	stream := event.Stream{Kind: "text", TextKind: "chapters", Origin: "manual"}
	return r.text(ctx, media.NewVTT(cues), "chapters.vtt", event.Asset{Flavor: "chapters/delivery", Streams: []event.Stream{stream}})
}

// text cuts a text and adds it as a public track.
func (r *rendering) text(ctx context.Context, text media.VTT, name string, a event.Asset) error {
	body := media.CutVTT(text, r.kept).String()
	made, _, err := r.cached(ctx, r.key("text", body), name, func(out string) (event.Asset, error) {
		return event.Asset{}, os.WriteFile(out, []byte(body), 0o600)
	})
	if err != nil {
		return err
	}
	length := event.Milliseconds(r.length)
	a.Kind, a.MimeType, a.Duration = "track", "text/vtt", &length
	a.Path, a.Size, a.Checksum = made.Path, made.Size, made.Checksum
	r.add(a)
	return nil
}
