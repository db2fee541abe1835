package jobs

import (
	"context"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"strconv"

	"cutroom/internal/event"
	"cutroom/internal/media"
)

// timeline makes the small pictures that players show over their time line, of each result with a picture.
func (r *rendering) timeline(ctx context.Context) error {
	for i, c := range r.cuts {
		if c.video {
			a, _, err := r.cached(ctx, r.key("storyboard", c.result.Checksum), "storyboard.jpg", func(out string) (event.Asset, error) {
				local, release, err := r.Files.Local(ctx, r.tenant(), c.result.Path)
				if err != nil {
					return event.Asset{}, err
				}
				defer release()
				sheet, err := media.Storyboard(ctx, local, out)
				return event.Asset{Properties: event.SheetProperties(sheet)}, err
			})
			if err != nil {
				return err
			}
			a.Kind, a.Flavor, a.MimeType = "attachment", c.kind()+"/timeline-preview", "image/jpeg"
			r.add(a)
		}
		r.Progress(float64(i+1)/float64(len(r.cuts)), 0)
	}
	return nil
}

// thumbnail makes the recording's picture: the moment or the image that the edit names, else one from the result, a fifth in.
func (r *rendering) thumbnail(ctx context.Context) error {
	if chosen := r.state.Thumbnail; chosen != nil {
		source, there := r.assets[event.AssetID(chosen.Asset)]
		switch {
		case there && chosen.At == nil && source.Kind == "attachment":
			return r.uploaded(ctx, source)
		case there && chosen.At != nil && source.Has("video"):
			return r.moment(ctx, source, *chosen.At)
		}
		r.Note("The chosen picture is not there any more; one is taken from the recording.")
	}
	for _, c := range r.cuts {
		if c.video {
			return r.moment(ctx, c.result, r.length/5)
		}
	}
	return nil // sound alone has no picture
}

// moment takes the picture that a file shows at a time (ms).
func (r *rendering) moment(ctx context.Context, from event.Asset, at int64) error {
	a, _, err := r.cached(ctx, r.key("thumbnail", from.Checksum, at), "thumbnail.jpg", func(out string) (event.Asset, error) {
		local, release, err := r.Files.Local(ctx, r.tenant(), from.Path)
		if err != nil {
			return event.Asset{}, err
		}
		defer release()
		p, err := media.Thumbnail(ctx, local, at, out)
		return event.Asset{Properties: size(p.Width, p.Height)}, err
	})
	if err != nil {
		return err
	}
	a.Kind, a.Flavor, a.MimeType = "attachment", "oc/thumbnail", "image/jpeg"
	r.add(a)
	return nil
}

// uploaded shows an image that somebody uploaded, as it is: the asset names the same file.
func (r *rendering) uploaded(ctx context.Context, source event.Asset) error {
	f, err := r.Files.Open(ctx, r.tenant(), source.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	a := event.Asset{Kind: "attachment", Flavor: "oc/thumbnail", MimeType: source.MimeType, Size: source.Size, Checksum: source.Checksum, Path: source.Path}
	if picture, _, err := image.DecodeConfig(f); err == nil {
		a.Properties = size(picture.Width, picture.Height)
	}
	r.add(a)
	return nil
}

func size(w, h int) map[string]string {
	return map[string]string{"w": strconv.Itoa(w), "h": strconv.Itoa(h)}
}
