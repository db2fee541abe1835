package edit

import (
	"context"
	"io"

	"cutroom/internal/media"
	"cutroom/internal/storage"
	"cutroom/internal/tenant"
)

// LinesFrom gives a Store.Lines that reads WebVTT and SubRip files.
func LinesFrom(files storage.Store) func(context.Context, tenant.ID, string) ([]Cue, error) {
	return func(ctx context.Context, t tenant.ID, path string) ([]Cue, error) {
		file, err := files.Open(ctx, string(t), path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		text, err := io.ReadAll(file)
		if err != nil {
			return nil, err
		}
		parsed, err := media.ParseSubtitles(text)
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
