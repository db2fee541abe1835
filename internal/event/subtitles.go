package event

import (
	"context"
	"io"

	"cutroom/internal/media"
	"cutroom/internal/storage"
	"cutroom/internal/tenant"
)

// ReadSubtitles reads the WebVTT or SubRip file of a text track. fault.Invalid when it is neither.
func ReadSubtitles(ctx context.Context, files storage.Store, t tenant.ID, path string) (media.VTT, error) {
	f, err := files.Open(ctx, string(t), path)
	if err != nil {
		return media.VTT{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSubtitles))
	if err != nil {
		return media.VTT{}, err
	}
	return media.ParseSubtitles(text)
}
