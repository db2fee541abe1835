package edit

import (
	"context"

	"cutroom/internal/event"
	"cutroom/internal/storage"
	"cutroom/internal/tenant"
)

// LinesFrom gives a Store.Lines that reads WebVTT and SubRip files.
func LinesFrom(files storage.Store) func(context.Context, tenant.ID, string) ([]Cue, error) {
	return func(ctx context.Context, t tenant.ID, path string) ([]Cue, error) {
		parsed, err := event.ReadSubtitles(ctx, files, t, path)
		if err != nil {
			return nil, err
		}
		var lines []Cue
		for _, c := range parsed.Cues() {
			lines = append(lines, Cue{ID: c.ID, Start: c.Start, End: c.End, Text: c.Text})
		}
		return lines, nil
	}
}
