package edit

import (
	"context"
	"slices"

	"cutroom/internal/tenant"
)

// hasLines says whether the state has its own lines of a text track, so that the file's count no more.
func hasLines(st State, track string) bool {
	return slices.ContainsFunc(st.Cues, func(c TrackCues) bool { return c.Track == track })
}

// loadLines gives a text track of the source its file's lines, once; nothing for other tracks.
func (s *Store) loadLines(ctx context.Context, t tenant.ID, d *desk, track string) error {
	path, isText := d.paths[track]
	if !isText || s.Lines == nil {
		return nil
	}
	lines, err := s.Lines(ctx, t, path)
	if err != nil {
		return err
	}
	for i := range d.src.Tracks {
		if d.src.Tracks[i].Asset == track {
			d.src.Tracks[i].Cues = Fit(lines, d.src.Duration)
		}
	}
	delete(d.paths, track)
	return nil
}

// loadForgotten loads the lines of tracks that only one of two states has its own lines of.
func (s *Store) loadForgotten(ctx context.Context, t tenant.ID, d *desk, past State) error {
	for _, st := range []State{d.state, past} {
		for _, c := range st.Cues {
			if hasLines(d.state, c.Track) == hasLines(past, c.Track) {
				continue
			}
			if err := s.loadLines(ctx, t, d, c.Track); err != nil {
				return err
			}
		}
	}
	return nil
}
